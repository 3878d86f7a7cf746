"""Forks: only what lies downstream of a change is called, and all the rest comes from the ledger."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import pytest

from contemplate import (
    Budget,
    InputError,
    Orchestrator,
    Outcome,
    Price,
    Propose,
    Question,
    Request,
    ScriptedBackend,
    Strategy,
    Vote,
    stored_samples,
)
from contemplate.analysis.witness_knowledge import lessons
from contemplate.errors import RejectedError, UnknownNameError
from contemplate.models.retry import Retry
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.settings import Settings
from contemplate.trace.events import Event, TurnEnded
from contemplate.types import Turn
from loopback import Loopback, Seen

SUM = Question(text="What is 6 * 7?", kind="number", gold="42")
DEBATE = RunOptions(parameters={"rounds": 3})
FIRST = tuple(f"1.propose/seat-{seat}" for seat in (1, 2, 3))
SECOND = tuple(f"2.revise/1/seat-{seat}" for seat in (1, 2, 3))
LAST = tuple(f"2.revise/2/seat-{seat}" for seat in (1, 2, 3))


def turn_of(outcome: Outcome[Any], turn_id: str) -> Turn:
    """The turn of that id, which is over."""
    turn = outcome.trace.turn(turn_id)
    assert turn is not None
    return turn


@pytest.fixture
async def served(loopback: Loopback) -> AsyncIterator[Orchestrator]:
    """An orchestrator on a server at which seats say numbers of their own: the seed of the draw decides."""

    def script(seen: Seen) -> str:
        return f"I say so.\nAnswer: {seen.body['seed'] % 3 + 41}"

    loopback.script = script
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        yield orchestrator


@pytest.fixture
async def debate(served: Orchestrator) -> Outcome[Any]:
    """A debate of three seats over three rounds."""
    return await served.carry_out(SUM, "multiagent-debate", DEBATE)


# --- edits --------------------------------------------------------------------------------------------


async def test_an_edit_of_the_last_round_calls_nobody(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """Only the vote is downstream of it."""
    made = len(loopback.seen)
    fork = await served.fork(debate.run, edits={LAST[1]: "No, it is more.\nAnswer: 1000"})

    assert (9, made) == (made, len(loopback.seen))
    assert (0, 8) == (fork.usage.calls, fork.usage.cached_calls)
    assert "1000" in [row.answer for row in fork.decision.tally] if fork.decision else False
    edited = turn_of(fork, LAST[1])
    assert (True, (), "No, it is more.\nAnswer: 1000") == (edited.edited, edited.calls, edited.text)
    assert [LAST[1]] == [turn.id for turn in fork.trace.turns if turn.edited]


@pytest.mark.parametrize(("edited", "calls"), [(LAST[0], 0), (SECOND[0], 3), (FIRST[2], 6)])
async def test_only_what_is_downstream_is_called(
    served: Orchestrator, debate: Outcome[Any], loopback: Loopback, edited: str, calls: int
) -> None:
    """The rounds after it, in which all read it; as many as were estimated, and the fork replays exactly."""
    made, change = len(loopback.seen), {edited: "Look again.\nAnswer: 7"}
    expected = await served.estimate_fork(debate.run, edits=change)
    assert made == len(loopback.seen)
    fork = await served.fork(debate.run, edits=change)

    assert calls == len(loopback.seen) - made == fork.usage.calls
    assert (calls, calls) == expected.calls
    assert {turn.id for turn in fork.trace.turns if (clock := fork.trace.clock(turn.id)) and turn.calls and not clock.cached} == {
        turn for turn in (*FIRST, *SECOND, *LAST) if turn[:10] > edited[:10]
    }
    replay = await served.replay(fork.run)
    assert replay.difference is None
    assert calls == len(loopback.seen) - made


async def test_an_edit_that_says_the_same_changes_nothing(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """All that reads it was asked before."""
    made = len(loopback.seen)
    fork = await served.fork(debate.run, edits={FIRST[0]: turn_of(debate, FIRST[0]).text or ""})
    rows = {row["id"]: row for row in fork.trace.canonical()}

    assert made == len(loopback.seen)
    assert debate.answer == fork.answer
    assert [row for row in debate.trace.canonical() if row["id"] != FIRST[0]] == [
        row for name, row in rows.items() if name != FIRST[0]
    ]


async def test_an_edit_that_can_not_be_read_fails_and_replays(served: Orchestrator, debate: Outcome[Any]) -> None:
    """As a reply of a model would."""
    fork = await served.fork(debate.run, edits={LAST[0]: "I do not know."})
    failed = turn_of(fork, LAST[0])

    assert (True, "failed", "I do not know.") == (failed.edited, failed.status, failed.text)
    assert (await served.replay(fork.run)).identical


async def test_a_fork_says_what_it_is(served: Orchestrator, debate: Outcome[Any]) -> None:
    """In its spec, and in that of a fork of it, with all that is changed."""
    fork = await served.fork(debate.run, edits={LAST[0]: "Answer: 1"})
    again = await served.fork(fork.run, without_seats=[3])
    specs = [(await served.run(run)).spec for run in (debate.run, fork.run, again.run)]

    assert [None, debate.run, fork.run] == [spec.get("forked_from") for spec in specs]
    assert {"edits": {LAST[0]: "Answer: 1"}} == specs[1]["changes"]
    assert {"edits": {LAST[0]: "Answer: 1"}, "without_seats": [3]} == specs[2]["changes"]
    assert "changes" not in specs[0]
    assert turn_of(again, LAST[0]).edited
    assert debate.run == fork.head["forked_from"]
    assert (await served.replay(again.run)).identical


# --- seats and turns that are left out ----------------------------------------------------------------


async def test_a_seat_is_left_out(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """The others' first words stand; they read one another, and the seat is not in the count."""
    made = len(loopback.seen)
    expected = await served.estimate_fork(debate.run, without_seats=[2])
    fork = await served.fork(debate.run, without_seats=[2])

    assert 4 == len(loopback.seen) - made
    assert (4, 4) == expected.calls
    assert ["left-out"] * 3 == [turn.failure.kind for turn in fork.trace.turns if turn.failure and turn.seat == "seat-2"]
    assert [turn_of(debate, FIRST[0]), turn_of(debate, FIRST[2])] == [turn_of(fork, FIRST[0]), turn_of(fork, FIRST[2])]
    assert fork.decision is not None
    assert () == fork.decision.abstentions
    assert 2 == sum(row.votes for row in fork.decision.tally)
    assert (await served.replay(fork.run)).identical


