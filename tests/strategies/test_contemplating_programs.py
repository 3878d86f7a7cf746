"""`contemplating` tries programs where they can be run: in turn with chains, as long as they bring answers, within the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import tokens
from contemplate import Completion, Gather, Question, Strategy, Vote
from contemplate.steps.gather import TRIED
from contemplate.types import AnswerKind
from contemplate.voting.witnesses import Knowledge, Member
from stage import Show, Stage

pytest.importorskip("pydantic_monty")

BROKEN = "```python\nprint(1 / 0)\n```"
SPLIT = ["Answer: 1", "Answer: 2"]


def printing(*answers: object) -> list[str]:
    """Replies whose programs print these answers."""
    return [f"```python\nprint({answer})\n```" for answer in answers]


def each(lines: Sequence[str], total: int) -> list[Completion]:
    """Replies that take so many tokens each."""
    return [Completion(text=line, tokens=tokens(total)) for line in lines]


def by_seat(show: Show) -> list[str]:
    """The first letters of each seat's model and card, in seat order."""
    turns = {turn.seat: turn for turn in show.outcome.trace.turns if turn.verb == "gather"}
    return [f"{turn.model}:{turn.card[:4]}" for _, turn in sorted(turns.items(), key=lambda row: int(row[0].partition("-")[2]))]


async def test_every_second_answer_is_a_program(stage: Stage) -> None:
    """Of those that are asked for side by side as well as of those after them; for the last there is no call for a repair."""
    show = await stage("contemplating", {"proposer": each(SPLIT, 300), "programmer": each(printing(3, 4), 300)}, set={"seats": 2})

    assert by_seat(show) == [*["m:prop", "m:prog"] * 3, "m:prop", "m:prop"]
    assert show.calls == 8


@pytest.mark.parametrize(
    ("tokens_of_one", "expected"),
    [
        (100, "c p c p c p c c"),
        (300, "c p c p c p c c"),
        (600, "c p c p c c p c"),
        (900, "c p c c p c c c"),
        (9000, "c p c c c c c c"),
    ],
)
async def test_programs_take_no_more_tokens_than_chains(stage: Stage, tokens_of_one: int, expected: str) -> None:
    """Of which each takes 300; nor are they more than half of the answers, however little they take."""
    lines = {"proposer": each(SPLIT, 300), "programmer": each(printing(3, 4), tokens_of_one)}
    show = await stage("contemplating", lines, set={"seats": 2})

    assert [seat.removeprefix("m:") for seat in by_seat(show)] == [{"c": "prop", "p": "prog"}[who] for who in expected.split()]


async def test_two_models_do_both(stage: Stage) -> None:
    """So that models and ways to answer can be told apart."""
    lines = {"proposer": each(SPLIT, 300), "programmer": each(printing(3, 4), 300)}
    show = await stage("contemplating", lines, models=["a", "b"], set={"seats": 2})

    assert by_seat(show)[:7] == (["a:prop", "b:prop", "a:prog", "b:prog"] * 2)[:7]


async def test_programs_and_chains_count_alike(stage: Stage) -> None:
    """Nothing was learned of either: the answer of most wins, whoever gave it."""
    lines = {"proposer": ["Answer: 1", "Answer: 2", "Answer: 3"], "programmer": printing(2, 2, 2)}
    show = await stage("contemplating", lines)

    assert show.answer == "2"
    assert show.decision.rule == "posterior"


async def test_a_program_that_fails_is_the_last_of_its_model(stage: Stage) -> None:
    """It costs two calls, with its repair, and chains go on; those of another model are still asked for."""
    good, broken = each([printing(3)[0], BROKEN], 300)
    lines = {"proposer": each(SPLIT, 300), "programmer": lambda request: broken if request.model == "a" else good}
    show = await stage("contemplating", lines, models=["a", "b"], set={"seats": 3})
    seats = by_seat(show)

    assert seats.count("a:prog") == 1
    assert seats.count("b:prog") > 1
    assert show.calls == 12
    assert len(seats) == 11


async def test_a_program_that_fails_leaves_its_seat_to_a_chain(stage: Stage) -> None:
    """Two seats must answer, and two do: a panel is never below its quorum because it tried a program."""
    lines = {"proposer": ["Answer: 1"], "programmer": [BROKEN]}
    show = await stage("contemplating", lines, set={"seats": 2})

    assert show.answer == "1"
    assert by_seat(show)[:3] == ["m:prop", "m:prog", "m:prop"]


async def test_a_repaired_program_answers(stage: Stage) -> None:
    """The next is asked for in its turn."""
    good, broken = each([printing(3)[0], BROKEN], 150)
    lines = {"proposer": each(SPLIT, 300), "programmer": lambda request: good if len(request.messages) > 1 else broken}
    show = await stage("contemplating", lines, set={"seats": 3})

    assert by_seat(show)[:4] == ["m:prop", "m:prog"] * 2
    assert show.calls == 12


