"""Files on the page at `/`, in a real browser: dropped in, taken back, too large, and read in parts."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from attached import a_picture
from browser import chromium, visited
from rooms import room
from serving import served_apart

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DROPPED = """async ([name, type, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type }));
  const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.getElementById("ask").dispatchEvent(drop);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with chromium() as found:
        yield found


@pytest.mark.slow
def test_files_are_dropped_in(browser: Browser) -> None:
    """A text is quoted, a picture is looked at; one that was taken back does not go along."""
    with room(browser, "debate", role="reviser") as asked:
        page = asked.page
        file = {"name": "sums.md", "mimeType": "text/markdown", "buffer": b"The secret number is 5."}
        page.set_input_files("#files", [file, {**file, "name": "other.txt"}])  # type: ignore[list-item]
        page.evaluate(DROPPED, ["ball.png", "image/png", base64.b64encode(a_picture("5 cents")).decode()])
        page.get_by_role("button", name="Remove other.txt").click()
        asked.ask("debate")
        assert asked.answer() == "5"
        assert page.locator("#panel-line").inner_text().endswith("with sums.md, ball.png")
        assert page.locator("#filed li").count() == 0
        assert asked.it.quiet()

    (first, *_) = asked.agents.requests
    assert "The secret number is 5." in "\n".join(message.text for message in first.messages)
    assert any(message.blobs for message in first.messages)


def test_how_question_and_files_are_read(browser: Browser) -> None:
    """The question is put more tightly by a call of its own, and files are dealt as was chosen: only if that is asked for."""
    with room(browser, "debate") as asked:
        page = asked.page
        with page.expect_request("**/api/runs") as plain:
            asked.ask("debate")
        assert asked.answer() == "5"
        before = len(asked.agents.requests)
        page.goto(page.url.partition("#")[0])
        page.locator("#question").wait_for()
        page.click("#more summary")
        page.check("#refine")
        page.select_option("#focus", "split")
        page.click("#more summary")
        with page.expect_request("**/api/runs") as chosen:
            asked.ask("debate")
        assert asked.answer() == "5"
        assert asked.it.quiet()

    told, told_more = (json.loads(sent.value.post_data or "") for sent in (plain, chosen))
    assert (told["refine"], told["focus"]) == (False, None)
    assert (told_more["refine"], told_more["focus"]) == (True, "split")
    refining, answering = (asked.agents.requests[number].messages[-1].text for number in (before, before + 1))
    assert "Put it more tightly" in refining
    assert "Put it more tightly" not in answering


def test_files_that_are_too_large(browser: Browser) -> None:
    """Are refused where they are chosen."""
    with served_apart(settings={"max_body": 200_000}) as url, visited(browser, url) as it:
        it.page.locator("#question").wait_for()
        it.page.set_input_files("#files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * 300_000})
        assert "too large" in it.page.locator("#error").inner_text()
        assert it.page.locator("#filed li").count() == 0
