"""The page in a real browser: every view of three real runs, keys, addresses, and words that would like to run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from browser import FAINT, LARGEST, NARROW, PICTURES, chromium, faults, opened, photographed
from command import COMMAND
from contemplate.text.visible import visible
from contemplate.types import AnswerKind
from contemplate.viewer import page, page_model
from hostile import PAYLOADS, hostile_run
from trace_page import a_run
from viewed import CASTS, TURNED, Viewed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_DATA = "JSON.parse(document.getElementById('data').textContent)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with chromium() as found:
        yield found


@pytest.mark.parametrize("name", CASTS)
def test_every_view_of_a_real_run(browser: Browser, viewed: Viewed, name: str) -> None:
    """Each can be opened and holds something; nothing is said in the console, nothing asked of anybody."""
    with opened(browser, viewed.file(name)) as it:
        assert it.views == ["story", "graph", "timeline", "transcript", "vote", *(["claims"] if name == "open" else [])]
        for view in it.views:
            assert len(it.view(view).inner_text()) > 100
            assert it.page.locator("[role=tabpanel]:visible").count() == 1
        assert it.quiet()


def test_who_won_dissents_and_turned(browser: Browser, viewed: Viewed) -> None:
    """The first screen says what won and by how much, who dissents, which turn changed the most minds, what it cost."""
    with opened(browser, viewed.file("debate")) as it:
        story = it.page.locator("#view-story").inner_text()

        for told in (
            "Won by plurality with 4 of 5 votes",
            "seat-4 holds 10",
            "changed the most minds: 1.propose/seat-3",
            "15 calls",
        ):
            assert told in story


def test_a_turn_is_chosen_and_left(browser: Browser, viewed: Viewed) -> None:
    """A click shows what it saw and what came of it; arrows move on, Esc closes, and the address says which it is."""
    with opened(browser, viewed.file("debate"), "#graph") as it:
        panel = it.page.locator("#panel")
        it.page.click("#view-graph [data-n='2']")
        assert "1.propose/seat-3" in panel.inner_text()
        assert "read by" in panel.inner_text()
        assert "changed from 10 to 5" in panel.inner_text()
        assert it.page.url.endswith("#turn-3")
        for key, turn in [
            ("ArrowRight", "2.revise/1/seat-3"),
            ("ArrowDown", "2.revise/1/seat-4"),
            ("ArrowLeft", "1.propose/seat-4"),
            ("ArrowUp", "1.propose/seat-3"),
        ]:
            it.page.keyboard.press(key)
            assert panel.locator("h2").inner_text().endswith(turn)
        it.page.keyboard.press("Escape")
        assert panel.is_hidden()
        assert it.page.url.endswith("#graph")
        it.page.go_back()
        assert panel.is_visible()
        assert it.quiet()


@pytest.mark.parametrize("address", ["#turn-8", "#turn-2.revise/1/seat-3", "#turn-2.revise%2F1%2Fseat-3"])
def test_an_address_leads_to_its_turn(browser: Browser, viewed: Viewed, address: str) -> None:
    """By number or by id, in the transcript, on the screen."""
    with opened(browser, viewed.file("debate"), address) as it:
        chosen = it.page.locator("article.chosen")
        assert chosen.locator("h3").inner_text().endswith("2.revise/1/seat-3 — 5")
        it.until("document.querySelector('article.chosen').getBoundingClientRect().top < innerHeight / 2")


@pytest.mark.parametrize("address", ["#turn-0", "#turn-999", "#turn-%E0%A4%A", "#nonsense", "#turn-__proto__"])
def test_an_address_that_leads_nowhere(browser: Browser, viewed: Viewed, address: str) -> None:
    """Is no error."""
    with opened(browser, viewed.file("debate"), address) as it:
        assert it.page.locator("[role=tabpanel]:visible").count() == 1
        assert it.quiet()


def test_search_and_filters(browser: Browser, viewed: Viewed) -> None:
    """What is looked for is counted and stays; the rest is hidden in the transcript, and fades in the graph."""
    with opened(browser, viewed.file("debate")) as it:
        it.page.keyboard.press("/")
        it.page.keyboard.type("too much")
        it.until("document.getElementById('count').textContent === '3 of 17 turns'")
        assert it.page.locator("article:visible").count() == 3
        it.page.select_option("[data-filter=seat]", label="seat-2")
        assert it.page.locator("article:visible h3 a").all_inner_texts() == ["2.revise/2/seat-2"]
        it.view("graph")
        assert it.page.locator(".node.off").count() == 16
        it.page.keyboard.press("Escape")
        assert it.page.locator(".node.off").count() == 0
        it.page.select_option("[data-filter=group]", index=2)
        assert it.page.locator("#count").inner_text() == "7 of 17 turns"


def test_the_prompt_unfolds(browser: Browser, viewed: Viewed) -> None:
    """As it was sent, with the words of others folded in it."""
    with opened(browser, viewed.file("debate"), "#turn-6") as it:
        article = it.page.locator("article.chosen")
        article.get_by_text("prompt as sent").click()
        assert "how many say a thing does not make it true" in article.inner_text()
        quoted = article.locator(".prompt details").first
        assert "Answer:" not in quoted.inner_text()
        quoted.locator("summary").click()
        quoted.locator(".words").wait_for()
        assert "Answer:" in quoted.inner_text()


def test_a_failed_turn_is_marked(browser: Browser, viewed: Viewed) -> None:
    """By a cross and a word, and not by colour alone."""
    with opened(browser, viewed.file("failed"), "#graph") as it:
        node = it.page.locator(".node.failed")
        assert (node.count(), node.locator(".cross").count(), node.locator(".what").text_content()) == (1, 1, "failed")


@pytest.mark.parametrize("kind", ["open", "text"])
def test_hostile_words_do_nothing(browser: Browser, tmp_path: Path, kind: AnswerKind) -> None:
    """In every field, in every view, unfolded: they are words, nothing runs, nothing loads, and the policy is never needed."""
    file = tmp_path / "hostile.html"
    file.write_text(page(page_model(hostile_run(kind=kind))), encoding="utf-8")
    with opened(browser, file) as it:
        for view in it.views:
            it.view(view)
            it.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            it.page.wait_for_timeout(50)
            it.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        it.view("graph")
        for number in range(len(PAYLOADS) + 1):
            it.page.evaluate(f"location.hash = '#turn-{number + 1}'")
            it.until(f"document.querySelector('#panel h2 span').textContent === {_DATA}.turns[{number}].id")
        it.page.wait_for_timeout(100)
        shown = it.page.evaluate("document.body.textContent")

        assert it.quiet()
        assert [] == [words for words in PAYLOADS if visible(words).split()[0] not in shown]
        assert (
            it.page.locator("main script, main iframe, main img, main style, main form, main input, main base, main meta").count()
            == 0
        )
        assert it.page.locator("a:not([href^='#turn-'])").count() == 0


def test_the_policy_is_in_force(browser: Browser, viewed: Viewed) -> None:
    """A script, a style or a picture that got into the page all the same would do nothing; the console would say so."""
    with opened(browser, viewed.file("debate")) as it:
        it.page.evaluate("""() => {
            const script = document.createElement("script");
            const style = document.createElement("style");
            try { script.textContent = "window.ran = 1"; } catch (error) { console.log(error.name); }
            style.textContent = "body { display: none }";
            document.head.append(script, style);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            image.setAttribute("style", "color: red");
        }""")
        it.page.wait_for_timeout(100)
        assert it.page.evaluate("[window.ran ?? null, getComputedStyle(document.body).display]") == [None, "block"]
        assert it.refused == {"http://127.0.0.1:9/x.png": "csp"}
        assert len(it.said) >= 4


@pytest.mark.parametrize(("scheme", "name"), [("light", "open"), ("dark", "open"), ("light", "failed"), ("dark", "failed")])
def test_contrast_and_a_narrow_screen(browser: Browser, viewed: Viewed, scheme: Literal["light", "dark"], name: str) -> None:
    """Every text has a contrast of 4.5 to 1; on a phone nothing is wider than the screen but what scrolls by itself."""
    with opened(browser, viewed.file(name), size=NARROW, scheme=scheme) as it:
        for view in it.views:
            it.view(view)
            assert it.page.evaluate(FAINT) == []
            assert it.page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        it.view("graph")
        it.page.click("#view-graph [data-n='1']")
        assert it.page.evaluate(FAINT) == []


@pytest.mark.parametrize(("scheme", "size"), [("light", (1180, 760)), ("dark", NARROW)])
@pytest.mark.parametrize("name", ["debate", "open", "pair"])
@pytest.mark.usefixtures("pair")
def test_nothing_is_kept_from_anybody(
    browser: Browser, viewed: Viewed, name: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """Axe finds no serious fault in any view, nor beside the panel of a turn."""
    with opened(browser, viewed.file(name), scheme=scheme, size=size) as it:
        for view in it.views:
            it.view(view)
            assert faults(it.page) == [], view
        it.view("graph")
        it.page.click("#view-graph [data-n='1']")
        assert faults(it.page) == []


@pytest.fixture(scope="module")
def pair(viewed: Viewed) -> Path:
    """The page of the debate with its fork beside it, written from the command line."""
    file = viewed.folder / "pair.html"
    debate, fork = (viewed.runs[name].head.run for name in ("debate", "fork"))
    options = ["-o", str(file), "--ledger", str(viewed.folder / "ledger.db")]
    subprocess.run([*COMMAND, "view", debate, "--beside", fork, *options], check=True, timeout=60)
    return file


def test_two_runs_side_by_side(browser: Browser, viewed: Viewed, pair: Path) -> None:
    """What came of both, what was set otherwise, and each turn that they do not share, reply beside reply."""
    with opened(browser, pair) as it:
        assert it.views[-1] == "beside"
        shown = it.view("beside")
        told = shown.inner_text()
        for words in (
            f"here: {viewed.runs['debate'].head.run}",
            f"there: {viewed.runs['fork'].head.run}",
            "4 for 5, 1 for 10",
            "5 for 5",
        ):
            assert words in told
        edited = shown.locator(f"article[aria-label='{TURNED}']")
        assert "I keep to it." in edited.locator(".side").nth(0).inner_text()
        assert "So 2b = 0.10" in edited.locator(".side").nth(1).inner_text()
        assert shown.locator("article").count() == 2  # that turn, and the count
        it.page.keyboard.press("6")
        assert it.page.locator("#view-beside").is_visible()
        edited.locator("h3 a").click()
        assert it.page.locator("#panel h2").inner_text().endswith(TURNED)
        assert it.quiet()


def test_two_runs_on_a_phone(browser: Browser, pair: Path) -> None:
    """One above the other, in readable colours."""
    with opened(browser, pair, size=NARROW, scheme="dark") as it:
        it.view("beside")
        assert it.page.evaluate(FAINT) == []
        assert it.page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


def test_only_what_can_be_seen_is_drawn(browser: Browser, tmp_path: Path) -> None:
    """Of a large run; the rest comes when it is scrolled to, or looked for by its address."""
    file = tmp_path / "page.html"
    file.write_text(page(page_model(a_run(40, 30, 3))), encoding="utf-8")
    with opened(browser, file, "#graph") as it:
        nodes = it.page.locator("#view-graph .node")
        assert 20 < nodes.count() < 700
        assert it.page.locator("#view-graph [data-n='1199']").count() == 0
        it.page.evaluate("location.hash = '#turn-1200'")
        it.page.locator("#view-graph .node.chosen[data-n='1199']").wait_for()
        assert nodes.count() < 700
        assert len(it.view("transcript").locator("article:not(:empty)").all()) < 100
        assert it.page.locator("article.chosen h3 a").inner_text() == "1.revise/30/seat-40"
        assert it.quiet()


def test_a_page_that_follows_its_run(browser: Browser, viewed: Viewed, tmp_path: Path) -> None:
    """It loads itself anew with the view and the filter that were chosen, not while it is read, and stands still in the end."""
    run, file = viewed.runs["debate"], tmp_path / "page.html"
    going = replace(run, outcome=None, state="running", turns=run.turns[:7])
    file.write_text(page(page_model(going, live=True)), encoding="utf-8")
    with opened(browser, file) as it:
        it.view("graph")
        it.page.select_option("[data-filter=seat]", label="seat-2")
        it.page.evaluate("document.activeElement.blur()")
        assert it.page.locator("#count").inner_text() == "2 of 7 turns"
        file.write_text(page(page_model(run)), encoding="utf-8")
        it.page.locator("#count", has_text="3 of 17 turns").wait_for()
        assert it.page.locator("#view-graph").is_visible()
        assert it.page.locator("#live").is_hidden()
        assert it.quiet()


@pytest.mark.parametrize(
    ("picture", "name", "view", "turn"),
    [
        ("story", "debate", "story", None),
        ("graph", "debate", "graph", 2),
        ("timeline", "debate", "timeline", None),
        ("transcript", "debate", "transcript", 5),
        ("vote", "failed", "vote", None),
        ("failed", "failed", "graph", None),
        ("claims", "open", "claims", None),
        ("beside", "pair", "beside", None),
    ],
)
@pytest.mark.usefixtures("pair")
def test_pictures(browser: Browser, viewed: Viewed, tmp_path: Path, picture: str, name: str, view: str, turn: int | None) -> None:
    """Those in the docs, each small; `CONTEMPLATE_PICTURES=docs/pictures pytest tests/viewer -k pictures` takes them anew."""
    file = Path(PICTURES or tmp_path) / f"trace-{picture}.png"
    with opened(browser, viewed.file(name), f"#{view}" if turn is None else f"#turn-{turn + 1}", size=(1080, 640)) as it:
        it.view(view)
        it.page.evaluate("document.activeElement.blur()")
        if view == "transcript":
            it.page.locator("article.chosen").get_by_text("prompt as sent").click()
            it.page.evaluate("document.querySelector('article.chosen').scrollIntoView()")
        if view == "beside":
            it.page.locator("#view-beside article").first.scroll_into_view_if_needed()
        photographed(it.page, file)
    assert 5_000 < file.stat().st_size < LARGEST