@pytest.mark.parametrize("kind", sorted({*get_args(AnswerKind)} - TRIED - {"json", "open", "text"}))
async def test_other_kinds_are_asked_as_ever(stage: Stage, kind: AnswerKind) -> None:
    """Also those that programs could print."""
    question = Question(text="Which?", kind=kind, choices=("1", "2", "3") if kind in {"choice", "ranking"} else ())
    lines = {"proposer": ["Answer: 1", "hm", "Answer: yes", "Answer: B"]}
    ours = await stage("contemplating", lines, question=question, set={"quorum": 1})
    learned = await stage("contemplating", lines, question=question, set={"quorum": 1, "programs": "learned"})

    assert set(ours.roles) == {"proposer"}
    assert [request.key for request in ours.requests] == [request.key for request in learned.requests]


@pytest.mark.parametrize("programs", ["learned", "none"])
async def test_trying_can_be_switched_off(stage: Stage, programs: str) -> None:
    """Nobody who is not known writes programs then."""
    show = await stage("contemplating", {"proposer": SPLIT}, set={"programs": programs})

    assert set(show.roles) == {"proposer"}


async def test_without_the_extra_nothing_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs can't be run, and nobody is asked for one."""
    monkeypatch.setattr("contemplate.orchestration.planning.available", lambda: False)
    show = await stage("contemplating", {"proposer": SPLIT})

    assert set(show.roles) == {"proposer"}


@pytest.mark.parametrize(
    ("chains", "programs", "expected"),
    [
        (Member(accuracy=0.7, error=0.01), Member(accuracy=0.4, error=0.01), {"prop"}),
        (Member(accuracy=0.4, error=0.01), Member(accuracy=0.7, error=0.01), {"prop", "prog"}),
        (Member(accuracy=0.7, error=0.01), Member(accuracy=0.4, error=0.3), {"prop", "prog"}),
        (Member(accuracy=0.6, error=0.01), Member(accuracy=0.6, error=0.01), {"prop", "prog"}),
    ],
    ids=["worse", "better", "hardly known", "as good"],
)
async def test_what_is_known_decides_where_it_tells_them_apart(
    stage: Stage, chains: Member, programs: Member, expected: set[str]
) -> None:
    """A program that is clearly worse is not asked for; one that might as well be as good is, in its turn."""
    known = Knowledge(accuracy=0.6, members={"m": chains, "programmer:m": programs})
    lines = {"proposer": SPLIT, "programmer": printing(3, 4)}
    show = await stage.knowing(known)("contemplating", lines)

    assert {seat.partition(":")[2] for seat in by_seat(show)} == expected


async def test_a_program_that_is_clearly_worse_is_not_asked_for_its_price(stage: Stage) -> None:
    """However many of its tokens a chain takes."""
    worse = {"m": Member(accuracy=0.6, error=0.02), "programmer:m": Member(accuracy=0.52, error=0.02)}
    lines = {"proposer": ["word " * 200 + line for line in SPLIT], "programmer": printing(3)}
    show = await stage.knowing(Knowledge(accuracy=0.56, members=worse))("contemplating", lines)

    assert set(show.roles) == {"proposer"}


async def test_without_a_bound_on_calls_there_are_as_many_as_seats(stage: Stage) -> None:
    """The repair of a program counts as one."""
    strategy = Strategy(steps=[Gather(seats=5, programs="tried"), Vote()])
    show = await stage(strategy, {"proposer": SPLIT, "programmer": [BROKEN]})

    assert show.calls == 5


chain = st.sampled_from(["Answer: 1", "Answer: 2", "Answer: 3", "hm"])
written = st.sampled_from([*printing(1, 2, 3), BROKEN, "hm"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seats=st.integers(1, 5),
    models=st.sampled_from([("m",), ("m", "n"), ("m", "m", "n")]),
    chains=st.lists(chain, min_size=7, max_size=7),
    programs=st.lists(written, min_size=5, max_size=5),
    repaired=st.booleans(),
)
async def test_the_most_votes_win_within_the_calls(
    stage: Stage, seats: int, models: tuple[str, ...], chains: list[str], programs: list[str], repaired: bool
) -> None:
    """Whatever chains and programs say: both count alike, and no more is asked than four calls a seat, repairs counted."""

    def program(request: object) -> str:
        return printing(1)[0] if repaired and len(request.messages) > 1 else programs[request.draw % 5]  # type: ignore[attr-defined]

    lines = {"proposer": chains, "programmer": program}
    show = await stage("contemplating", lines, models=models, set={"seats": seats, "quorum": 1})
    answers = [turn.answer.value for turn in show.outcome.trace.turns if turn.verb == "gather" and turn.answer]
    votes = Counter(answers)

    assert show.calls <= 4 * seats
    assert show.answer is None or votes[show.answer] == max(votes.values())
    assert (show.answer is None) == (not answers)
