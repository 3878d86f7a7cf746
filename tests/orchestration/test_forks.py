"""Forks: only what lies downstream of a change is called, and all the rest comes from the ledger."""

from __future__ import annotations

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
    ScriptedBackend,
    Strategy,
    Vote,
)
from contemplate.orchestration.options import RunOptions
from contemplate.trace.events import Event, TurnEnded
from forking import DEBATE, FIRST, LAST, SECOND, SUM, turn_of
from loopback import Loopback

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