async def test_other_seats_keep_their_samples(served: Orchestrator, loopback: Loopback) -> None:
    """Seat 3 does not get what seat 2 had drawn."""
    whole = await served.carry_out(SUM, "self-consistency", RunOptions(parameters={"seats": 5}))
    made = len(loopback.seen)
    fork = await served.fork(whole.run, without_seats=[2, 4])

    assert made == len(loopback.seen)
    assert [turn_of(whole, f"1.propose/seat-{seat}") for seat in (1, 3, 5)] == [
        turn for turn in fork.trace.turns if turn.verb == "propose" and turn.failure is None
    ]
    assert whole.trace.turns[0].key == fork.trace.turns[0].key


async def test_a_turn_is_left_out(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """The seat speaks again afterwards."""
    made = len(loopback.seen)
    fork = await served.fork(debate.run, without_turns=[SECOND[1]])

    assert 3 == len(loopback.seen) - made
    assert ["2.revise/1/seat-2"] == [turn.id for turn in fork.trace.turns if turn.failure is not None]
    assert (await served.replay(fork.run)).identical


async def test_a_quorum_is_no_more_than_there_are(served: Orchestrator) -> None:
    """Three of three were needed."""
    strategy = Strategy(steps=[Propose(seats=3), Vote()], quorum=3)
    whole = await served.carry_out(SUM, strategy, RunOptions())
    fork = await served.fork(whole.run, without_seats=[1])

    assert fork.answer is not None
    assert "completed" == fork.stopped


# --- models, rules, parameters ------------------------------------------------------------------------


async def test_a_seat_gets_another_model(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """Its own turns are called, and all that read them; nobody else's sample changes hands."""
    made = len(loopback.seen)
    expected = await served.estimate_fork(debate.run, models={2: "n"})
    fork = await served.fork(debate.run, models={2: "n"})
    models = [seen.body["model"] for seen in loopback.seen[made:]]

    assert (7, 7) == expected.calls
    assert (7, 3) == (len(models), models.count("n"))
    assert {"m", "n"} == {turn.model for turn in fork.trace.turns if turn.verb == "propose"}
    assert [turn_of(debate, FIRST[0]), turn_of(debate, FIRST[2])] == [turn_of(fork, FIRST[0]), turn_of(fork, FIRST[2])]
    assert (await served.replay(fork.run)).identical


async def test_a_model_that_others_have_draws_anew(served: Orchestrator, loopback: Loopback) -> None:
    """Two seats of one model never share a sample."""
    whole = await served.carry_out(SUM, "self-consistency", RunOptions(parameters={"seats": 4}, models=("m", "n")))
    made = len(loopback.seen)
    fork = await served.fork(whole.run, models={1: "n"})
    keys = [turn.key for turn in fork.trace.turns if turn.verb == "propose"]

    assert 1 == len(loopback.seen) - made
    assert 4 == len(set(keys))


async def test_votes_are_counted_by_another_rule(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """Nothing is called."""
    made = len(loopback.seen)
    fork = await served.fork(debate.run, rule="unanimity")

    assert made == len(loopback.seen)
    assert fork.decision is not None
    assert "unanimity" == fork.decision.rule
    assert (await served.replay(fork.run)).identical


async def test_a_parameter_is_set(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """A round more: the earlier ones come from the ledger; what the run had set stays."""
    made = len(loopback.seen)
    expected = await served.estimate_fork(debate.run, parameters={"rounds": 4})
    fork = await served.fork(debate.run, parameters={"rounds": 4})

    assert (3, 3) == expected.calls
    assert 3 == len(loopback.seen) - made
    assert 3 == len([turn for turn in fork.trace.turns if turn.id.startswith("2.revise/3/")])
    more = await served.fork(fork.run, parameters={"seats": 4})
    assert 1 + 4 * 3 == len(loopback.seen) - made - 3
    assert (await served.replay(more.run)).identical


async def test_changes_go_together(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """One seat out, one edited, another rule."""
    made = len(loopback.seen)
    fork = await served.fork(
        debate.run, without_seats=[3], edits={SECOND[0]: "Answer: 42"}, rule="unanimity", budget=Budget(calls=9)
    )

    assert 3 == len(loopback.seen) - made  # seat 2 twice, and the last word of seat 1
    assert (await served.replay(fork.run)).identical


async def test_replies_in_a_form_are_edited(loopback: Loopback) -> None:
    """At an endpoint that holds replies to a schema, an object or plain words; who reads it is asked, and the fork replays."""
    loopback.modes["response_format"] = "takes"
    loopback.script = lambda seen: "Answer: 42" if "response_format" not in seen.body else '{"work": "w", "verdict": "sound"}'
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        whole = await orchestrator.carry_out(SUM, "verify-refine", RunOptions())
        verified = next(turn for turn in whole.trace.turns if turn.verdict is not None)
        made = len(loopback.seen)
        same = await orchestrator.fork(whole.run, edits={verified.id: verified.text or ""})
        assert made == len(loopback.seen)
        other = await orchestrator.fork(whole.run, edits={verified.id: "It is wrong.\nVerdict: flawed"})

        assert ["sound", "flawed"] == [turn_of(one, verified.id).verdict for one in (same, other)]
        assert len(loopback.seen) > made
        for run in (same.run, other.run):
            assert (await orchestrator.replay(run)).identical


# --- budget, resume, estimate -------------------------------------------------------------------------


async def test_a_fork_keeps_to_its_budget(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """Six calls are downstream, and there are three."""
    made = len(loopback.seen)
    fork = await served.fork(debate.run, edits={FIRST[0]: "Answer: 1"}, budget=Budget(calls=3))

    assert 3 == len(loopback.seen) - made
    assert "budget" == fork.stopped
    assert (await served.replay(fork.run)).identical


async def test_a_fork_is_resumed(served: Orchestrator, debate: Outcome[Any], loopback: Loopback) -> None:
    """What it paid for is not paid again."""
    made = len(loopback.seen)

    seen: list[str] = []
    with anyio.CancelScope() as scope:

        def stop(event: Event) -> None:
            if isinstance(event, TurnEnded) and event.turn.id in SECOND and not event.cached:
                seen.append(event.run)
                scope.cancel()

        await served.fork(debate.run, edits={FIRST[0]: "Answer: 1"}, on_event=stop)
    paid = len(loopback.seen) - made
    record = await served.run(seen[0])
    assert "interrupted" == record.state
    outcome = await served.resume(record.run)

    assert 3 <= paid <= 6
    assert 6 == len({(turn.key) for turn in outcome.trace.turns if turn.id in (*SECOND, *LAST)})
    assert "completed" == outcome.stopped
    assert (await served.replay(record.run)).identical


async def test_an_estimate_has_a_price() -> None:
    """Where one is known; a budget below it is refused."""
    prices = {"m": Price(prompt=1, completion=1)}
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=":memory:", prices=prices) as served:
        whole = await served.carry_out(SUM, "multiagent-debate", DEBATE)
        expected = await served.estimate_fork(whole.run, edits={SECOND[0]: "Answer: 1"})
        unpriced = await served.estimate_fork(whole.run, models={1: "n"})

    assert str(expected).startswith("3 calls, about ")
    assert expected.usd is not None
    assert expected.usd[1] * 1e6 == pytest.approx(expected.tokens[1])
    assert unpriced.usd is None
    assert str(unpriced).endswith("price unknown")
    with pytest.raises(InputError, match="budget: calls: it takes 3 calls"):
        expected.check(Budget(calls=2))
    expected.check(Budget(calls=3))


# --- what failed, and what was spared -----------------------------------------------------------------


def counting(reply: Callable[[Request], str]) -> tuple[ScriptedBackend, list[Request]]:
    """A backend, and what is asked of it."""
    asked: list[Request] = []

    def say(request: Request) -> str:
        asked.append(request)
        return reply(request)

    return ScriptedBackend(say), asked


async def test_a_call_that_failed_is_not_made_again() -> None:
    """Unless what it read is another thing now."""

    def reply(request: Request) -> str:
        if request.draw == 1:
            raise RejectedError("no")
        return f"Answer: {request.draw}"

    backend, asked = counting(reply)
    once = Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m"], backend=backend, ledger=":memory:", settings=once) as orchestrator:
        whole = await orchestrator.solve(SUM, "multiagent-debate")
        made = len(asked)
        fork = await orchestrator.fork(whole.run, edits={"2.revise/1/seat-1": "Answer: 5"})
        assert made == len(asked)
        assert turn_of(whole, FIRST[1]) == turn_of(fork, FIRST[1])
        again = await orchestrator.fork(whole.run, edits={FIRST[0]: "Answer: 5"})
        assert 3 == len(asked) - made
        for run in (fork.run, again.run):
            assert (await orchestrator.replay(run)).identical


@pytest.mark.parametrize(("edit", "calls"), [("Answer: 7", 0), ("Answer: 1", 3)])
async def test_samples_that_were_not_needed_are_drawn_when_they_are(edit: str, calls: int) -> None:
    """Five leave at once, and the first two agree; with one that says something else the others are asked, and not before."""
    slow, asked = True, list[int]()

    async def reply(request: Request) -> str:
        asked.append(request.draw)
        await anyio.sleep(60 if slow and request.draw > 1 else 0)
        return "Answer: 7"

    until = {"test": "settled", "rule": "majority-share"}
    strategy = Strategy.model_validate({"steps": [{"do": "propose", "seats": 5, "until": until, "at_once": 5}, {"do": "vote"}]})
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        whole = await orchestrator.carry_out(SUM, strategy, RunOptions())
        assert ["said"] * 2 + ["cancelled"] * 3 == [turn.status for turn in whole.trace.turns if turn.seat]
        asked.clear()
        slow = False
        fork = await orchestrator.fork(whole.run, edits={FIRST[0]: edit})

        assert list(range(2, 2 + calls)) == asked
        assert 2 + calls == len([turn for turn in fork.trace.turns if turn.seat and turn.status == "said"])
        assert (await orchestrator.replay(fork.run)).identical


# --- what is wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "needs a change"),
        ({"without_seats": [4]}, "there is no seat 4: the panel has the seats 1 to 3"),
        ({"without_seats": [1, 2, 3]}, "all seats would be left out"),
        ({"edits": {"2.revise/2/seat-4": "x"}}, "no turn called '2.revise/2/seat-4'; did you mean '2.revise/2/seat-"),
        ({"edits": {"3.vote/final": "x"}}, "is no agent's, but worked out from others"),
        ({"edits": {LAST[0]: " \n"}}, "is empty"),
        ({"without_turns": ["nobody"]}, "no turn called 'nobody'"),
        ({"models": {2: "m"}}, "seat 2 has the model m already"),
        ({"models": {9: "n"}}, "there is no seat 9"),
        ({"rule": "pluralty"}, "did you mean 'plurality'"),
        ({"rule": "weighted", "models": {2: ""}}, "model"),
        ({"parameters": {"round": 2}}, "did you mean 'rounds'"),
        ({"parameters": {"rounds": 0}}, "rounds"),
        ({"edit": {}}, "unknown word 'edit'; did you mean 'edits'?"),
        ({"without_seats": [0]}, "without_seats"),
    ],
)
async def test_what_is_wrong_is_said(
    served: Orchestrator, debate: Outcome[Any], loopback: Loopback, changes: dict[str, Any], told: str
) -> None:
    """In one line, before anything is called."""
    made = len(loopback.seen)
    with pytest.raises(InputError, match=re.escape(told)) as error:
        await served.fork(debate.run, **changes)

    assert "\n" not in str(error.value)
    assert made == len(loopback.seen)


async def test_the_nearest_run_is_named(served: Orchestrator, debate: Outcome[Any]) -> None:
    """A digit is wrong."""
    with pytest.raises(UnknownNameError, match=f"did you mean '{debate.run}'"):
        await served.fork(debate.run[:-1] + "x", rule="unanimity")


async def test_parameters_of_another_recipe_can_not_be_told(served: Orchestrator, debate: Outcome[Any]) -> None:
    """A fork by another rule is not what the recipe gives."""
    fork = await served.fork(debate.run, rule="unanimity")

    with pytest.raises(InputError, match="can't be told"):
        await served.fork(fork.run, parameters={"rounds": 2})


async def test_forks_teach_nothing(served: Orchestrator, debate: Outcome[Any]) -> None:
    """What an edit says is nobody's answer."""
    before = await lessons(served.ledger)
    await served.fork(debate.run, edits={FIRST[0]: "Answer: 5"})

    assert before == await lessons(served.ledger)
    assert [3] == [len(votes.classes) for votes in await stored_samples(served.ledger)]
