"""What can be asked of a run is answered from its turns alone, whichever recipe made them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.cli.location import Location
from contemplate.cli.words import summary
from contemplate.trace import Trace
from contemplate.types import Answer, Decision, EdgeKind, Failure, Merge, Question, Request, Turn, seat_number


def answer(value: str, text: str | None = None) -> Answer:
    """An answer of kind text."""
    return Answer(kind="text", text=text or value, value=value, how="stated")


def turn(turn_id: str, said: str | None = None, **fields: Any) -> Turn:
    """A turn whose step and verb are those of its id; it failed, with a reply, where it has no answer."""
    step = turn_id.split("/", maxsplit=1)[0]
    seat = next((part for part in turn_id.split("/") if part.startswith("seat-")), "")
    if said is not None:
        fields |= {"answer": answer(said), "text": said}
    elif not fields.keys() & {"decision", "verdict", "status"}:
        fields = {"text": "?", **fields, "status": "failed", "failure": Failure(kind="no-answer", message="no")}
    return Turn(**{"id": turn_id, "step": step, "verb": step.partition(".")[2], "seat": seat, **fields})


def trace_of(*turns: Turn | tuple[Turn, Iterable[tuple[str, EdgeKind]]]) -> Trace:
    """A trace of turns, some with what they saw."""
    return Trace.of((one, ()) if isinstance(one, Turn) else (one[0], tuple(one[1])) for one in turns)


@pytest.mark.parametrize(
    ("seat", "number"), [("seat-1", 1), ("seat-12", 12), ("judge", 0), ("seat-", 0), ("seat-x", 0), ("seat-0", 0), ("seat-²", 0)]
)
def test_seat_numbers(seat: str, number: int) -> None:
    """Read in one place; 0 for whoever is not on the panel."""
    assert number == seat_number(seat)


# --- independent answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["propose", "dylan", "deepconf", "discussion-vote", "somebodys-own"])
def test_independent_answers_come_from_any_verb(verb: str) -> None:
    """What counts is that a seat answered and saw nobody; a failed attempt is one."""
    one, failed = turn(f"1.{verb}/seat-1", "a"), turn(f"1.{verb}/seat-2")
    later = turn(f"1.{verb}/2/seat-1", "b")
    trace = trace_of(one, failed, (later, [(failed.id, "saw")]))

    assert [one, failed] == trace.independent_answers()


def test_roles_outside_the_panel_are_no_witnesses() -> None:
    """Whoever compares two texts sees nobody either."""
    comparer = Turn(id="1.propose/equivalence/pair-1.1", step="1.propose", verb="propose", seat="equivalence", verdict="sound")

    assert [] == trace_of(comparer).independent_answers()


def test_cancelled_turns_are_no_answers() -> None:
    """Nobody knows what they would have said."""
    assert [] == trace_of(turn("1.propose/seat-1", status="cancelled")).independent_answers()


def test_a_seat_answers_once() -> None:
    """A second answer of a seat that still saw nobody is a copy."""
    one, again = turn("1.propose/seat-1", "a"), turn("2.revise/seat-1", "b")

    assert [one] == trace_of(one, again).independent_answers()


def test_a_call_without_a_reply_gives_way_to_one_with_a_reply() -> None:
    """A seat whose call failed and that is asked afresh has its first word then."""
    lost, drafted = turn("1.discussion-vote/1/seat-1", text=None), turn("1.discussion-vote/2/seat-1", "a")

    assert [drafted] == trace_of(lost, drafted).independent_answers()


def test_first_steps_are_no_answers() -> None:
    """In a step where seats said what is no answer, one that failed was not asked for an answer either."""
    thought = turn("1.search/seat-1/step-1", status="said", text="first, multiply")
    failed = turn("1.search/seat-2/step-1")

    assert [] == trace_of(thought, failed).independent_answers()


async def test_a_panel_in_turn_has_one_independent_answer() -> None:
    """The others have read those before them."""
    backend = ScriptedBackend(lambda _: "Answer: 4")
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "divergent-debate", answer="number")

    assert ["1.propose/seat-1"] == [turn.id for turn in outcome.trace.independent_answers()]


# --- rounds, flips, verdicts, decisions ---------------------------------------------------------------


def test_rounds_of_revisions_count_when_all_fail() -> None:
    """Any other step in which nobody answered was not one in which seats were to answer, as far as turns tell."""
    proposed, checked = turn("1.propose/seat-1", "a"), turn("2.critique/seat-2", verdict="sound")
    revised = turn("3.revise/1/seat-1", round=1)
    rounds = trace_of(proposed, checked, revised).rounds()

    assert [("1.propose", 0), ("3.revise", 1)] == [(one.step, one.number) for one in rounds]
    assert [("seat-1", answer("a"))] == rounds[0].answers
    assert [("seat-1", None)] == rounds[1].answers


def test_flips_say_after_reading_whom() -> None:
    """One's own last reply is not somebody that one reads."""
    one, two = turn("1.propose/seat-1", "a"), turn("1.propose/seat-2", "b")
    after = turn("2.revise/seat-1", "b")
    (flip,) = trace_of(one, two, (after, [(one.id, "revised"), (two.id, "saw")])).flips()

    assert ("seat-1", one, after, (two,)) == (flip.seat, flip.before, flip.after, flip.read)


