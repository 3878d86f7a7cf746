"""`compose` with composers that do what small models do: name every claim in one line, and repeat what they were told."""

from __future__ import annotations

import re

import pytest

from claiming import Claiming, a_claim, composing
from contemplate import Question, Request
from contemplate.steps import PROTOCOLS
from stage import Stage

ASKED = Question(text="What is the difference between a merge and a rebase? Explain.", kind="open")
FACTS = ("A merge joins two histories.", "A rebase moves commits.", "A rebase rewrites history.", "A rebase may lose work.")
TABLE = tuple(a_claim(number).model_copy(update={"text": fact}) for number, fact in enumerate(FACTS, 1))


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own step can be found by its name, for the replay."""
    monkeypatch.setitem(PROTOCOLS, "claiming", Claiming)


def agreeable(request: Request) -> str:
    """A checker that finds nothing."""
    return "\n".join(f"{number}: yes" for number in re.findall(r"^(\d+)\. ", request.messages[-1].text, re.MULTILINE))


async def composed(stage: Stage, written: str) -> tuple[str | None, tuple[str, ...]]:
    """The answer, and what is noted of it as a whole, where a composer writes and writes again the same."""
    cast = {"proposer": ["One.", "Two."], "composer": [written], "entailment-checker": agreeable, "composition-mender": [written]}
    show = await stage(composing(*TABLE), cast, question=ASKED)
    assert show.outcome.composition is not None
    return show.answer, show.outcome.composition.flags


async def test_one_line_does_not_stand_for_every_claim(stage: Stage) -> None:
    """What it does not say stands below it."""
    answer, _ = await composed(stage, "The merge joins histories, and is better. [1][2][3][4]")
    assert answer == "\n".join(["The merge joins histories, and is better.", "", *(f"- {fact}" for fact in FACTS[1:])])


async def test_what_a_composer_repeats_of_its_instructions_is_left_out(stage: Stage) -> None:
    """And the answer says so; what rests on claims stays."""
    good = " ".join(f"{fact} [{number}]" for number, fact in enumerate(FACTS, 1))
    answer, notes = await composed(stage, f"{good}\n\nIf there is a dispute, the claim should be left out.")
    assert answer == " ".join(FACTS)
    assert notes == ("1 sentence left out that spoke of the claims and rested on none",)
