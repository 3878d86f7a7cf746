"""Words that would like to run, in all that the page is told: by runs, by the list of runs, by what can be chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium, visited
from contemplate.text.visible import visible
from contemplate.trace.course import turn_row
from contemplate.trace.words import brief
from contemplate.types import AnswerKind
from hostile import PAYLOADS, hostile_outcome, hostile_run
from serving import served_apart

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

RUN = "20260101-000000-abcdef"
EVERYTHING = " ".join(PAYLOADS)
HANDLERS = """[...document.querySelectorAll("*")].flatMap((one) => [...one.attributes])
  .filter(({ name }) => name.startsWith("on")).length"""
"""How many attributes hold a script."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with chromium() as found:
        yield found


def events(kind: AnswerKind, ends: str) -> list[dict[str, Any]]:
    """The events of a run in which every text is hostile."""
    named = [{"name": words, "characters": 1, "media_type": words} for words in PAYLOADS]
    question = {"text": EVERYTHING, "kind": kind, "choices": PAYLOADS, "documents": named, "attachments": named}
    rows: list[dict[str, Any]] = [
        {"type": "run_started", "question": question, "strategy": EVERYTHING, "models": PAYLOADS},
        *({"type": "noted", "message": words, "seat": words} for words in PAYLOADS),
    ]
    for turn, sees in hostile_run(kind=kind).turns:
        row = {**turn_row(turn, sees), "brief": brief(turn, 160)}
        rows.append(
            {"type": "turn_started", "id": turn.id, "verb": turn.verb, "seat": turn.seat, "model": turn.model, "sees": []}
        )
        rows.append({"type": "turn_delta", "id": turn.id, "seat": turn.seat, "text": turn.text or ""})
        rows.append({"type": "turn_ended", "turn": row, "usage": {"calls": 1, "usd": None}, "cached": False})
    rows += [
        {"type": "turn_started", "id": words, "verb": words, "seat": words, "model": words, "sees": []} for words in PAYLOADS
    ]
    rows += [{"type": "turn_delta", "id": words, "seat": words, "text": words} for words in PAYLOADS]
    outcome = hostile_outcome(kind=kind).to_dict()
    last = {"outcome": outcome} if ends == "run_ended" else {"error": {"message": EVERYTHING}}
    rows.append({"type": ends, **last})
    return [{**row, "run": RUN, "number": number, "at": 0.0} for number, row in enumerate(rows, 1)]


def stand_in(rows: list[dict[str, Any]]) -> Callable[[Page], None]:
    """Has a page told hostile things in the place of what the server says."""
    listed = {
        "run": RUN,
        "question": EVERYTHING,
        "answer": EVERYTHING,
        "strategy": EVERYTHING,
        "state": EVERYTHING,
        "live": False,
    }
    streamed = "".join(f"id: {row['number']}\ndata: {json.dumps(row)}\n\n" for row in rows)

    def catalogue(route: Route) -> None:
        found = route.fetch().json()
        hostile = {
            "name": EVERYTHING,
            "summary": EVERYTHING,
            "paper": EVERYTHING,
            "seats": 3,
            "parameters": {words: {"default": words, "summary": words} for words in PAYLOADS},
        }
        more = {"strategies": [hostile], "default": EVERYTHING, "models": PAYLOADS, "more_models": PAYLOADS, "panel": PAYLOADS}
        route.fulfill(body=json.dumps({**found, **more}), content_type="application/json")

    def prepare(page: Page) -> None:
        told = json.dumps({"runs": [listed]})
        page.route("**/api/catalogue", catalogue)
        page.route("**/api/runs?*", lambda route: route.fulfill(body=told, content_type="application/json"))
        page.route("**/api/runs", lambda route: route.fulfill(status=400, body=json.dumps({"error": {"message": EVERYTHING}})))
        page.route("**/events", lambda route: route.fulfill(body=streamed, content_type="text/event-stream"))

    return prepare


@pytest.mark.parametrize("ends", ["run_ended", "run_failed"])
@pytest.mark.parametrize("kind", ["text", "open"])
def test_hostile_words_do_nothing(browser: Browser, kind: AnswerKind, ends: str) -> None:
    """They are words: nothing runs, nothing loads, nobody is asked, and no element comes of them."""
    told = stand_in(events(kind, ends))
    with served_apart() as url, visited(browser, url, f"/#{RUN}", before=told) as it:
        page = it.page
        page.locator("#facts", has_text="finished" if ends == "run_ended" else "failed").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.fill("#question", EVERYTHING)
        page.wait_for_timeout(100)
        shown = page.evaluate("document.body.textContent")

        assert it.quiet()
        assert [] == [words for words in PAYLOADS if visible(words).split()[0] not in shown]
        never = ("script", "iframe", "img", "style", "base", "meta", "object", "embed", "link")
        assert page.locator(", ".join(f"body {name}" for name in never)).count() == 0
        addresses = page.evaluate("[...document.querySelectorAll('a')].map((one) => one.getAttribute('href'))")
        assert [] == [one for one in addresses if one is not None and not one.startswith(("#", "/api/runs/"))]
        assert page.evaluate(HANDLERS) == 0


def test_an_error_is_words(browser: Browser) -> None:
    """Whatever the server says of a request."""
    with served_apart() as url, visited(browser, url, before=stand_in(events("text", "run_ended"))) as it:
        it.page.fill("#question", "What?")
        it.page.click("#go")
        it.page.locator("#error", has_text="window.ran").wait_for()
        assert it.page.evaluate("window.ran ?? null") is None


def test_the_policy_is_in_force(browser: Browser) -> None:
    """A script, a style or a picture that got into the page all the same would do nothing."""
    with served_apart() as url, visited(browser, url) as it:
        it.page.locator("#question").wait_for()
        it.page.evaluate("""() => {
            const script = document.createElement("script");
            const attempt = (work) => { try { work(); } catch (error) { console.log(error.name); } };
            attempt(() => { script.textContent = "window.ran = 1"; document.head.append(script); });
            attempt(() => document.body.insertAdjacentHTML("beforeend", "<p onclick='window.ran=1'>x</p>"));
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            document.body.setAttribute("style", "display: none");
        }""")
        it.page.wait_for_timeout(100)
        assert it.page.evaluate("[window.ran ?? null, getComputedStyle(document.body).display]") == [None, "block"]
        assert it.refused == {"http://127.0.0.1:9/x.png": "csp"}