def test_the_same_answer_in_other_words_is_no_flip() -> None:
    """A decision found the two to be one answer."""
    merge = Merge(answer="Austen", into="Jane Austen", reason="a model says so")
    decision = Decision(rule="plurality", winner="Jane Austen", tally=(), margin=0, merges=(merge,))
    said = [turn("1.propose/seat-1", "Jane Austen"), turn("2.revise/seat-1", "Austen")]

    assert 1 == len(trace_of(*said).flips())
    assert [] == trace_of(*said, turn("3.vote", decision=decision)).flips()


def test_verdicts_are_about_answers() -> None:
    """A critic of a turn without an answer judged nothing; one that failed came to no verdict, but was to."""
    said, silent = turn("1.propose/seat-1", "a"), turn("1.propose/seat-2")
    critic, failed = turn("2.critique/seat-2/on-seat-1", verdict="flawed"), turn("2.critique/seat-3/on-seat-1")
    nothing = turn("2.critique/seat-1/on-seat-2", verdict="flawed")
    seen: list[tuple[str, EdgeKind]] = [(said.id, "criticised")]
    found = trace_of(said, silent, (critic, seen), (failed, seen), (nothing, [(silent.id, "criticised")])).verdicts()

    assert [(critic, said), (failed, said)] == [(one.turn, one.about) for one in found]
    assert [answer("a")] * 2 == [one.answer for one in found]


async def test_first_vote_is_that_of_the_outcome() -> None:
    """And the last decision is the one that decided."""

    def reply(request: Request) -> str:
        return f"Answer: {request.draw if len(request.messages) < 3 else 7}"

    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(Question(text="?", kind="number"), "multiagent-debate")
        alone = await orchestrator.solve(Question(text="?", kind="number"), "self-consistency")

    assert outcome.first_decision is not None
    assert outcome.first_decision == outcome.trace.first_vote()
    assert [outcome.first_decision, outcome.decision] == outcome.trace.decisions()
    assert alone.trace.first_vote() is None


@pytest.mark.parametrize(("first", "turned"), [((42, 42, 7), True), ((7, 7, 42), False), ((1, 2, 3), True)])
async def test_what_was_talked_round_is_said(first: tuple[int, ...], turned: bool) -> None:
    """Where the first votes had another winner; a vote alone was not talked about."""

    def reply(request: Request) -> str:
        return f"Answer: {first[request.draw % 3] if len(request.messages) < 3 else 7}"

    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What is it?", "multiagent-debate", answer="number", parameters={"seats": 3})
        alone = await orchestrator.solve("What is it?", "self-consistency", answer="number", parameters={"seats": 3})

    assert outcome.answer == "7"
    assert (outcome.turned, alone.turned) == (turned, False)
    said = dict(summary(outcome, Location()))
    assert ("turned" in said) is turned
    assert not turned or str(first[0]) in said["turned"]


async def test_what_was_judged_to_be_one_answer_is_not_turned() -> None:
    """Two wordings that a decision counted as one are no other winner."""
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: Paris"), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("Which city?", "multiagent-debate", answer="text", parameters={"seats": 2})
    assert outcome.decision is not None
    last, first = (outcome.decision.model_copy(update={"winner": text, "value": text}) for text in ("paris", "city of paris"))
    merges = (Merge(answer="city of paris", into="paris", reason="judged the same"),)
    judged = turn("2.vote", decision=last.model_copy(update={"merges": merges}))
    told_apart = replace(outcome, first_decision=first, decision=last)

    assert told_apart.turned
    said = turn("1.propose/seat-1", "city of paris"), turn("1.propose/seat-2", "paris")
    assert not replace(told_apart, trace=trace_of(*said, judged)).turned
