"""What the page tells of policies and of high stakes: of a real run in the model, in a browser, and in a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from browser import chromium, opened
from contemplate import Orchestrator, Outcome, Request, ScriptedBackend
from contemplate.cli.location import Location
from contemplate.cli.view import stored_run
from contemplate.policy.rules import Policy
from contemplate.viewer import PageModel, StoredRun, page, page_model
from viewed import Viewed

POLICY = Policy.model_validate(
    {
        "name": "house",
        "version": "2",
        "rules": [
            {"id": "doubt", "at": "reply", "effect": "note", "when": {"text": "perhaps"}, "reason": "A seat is in <b>doubt</b>."}
        ],
    }
)
PARTS = ("What rules of policies did", "Much hangs on this answer")


def split(request: Request) -> str:
    """Two of three seats say 1; whoever verifies accepts it."""
    if "Verify it strictly" in request.messages[-1].text:
        return "It holds.\nVerdict: accept"
    return {0: "Answer: 1", 1: "perhaps two\nAnswer: 2", 2: "Answer: 1"}[request.draw]


def told(model: PageModel) -> dict[str, list[str]]:
    """The lines of these parts of the story, with the numbers of the turns that they lead to."""
    return {
        part.title: [
            "".join(span.text + (f"#{span.turn}" if span.turn is not None else "") for span in line) for line in part.lines
        ]
        for part in model.story
        if part.title in PARTS
    }


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoredRun, Outcome]:
    """A panel that is split where much hangs on the answer, under a policy."""
    ledger = tmp_path_factory.mktemp("governed") / "ledger.db"

    async def work() -> tuple[StoredRun, Outcome]:
        async with Orchestrator(["p/one"], backend=ScriptedBackend(split), ledger=ledger) as orchestrator:
            outcome = await orchestrator.solve(
                "1 or 2?", "self-consistency", answer="number", parameters={"seats": 3}, policy=POLICY, stakes="high"
            )
        return await stored_run(outcome.run, Location(str(ledger))), outcome

    with ThreadPoolExecutor(1) as apart:  # where a browser is open, a loop runs in this thread
        return apart.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="module")
def written(governed: tuple[StoredRun, Outcome], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    path = tmp_path_factory.mktemp("page") / "governed.html"
    path.write_text(page(page_model(governed[0])), encoding="utf-8")
    return path


def test_rules_and_stakes_stand_in_the_story(governed: tuple[StoredRun, Outcome]) -> None:
    """With the id of the rule, its stage, what it did, why, and the turn; with what is uncertain, and what would change it."""
    run, outcome = governed
    found = told(page_model(run))

    assert found[PARTS[0]] == [
        "Rule doubt of house 2, at the stage reply: note. A seat is in <b>doubt</b>. (1.propose/seat-2#1)",
    ]
    stakes = found[PARTS[1]]
    assert outcome.scrutiny is not None
    assert stakes[0].startswith("The panel abstained: the answer is held back (confidence 0.60, asked for 0.80; ")
    assert "Uncertain: the panel's confidence is 0.60, and the floor 0.80" in stakes
    assert "Who says: seat-2: 2" in stakes
    assert [line for line in stakes if line.startswith("Changed by: without seat-")]


def test_a_run_without_them_says_nothing(viewed: Viewed) -> None:
    """No heading either."""
    assert told(viewed.model("debate")) == {}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """One browser for all."""
    with chromium() as found:
        yield found


def test_the_page_shows_them_and_leads_to_the_turn(browser: object, written: Path) -> None:
    """As words: what a policy says is no markup."""
    with opened(browser, written) as it:  # type: ignore[arg-type]  # a browser
        story = it.page.locator("#view-story")
        shown = story.inner_text()
        for title in PARTS:
            assert title.lower() in shown.lower()
        assert "A seat is in <b>doubt</b>." in shown
        assert "Uncertain: the panel's confidence" in shown
        story.get_by_text("1.propose/seat-2").last.click()
        assert "1.propose/seat-2" in it.page.locator("#panel").inner_text()
        assert it.quiet()


def test_a_notebook_folds_them(governed: tuple[StoredRun, Outcome]) -> None:
    """The same lines, escaped."""
    shown = governed[1]._repr_html_()

    assert "Policies and stakes:" in shown
    assert "A seat is in &lt;b&gt;doubt&lt;/b&gt;." in shown
    assert "uncertain: the panel&#x27;s confidence is 0.60" in shown
