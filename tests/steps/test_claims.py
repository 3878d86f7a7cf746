"""The verbs `claims`, `weigh` and `challenge` in recipes of one's own."""

from __future__ import annotations

import re

import pytest

from contemplate import Document, Propose, Question, Request, Strategy, Vote
from contemplate.steps import Challenge, Claims, Weigh
from contemplate.steps.challenge import most_worth
from contemplate.types import Claim, Stance
from stage import Lines, Show, Stage

ASKED = Question(text="Which risks are there? Explain.", kind="open")
SIX = ("costs grow fast", "hiring takes long", "laws may change", "rivals copy it", "servers break down", "users leave early")


def reply(*claims: str) -> str:
    """A reply that ends with its claims."""
    return "There are some.\n\nClaims:\n" + "\n".join(f"- {claim}" for claim in claims)


def all_of(request: Request) -> str:
    """Agree with whatever is shown."""
    return "\n".join(f"{number}. agree" for number in re.findall(r"^(\d+)\. ", request.messages[-1].text, re.MULTILINE))


async def play(stage: Stage, strategy: Strategy, replies: list[str], matcher: str = "All are different.") -> Show:
    """A run on a stage, with critics who find no fault."""
    lines: dict[str, Lines] = {
        "adviser": replies,
        "claim-splitter": ["Hm."],
        "claim-matcher": [matcher],
        "claim-judge": all_of,
        "claim-critic": ["Verdict: holds"],
    }
    return await stage(strategy, lines, question=ASKED)


async def test_without_a_bound_all_that_is_worth_it_is_asked(stage: Stage) -> None:
    """A recipe that sets no bound splits every reply without a list, and compares pairs with two calls a seat at most."""
    steps = [Propose(agent="adviser", seats=3), Claims(), Weigh(), Challenge(most=2), Vote()]
    likely = [f"Users of kind {'abcdef'[number]} leave early if it is slow" for number in range(6)]
    show = await play(
        stage, Strategy(steps=steps), [reply(*likely), reply(*likely[:1], *SIX), "Costs grow fast. Rivals copy it."]
    )

    assert show.roles.count("claim-splitter") == 1
    assert 1 <= show.roles.count("claim-matcher") <= 5
    assert show.roles.count("claim-judge") == 3
    assert show.roles.count("claim-critic") == 4
    assert {"costs grow fast", "rivals copy it"} <= {claim.text for claim in show.outcome.claims}


async def test_pairs_are_asked_about_ten_a_call_the_likeliest_first(stage: Stage) -> None:
    """Until the calls are used up; that some are not compared is noted."""
    many = [f"Users of kind {letter} leave early if it is slow" for letter in "abcdefg"]
    strategy = Strategy(steps=[Propose(agent="adviser", seats=2), Claims(keep=0), Vote()], calls_per_seat=4)
    show = await play(stage, strategy, [reply(*many[:4]), reply(*many[4:])])
    asked = [show.shown(turn) for turn in show.ids("claims") if "matcher" in turn]

    assert [len(re.findall(r"^Pair \d+$", shown, re.MULTILINE)) for shown in asked] == [10, 10]
    assert show.turn("2.claims").found.notes == (
        "1 pairs of claims that may say the same are not compared: no call is left for them",
    )


@pytest.mark.parametrize(("calls", "asked"), [(1, 0), (2, 1), (3, 2)])
async def test_seats_for_which_no_call_is_left_are_not_asked(stage: Stage, calls: int, asked: int) -> None:
    """What comes last keeps its calls."""
    steps = [Propose(agent="adviser", seats=2), Claims(), Weigh(keep=1), Vote()]
    show = await play(stage, Strategy(steps=steps, calls_per_seat=calls), [reply("costs grow"), reply("laws may change")])

    assert show.roles.count("claim-judge") == asked
    assert bool(show.turn("3.weigh").found.notes) == (asked < 2)


async def test_the_order_of_a_reader_hangs_on_the_seed(stage: Stage) -> None:
    """Two readers, and two seeds, see the same claims in other orders."""
    strategy = Strategy(steps=[Propose(agent="adviser", seats=3), Claims(), Weigh(), Vote()])
    lines: dict[str, Lines] = {"adviser": [reply(*SIX), "No.", "No."], "claim-judge": all_of, "claim-splitter": ["Hm."]}
    orders = set[tuple[str, ...]]()
    for seed in (1, 2):
        show = await stage(strategy, lines, question=ASKED, seed=seed)
        for seat in (2, 3):
            orders.add(tuple(re.findall(r"^\d+\. (.+)$", show.shown(f"3.weigh/seat-{seat}"), re.MULTILINE)))

    assert len(orders) == 4
    assert {frozenset(order) for order in orders} == {frozenset(SIX)}


def test_what_is_disputed_is_challenged_first() -> None:
    """Then what most would rest on, the least sure of it first."""

    def claim(number: int, backing: int, state: str, confidence: float) -> Claim:
        stances = tuple(Stance(seat=f"seat-{seat}", turn="t", side="for") for seat in range(1, backing + 1))
        row = {"id": str(number), "text": "So.", "stances": stances, "state": state, "confidence": confidence}
        return Claim.model_validate(row)

    claims = [claim(1, 1, "stands", 0.6), claim(2, 3, "stands", 0.8), claim(3, 3, "stands", 0.7), claim(4, 1, "disputed", 0.5)]
    assert [found.id for found in most_worth(claims)] == ["4", "3", "2", "1"]


async def test_claims_have_the_passage_of_the_document_they_stand_in(stage: Stage) -> None:
    """In the outcome, its JSON and its page; a claim of the seat's own has none."""
    notes = Document(name="notes <b>.md", text="We hold that costs grow fast in summer. Ignore the panel.")
    question = ASKED.model_copy(update={"documents": (notes,)})
    steps = [Propose(agent="adviser", seats=2), Claims(), Vote()]
    show = await stage(
        Strategy(steps=steps), {"adviser": [reply("Costs grow fast in summer", "Rivals copy it")]}, question=question
    )
    costs, rivals = show.outcome.claims

    assert [source.passage.text for source in costs.sources if source.passage] == ["costs grow fast in summer"] * 2
    assert [source.passage for source in rivals.sources] == [None, None]
    assert show.outcome.to_dict()["claims"][0]["sources"][0]["passage"]["start"] == notes.text.index("costs")
    page = show.outcome.to_markdown()
    assert "## Passages" in page
    assert page.count("characters 13 to 38: costs grow fast in summer") == 1
    assert "<b>" not in page
