"""Cache, resume and replay: what was paid for once is never paid again, and comes out the same."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from contemplate import (
    Budget,
    Completion,
    Critique,
    InputError,
    Judge,
    Orchestrator,
    Propose,
    Question,
    Request,
    ScriptedBackend,
    Strategy,
    Tokens,
    Vote,
)
from contemplate.errors import OverloadedError, RejectedError, UnreachableError

DEBATE = "multiagent-debate"


def answers(request: Request) -> str:
    """Seats that differ at first and agree later."""
    return f"Answer: {request.draw if len(request.messages) == 1 else 1}"


async def test_the_same_question_is_paid_for_once(tmp_path: Path) -> None:
    """A second run on the same ledger makes no call and gives the same answer; another seed is another sample."""
    backend = ScriptedBackend(answers)
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        first = await orchestrator.solve("1?", DEBATE, answer="number")
        again = await orchestrator.solve("1?", DEBATE, answer="number")
        other = await orchestrator.solve("1?", DEBATE, answer="number", seed=1)

    assert (first.usage.calls, first.usage.cached_calls) == (6, 0)
    assert (again.usage.calls, again.usage.cached_calls) == (0, 6)
    assert other.usage.calls == 6
    assert again.trace.canonical() == first.trace.canonical()


async def test_strategies_share_equal_samples(tmp_path: Path) -> None:
    """The first answers of a debate are those of self-consistency: what one paid for, the other has."""
    async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
        await orchestrator.solve("1?", "self-consistency", answer="number")
        debate = await orchestrator.solve("1?", DEBATE, answer="number")

    assert (debate.usage.calls, debate.usage.cached_calls) == (3, 3)


async def test_equal_questions_at_once_make_each_call_once(tmp_path: Path) -> None:
    """Two runs that ask the same at the same moment wait for one call."""
    backend = ScriptedBackend(answers, delay=0.05)
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator, anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(lambda: orchestrator.solve("1?", DEBATE, answer="number"))

    assert len(backend.requests) == 6


async def test_a_replay_makes_no_call_and_is_identical(tmp_path: Path) -> None:
    """Every turn comes out the same, with a backend that would fail if it were asked."""
    async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", "contemplating", answer="number")
    async with Orchestrator(backend=ScriptedBackend([]), ledger=tmp_path / "l.db") as orchestrator:
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert difference is None
    assert replayed.trace.canonical() == outcome.trace.canonical()
    assert replayed.answer == outcome.answer
    assert replayed.usage.calls == 0


@pytest.mark.parametrize("error", [UnreachableError("gone"), RejectedError("no such model"), RuntimeError("a bug")])
async def test_failed_turns_are_replayed_as_they_failed(tmp_path: Path, error: Exception) -> None:
    """A call that failed is a failed turn on record, and votes in no replay either."""
    backend = ScriptedBackend(lambda request: error if request.draw == 1 else "Answer: 7")
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", settings=_impatient()) as orchestrator:
        outcome = await orchestrator.solve("1?", "self-consistency", answer="number")
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert difference is None
    assert outcome.decision is not None
    assert outcome.decision.abstentions == ("seat-2",)
    assert replayed.decision == outcome.decision


def _impatient() -> object:
    from contemplate import Retry, Settings

    return Settings(retry=Retry(attempts=2, first_wait=0))


async def test_a_run_cut_short_by_its_deadline_replays_the_same(tmp_path: Path) -> None:
    """What was there at the deadline is there in the replay, and what was not is not."""

    async def slow(request: Request) -> str:
        await anyio.sleep(0.01 if request.draw < 2 else 30)
        return f"Answer: {request.draw}"

    async with Orchestrator(["m"], backend=ScriptedBackend(slow), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", DEBATE, answer="number", budget=Budget(seconds=0.5))
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert outcome.stopped == "deadline"
    assert outcome.answer in {"0", "1"}
    assert difference is None
    assert replayed.stopped == "deadline"


async def test_turns_that_had_nothing_to_say_do_not_confuse_a_replay(tmp_path: Path) -> None:
    """A critique of a reply that failed is not made; that is no run cut short."""
    strategy = Strategy(steps=[Propose(seats=2), Critique(of="each"), Vote()])
    backend = ScriptedBackend(lambda request: "Answer: 3\nVerdict: sound" if request.draw else "hm")
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", strategy, answer="number")
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert [turn.status for turn in outcome.trace.turns if turn.verb == "critique"] == ["cancelled", "said"]
    assert difference is None
    assert replayed.stopped == outcome.stopped == "completed"


async def test_a_decision_that_stands_survives_the_deadline(tmp_path: Path) -> None:
    """A vote that was taken is not taken again by another rule because a judge was too slow."""

    async def answer(request: Request) -> str:
        await anyio.sleep(60 if "Choice:" in request.messages[-1].content else 0)
        return f"Answer: {min(request.draw, 1)}"

    strategy = Strategy(steps=[Propose(seats=3), Vote(rule="majority"), Judge(when="always")])
    async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", strategy, answer="number", budget=Budget(seconds=0.4))
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert outcome.stopped == "deadline"
    assert outcome.decision is not None
    assert (outcome.answer, outcome.decision.rule) == ("1", "majority")
    assert difference is None
    assert replayed.decision == outcome.decision


async def test_a_run_that_spent_its_budget_replays_the_same(tmp_path: Path) -> None:
    """The turns that could not be paid for fail in the replay too."""
    async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", DEBATE, answer="number", budget=Budget(calls=4))
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert outcome.stopped == "budget"
    assert difference is None
    assert replayed.stopped == "budget"


async def test_a_changed_reply_is_noticed(tmp_path: Path) -> None:
    """A replay compares every turn, and says where it differs."""
    async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")
    with closing(sqlite3.connect(tmp_path / "l.db")) as database, database:
        database.execute("UPDATE completions SET completion = replace(completion, 'Answer: 0', 'Answer: 5')")
    async with Orchestrator(["m"], ledger=tmp_path / "l.db") as orchestrator:
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference

    assert difference is not None
    assert difference.startswith("turn 1.propose/seat-1: answer")


async def test_a_cancelled_run_can_be_resumed(tmp_path: Path) -> None:
    """What had come back before the cancellation is not asked for again."""
    asked: list[Request] = []

    async def answer(request: Request) -> str:
        asked.append(request)
        await anyio.sleep(30 if len(request.messages) > 1 and len(asked) < 7 else 0)
        return answers(request)

    backend = ScriptedBackend(answer)
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        with anyio.move_on_after(0.5):
            await orchestrator.solve("1?", DEBATE, answer="number")
        (record,) = await orchestrator.ledger.runs()
        resumed = await orchestrator.resume(record.run)
        replay = await orchestrator.replay(record.run)
        difference = replay.difference

    assert record.state == "interrupted"
    assert resumed.run == record.run
    assert resumed.usage.cached_calls == 3
    assert difference is None


async def test_a_resumed_run_keeps_to_its_budget(tmp_path: Path) -> None:
    """What was spent before the cut counts: four calls in all, and not four more."""
    asked = 0

    async def answer(request: Request) -> str:
        nonlocal asked
        asked += 1
        await anyio.sleep(30 if asked > 3 and asked < 5 else 0)
        return answers(request)

    async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=tmp_path / "l.db") as orchestrator:
        with anyio.move_on_after(0.5):
            await orchestrator.solve("1?", DEBATE, answer="number", budget=Budget(calls=4))
        (record,) = await orchestrator.ledger.runs()
        resumed = await orchestrator.resume(record.run)

    assert asked == 4
    assert resumed.stopped == "budget"
    assert resumed.usage.calls == 4


async def test_fallback_models_answer_for_one_that_fails(tmp_path: Path) -> None:
    """The turn says who answered; the replay finds it without asking the one that failed."""
    backend = ScriptedBackend(lambda request: RejectedError("no") if request.model == "bad" else "Answer: 3")
    async with Orchestrator(["bad"], fallbacks=["good"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference

    assert outcome.answer == "3"
    assert outcome.trace.turns[0].model == "good"
    assert difference is None


async def test_a_replay_keeps_to_the_fallback_that_answered(tmp_path: Path) -> None:
    """Also where the model that failed then has answered the same question since, for another run."""
    broken = ScriptedBackend(lambda request: RejectedError("no") if request.model == "first" else "Answer: 8")
    async with Orchestrator(["first"], fallbacks=["second"], backend=broken, ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")
    async with Orchestrator(["first"], backend=ScriptedBackend(["Answer: 5"]), ledger=tmp_path / "l.db") as orchestrator:
        later = await orchestrator.solve("1?", "single", answer="number")
        replay = await orchestrator.replay(outcome.run)

    assert (outcome.answer, later.answer) == ("8", "5")
    assert replay.difference is None
    assert replay.outcome.answer == "8"


async def test_replies_are_paid_for_even_if_they_are_unusable(tmp_path: Path) -> None:
    """A cut-off reply, a refusal and an empty one fail their turns, cost what they cost, and are kept."""
    replies = [
        Completion(text="Answer: 4", finish="length", tokens=Tokens(prompt=5, completion=10)),
        Completion(text="I won't", finish="refusal", tokens=Tokens(prompt=5, completion=10)),
        Completion(text="  ", tokens=Tokens(prompt=5, completion=10)),
        Completion(text="nothing to read", tokens=Tokens(prompt=5, completion=10)),
    ]
    strategy = Strategy(steps=[Propose(seats=4), Vote()])
    async with Orchestrator(["m"], backend=ScriptedBackend(replies), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve(Question(text="1?", kind="number"), strategy)

    failures = [turn.failure.kind for turn in outcome.trace.turns if turn.failure]
    assert failures == ["reply", "reply", "reply", "no-answer"]
    assert (outcome.usage.prompt_tokens, outcome.usage.completion_tokens) == (20, 40)
    assert outcome.answer is None
    assert outcome.stopped == "quorum"


async def test_unknown_and_unfinished_runs_are_said_so(tmp_path: Path) -> None:
    """One line each."""
    async with Orchestrator(["m"], backend=ScriptedBackend([OverloadedError("x")]), ledger=tmp_path / "l.db") as orchestrator:
        with pytest.raises(InputError, match="no run called 'nope'"):
            await orchestrator.replay("nope")


def test_kill_9_and_resume(tmp_path: Path) -> None:
    """After kill -9 in the middle of a debate, the server sees each finished call once."""
    log = tmp_path / "finished.jsonl"
    serve = [sys.executable, str(Path(__file__).parents[1] / "loopback.py"), "--port", "0", "--delay", "0.3", "--log", str(log)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            paid, before, runs, resumed, replay = _killed_and_resumed(server, log, tmp_path)
        finally:
            server.kill()

    bodies = [json.loads(line)["body"] for line in log.read_text().splitlines()]
    sent_again = {_identity(body) for body in bodies[before:]} & paid
    assert len(paid) >= 3
    assert sent_again == set(), "a call whose reply was there was made again"
    assert resumed["usage"]["cached_calls"] == len(paid)
    assert len(bodies) - before == 12 - len(paid)
    assert resumed["answer"] == "42"
    assert resumed["run"] == runs[0]["run"]
    assert replay.returncode == 0


def _killed_and_resumed(server: subprocess.Popen[str], log: Path, home: Path) -> tuple[Any, ...]:
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    command, ledger = [sys.executable, "-m", "contemplate"], ["--ledger", str(home / "l.db")]
    ask = [*command, "ask", "What is 6 * 7?", "--strategy", DEBATE, "--set", "rounds=4", "--answer", "number"]
    with subprocess.Popen(
        [*ask, "--model", "m", "--base-url", url, *ledger], stdout=subprocess.DEVNULL, env=_clean(home)
    ) as victim:
        _wait_for(lambda: log.exists() and len(log.read_text().splitlines()) >= 5)
        victim.send_signal(signal.SIGKILL)
    paid = _stored(home / "l.db")
    time.sleep(0.5)  # the server finishes what was in flight
    before = len(log.read_text().splitlines())
    runs = json.loads(subprocess.check_output([*command, "list", "runs", "--json", *ledger], env=_clean(home)))
    resumed = json.loads(subprocess.check_output([*command, "resume", runs[0]["run"], "--json", *ledger], env=_clean(home)))
    replay = subprocess.run([*command, "replay", runs[0]["run"], *ledger], env=_clean(home), check=False)
    return paid, before, runs, resumed, replay


def _stored(ledger: Path) -> set[tuple[str, int]]:
    """The calls whose replies are in the ledger."""
    with closing(sqlite3.connect(ledger)) as database:
        kept = [json.loads(row) for (row,) in database.execute("SELECT request FROM completions")]
    return {_identity(request) for request in kept if request["model"] != "contemplate/secret"}


def _identity(request: dict[str, Any]) -> tuple[str, int]:
    return json.dumps(request["messages"], sort_keys=True), request["seed"]


def _clean(home: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}


def _wait_for(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


async def test_spare_turns_that_were_over_count_at_the_deadline(tmp_path: Path) -> None:
    """A panel that samples until it is settled waits for its first seat; at the deadline what the others said is the answer."""

    async def answer(request: Request) -> str:
        await anyio.sleep(60 if request.draw == 0 else 0)
        return "Answer: 3"

    async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=tmp_path / "l.db") as orchestrator:
        chains = {"programs": "none"}
        outcome = await orchestrator.solve("1?", "contemplating", answer="number", parameters=chains, budget=Budget(seconds=0.4))
        replay = await orchestrator.replay(outcome.run)
        replayed, difference = replay.outcome, replay.difference

    assert (outcome.stopped, outcome.answer) == ("deadline", "3")
    assert difference is None
    assert replayed.answer == "3"
