"""The page at `/` in a real browser, against a real server: asked, watched, stopped, followed up, by keyboard, on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import FAINT, LARGEST, NARROW, PICTURES, WIDE, chromium, faults, photographed, visited
from contemplate.server.settings import Token
from rooms import Scheme, room
from serving import served_apart
from viewed import CASTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOKS = [
    ("light", WIDE),
    ("dark", NARROW),
    pytest.param("dark", WIDE, marks=pytest.mark.slow),
    pytest.param("light", NARROW, marks=pytest.mark.slow),
]
FOCUSED = "document.activeElement.id || document.activeElement.textContent"
BALL = CASTS["debate"][1].text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with chromium() as found:
        yield found


def until_focused(page: Page, name: str, key: str = "Tab", most: int = 80) -> None:
    """Press a key until what has that id, or these words, has the focus."""
    for _ in range(most):
        if page.evaluate(FOCUSED) == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} can't be reached by {key}")


# --- asked, watched, followed up ------------------------------------------------------------------------


def test_a_walk_by_keyboard_alone(browser: Browser) -> None:
    """From a question to its answer, to a follow-up and its answer, and to the first run once more: no mouse is needed."""
    with room(browser, "debate") as asked:
        page, keys = asked.page, asked.page.keyboard
        asked.it.until("document.activeElement.id === 'question'")
        keys.type(BALL)
        for name, typed in [("strategy", "multiagent-debate"), ("kind", "a number")]:
            until_focused(page, name)
            keys.type(typed)
        until_focused(page, "go")
        keys.press("Enter")
        assert asked.answer() == "5"
        first = page.url.partition("#")[2]
        until_focused(page, "follow-up")
        keys.press("Enter")
        asked.it.until("document.activeElement.id === 'question'")
        assert page.locator("#follows").is_visible()
        keys.type("And how many does the bat cost?")
        keys.press("Control+Enter")
        page.locator("#asked", has_text="And how many").wait_for()
        assert asked.answer() == "5"
        until_focused(page, BALL)
        keys.press("Enter")
        page.locator("#asked", has_text="A bat and a ball").wait_for()
        assert page.url.endswith(f"#{first}")
        assert asked.it.quiet()

    said = [[message.role for message in request.messages][-3:] for request in asked.agents.requests]
    assert ["user", "assistant", "user"] in said


def test_the_seats_side_by_side(browser: Browser) -> None:
    """Columns by seat, rounds below each other; who changed; the vote; cost, tokens and time."""
    with room(browser, "debate") as asked:
        page = asked.page
        asked.ask("debate")
        assert asked.answer() == "5"
        places = [cell.bounding_box() for cell in page.locator(".seats > .cell").all()]
        columns, rows = ({round(place[axis]) for place in places if place} for axis in ("x", "y"))
        facts = page.locator("#facts").inner_text().split()

        assert (len(places), len(columns), len(rows)) == (15, 5, 3)
        assert page.locator(".round h3").all_inner_texts() == [
            "1 · propose",
            "2 · revise, round 1",
            "2 · revise, round 2",
            "3 · vote",
        ]
        changed = page.locator("#changes li").all_inner_texts()
        assert len(changed) == 2
        assert changed[0].startswith("seat-1:")
        assert "having read it from seat-3, seat-5" in changed[0]
        assert page.locator("#vote .count").all_inner_texts() == ["4 · seat-1, seat-2, seat-3, seat-5", "1 · seat-4"]
        assert page.locator("#vote .mark").all()[0].get_attribute("aria-label") == "5"
        assert {"finished", "15", "23,585"} <= set(facts)
        assert any(fact.startswith("$0.0") for fact in facts)
        assert asked.it.quiet()


def test_words_come_as_they_are_spoken(browser: Browser) -> None:
    """Half of what each seat says is there while it goes on speaking, and the time runs."""
    with room(browser, "debate") as asked:
        asked.held("debate", "Then the bat costs")
        speaking = asked.page.locator(".cell.speaking")
        assert speaking.count() == 5
        assert "Answer" not in speaking.nth(2).inner_text()
        before = asked.page.locator("#facts").inner_text()
        asked.it.until(f"document.getElementById('facts').innerText !== {json.dumps(before)}")
        asked.agents.held.clear()
        assert asked.answer() == "5"
        assert speaking.count() == 0
        assert asked.it.quiet()


def test_a_run_is_stopped(browser: Browser) -> None:
    """Its calls are broken off at once; the page says so, and the run can be looked at."""
    with room(browser, "debate") as asked:
        asked.held("debate", "Then the bat costs")
        asked.page.click("#stop")
        asked.page.locator("#came .failure", has_text="was stopped; what it paid for is kept").wait_for()
        assert asked.agents.cancelled == 5
        assert asked.page.locator("#facts").inner_text().startswith("state\nstopped")
        assert asked.page.locator("#stop").is_hidden()
        asked.page.locator("#list .answer-line", has_text="interrupted").wait_for()
        assert asked.it.quiet()


def test_claims_of_an_open_question(browser: Browser) -> None:
    """Each with how it stands, who is for it and who against."""
    with room(browser, "open") as asked:
        asked.ask("open")
        assert asked.answer().startswith("Take PostgreSQL")
        rows = asked.page.locator("#claims tbody tr").all_inner_texts()
        assert [row.split("\t")[1].strip() for row in rows] == ["stands", "stands", "fell", "fell"]
        assert "seat-1, seat-2, seat-4" in rows[2]
        assert asked.it.quiet()


def test_a_seat_that_fails_says_why(browser: Browser) -> None:
    """In its column, by words and not by colour alone."""
    with room(browser, "failed") as asked:
        asked.ask("failed")
        assert asked.answer() == "2"
        assert "403" in asked.page.locator(".cell.failed .failure").inner_text()
        assert asked.it.quiet()


# --- files, earlier runs, tokens, errors ---------------------------------------------------------------


def test_earlier_runs(browser: Browser) -> None:
    """One is opened by its address, two are compared on a page of their own, and each goes out as Markdown and as JSON."""
    with room(browser, "debate") as asked:
        page = asked.page
        for _ in range(2):
            asked.ask("debate")
            assert asked.answer() == "5"
            page.locator("#list a").first.wait_for()
            page.goto(page.url.partition("#")[0])
        page.locator("#list input").first.wait_for()
        for tick in page.locator("#list input").all():
            tick.check()
        with page.context.expect_page() as opened:
            page.get_by_text("Compare these two").click()
        opened.value.wait_for_load_state()
        assert opened.value.locator("#tab-beside").inner_text() == "Side by side"
        page.locator("#list a").first.click()
        assert asked.answer() == "5"
        with page.expect_download() as downloaded:
            page.get_by_text("Markdown", exact=True).click()
        assert "A bat and a ball" in Path(downloaded.value.path()).read_text("utf-8")
        with page.expect_download() as downloaded:
            page.get_by_text("JSON", exact=True).click()
        assert json.loads(Path(downloaded.value.path()).read_text("utf-8"))["outcome"]["answer"] == "5"
        with page.context.expect_page() as opened:
            page.get_by_text("Trace page").click()
        opened.value.locator("#view-story").wait_for()
        assert asked.it.quiet()


def test_a_token_is_asked_for(browser: Browser) -> None:
    """A wrong one is refused in a line; the right one opens the page, and again after it is loaded anew."""
    tokens = (Token.of("a-token-of-mine-0123", "me"),)
    with served_apart(settings={"tokens": tokens}) as url, visited(browser, url) as it:
        assert it.page.locator("#room").is_hidden()
        assert faults(it.page) == []
        it.page.fill("#token", "another-token-0123")
        it.page.keyboard.press("Enter")
        it.page.locator("#error", has_text="that is no token of this server").wait_for()
        it.page.fill("#token", "a-token-of-mine-0123")
        it.page.keyboard.press("Enter")
        it.page.locator("#question").wait_for()
        assert it.page.locator("#error").inner_text() == ""
        it.page.reload()
        it.page.locator("#question").wait_for()
        assert it.page.evaluate("document.cookie") == ""
        assert len(it.said) == 1  # the browser tells its console of the 401


def test_a_page_nobody_signed_in_on_is_quiet(browser: Browser) -> None:
    """It asks for nothing that it would be refused."""
    tokens = (Token.of("a-token-of-mine-0123", "me"),)
    with served_apart(settings={"tokens": tokens}) as url, visited(browser, url) as it:
        it.page.locator("#token").wait_for()
        assert it.quiet()


def test_what_is_refused_is_one_line(browser: Browser) -> None:
    """As the server says it; what was written stays."""
    with room(browser, "debate") as asked:
        page = asked.page
        page.click("#go")
        assert page.locator("#error").inner_text() == ""  # the field itself says that it is empty
        page.fill("#question", "Which of them?")
        page.select_option("#kind", "choice")
        page.fill("#choices", "one")
        page.click("#go")
        page.locator("#error", has_text="choice").wait_for()
        assert "\n" not in page.locator("#error").inner_text()
        assert page.input_value("#question") == "Which of them?"
        page.goto(page.url.partition("#")[0] + "#20200101-000000-aaaaaa")
        page.locator("#error", has_text="there is no such run here").wait_for()


# --- for everybody --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_nothing_is_kept_from_anybody(browser: Browser, scheme: Scheme, size: tuple[int, int]) -> None:
    """Axe finds no serious fault, every text has a contrast of 4.5 to 1, and nothing is wider than the screen: at each stage."""

    def look(page: Page) -> None:
        assert faults(page) == []
        assert page.evaluate(FAINT) == []
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]

    with room(browser, "debate", scheme=scheme, size=size) as asked:
        asked.page.click("#more summary")
        look(asked.page)
        asked.page.click("#more summary")
        asked.held("debate", "Then the bat costs")
        look(asked.page)
        asked.agents.held.clear()
        asked.answer()
        asked.page.locator("#list .answer-line", has_text="5").wait_for()
        look(asked.page)
    with room(browser, "open", scheme=scheme, size=size) as asked:
        asked.ask("open")
        asked.answer()
        look(asked.page)


def test_a_fault_would_be_found(browser: Browser) -> None:
    """A field without a label is one."""
    with room(browser, "debate") as asked:
        asked.page.evaluate("document.getElementById('ask').append(document.createElement('textarea'))")
        assert [fault.partition(" ")[0] for fault in faults(asked.page)] == ["label"]


@pytest.mark.parametrize(
    ("picture", "name", "scheme", "size"),
    [
        ("running", "debate", "light", (1080, 760)),
        ("answer", "debate", "light", (1080, 900)),
        ("claims", "open", "dark", (1080, 760)),
        ("phone", "debate", "dark", NARROW),
    ],
)
def test_pictures(browser: Browser, tmp_path: Path, picture: str, name: str, scheme: Scheme, size: tuple[int, int]) -> None:
    """Those in the docs, each small; `CONTEMPLATE_PICTURES=docs/pictures pytest tests/server -k test_pictures` takes them."""
    file = Path(PICTURES or tmp_path) / f"ask-{picture}.png"
    with room(browser, name, scheme=scheme, size=size) as asked:
        if picture == "running":
            asked.agents.free = {"proposer": {0, 1, 2, 3, 4}, "reviser": {0, 3}}
            asked.held(name, "Then the bat costs")
            asked.page.locator("#changes").wait_for()
        else:
            asked.ask(name)
            asked.answer()
        if picture != "running":
            asked.page.evaluate("document.getElementById('run').scrollIntoView()")
        photographed(asked.page, file)
        asked.agents.held.clear()
        asked.answer()
    assert 5_000 < file.stat().st_size < LARGEST
