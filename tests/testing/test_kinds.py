"""Every kind of fault through a whole run: a failed turn of a known class, a retry, or an error that says what to do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from contemplate import Budget, Orchestrator, Outcome, Retry, Settings
from contemplate.testing import KINDS, Fault, Faults, FaultServer, Kind, Latency, Rate
from contemplate.trace import TraceFile
from contemplate.trace.events import RunEnded
from contemplate.viewer import StoredRun, page, page_model

KEY = "correct-horse-battery-staple"
QUICK = Settings(retry=Retry(attempts=3, first_wait=0.02, deadline=3), timeout=0.4)

RETRIED: dict[str, str] = {
    "status": "overloaded",
    "hang": "timeout",
    "drip": "timeout",
    "reset-before": "unreachable",
    "reset-within": "unreachable",
    "truncated-json": "unreachable",
    "wrong-encoding": "unreachable",
    "no-choices": "unreachable",
}
"""Tried again; and what each attempt's error is, if it goes on."""
FAILED = {"null-content", "empty-content", "refusal", "content-filter", "length", "tool-calls"}
"""A reply, paid for, that says nothing: the turn fails, and nothing is asked again."""
REJECTED = {"html", "key-in-error"}
"""No retry mends it."""
USED = {"reset-after", "no-finish-reason", "no-usage", "zero-usage", "absurd-usage", "n-ignored", "key-in-reply"}
"""A whole reply all the same: it is used."""
STREAMED = {"chunks-twice", "chunks-out-of-order"}
"""Of streams; tried below."""


def a_fault(kind: Kind) -> Fault:
    """The fault of a kind; a body that drips takes longer than an attempt may."""
    return Fault(kind=kind, status=503, seconds=5.0 if kind == "drip" else 0.1)


async def run(server: FaultServer, ledger: Path | str = ":memory:", seats: int = 1, **more: object) -> Outcome:
    """One run of as many seats, each with a call of its own."""
    async with Orchestrator(["m"], base_url=server.url, ledger=ledger, settings=QUICK) as orchestrator:
        options = {"parameters": {"seats": seats}, "answer": "number", "seed": 1, **more}
        return await orchestrator.solve("What is 6 * 7?", "self-consistency", **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that is sent."""
    monkeypatch.setenv("CONTEMPLATE_API_KEY", KEY)


def test_each_kind_has_its_test() -> None:
    """A new kind is put into one of the groups."""
    groups = [set(RETRIED), FAILED, REJECTED, USED, STREAMED, {"down"}]
    assert set(KINDS) == set().union(*groups)
    assert len(KINDS) == sum(map(len, groups))


@pytest.mark.parametrize("kind", sorted(RETRIED))
async def test_it_is_tried_again(kind: Kind) -> None:
    """Once, it costs a retry; each time, the turn fails, and says where, which attempt, and what can be done."""
    with FaultServer(faults=Faults(at={0: a_fault(kind)})) as server:
        outcome = await run(server)
    assert ("42", 2, 2) == (outcome.answer, outcome.usage.calls, server.calls)
    assert 1 == server.counts["ok"]

    began = time.monotonic()
    with FaultServer(faults=a_fault(kind)) as server:
        outcome = await run(server)
    (turn,) = [turn for turn in outcome.trace.turns if turn.verb == "propose"]
    assert (None, 3, 3) == (outcome.answer, outcome.usage.calls, server.calls)
    assert time.monotonic() - began < 3
    assert turn.failure is not None
    assert RETRIED[kind] == turn.failure.kind
    assert f"127.0.0.1:{server.url.split(':')[2].removesuffix('/v1')}, model 'm'" in turn.failure.message
    assert "(attempt 3 of 3); " in turn.failure.message
    assert "name a fallback model" in turn.failure.message


@pytest.mark.parametrize("kind", sorted(FAILED | REJECTED))
async def test_it_is_a_failed_turn_and_no_vote(kind: Kind) -> None:
    """It says nothing of use, is not asked for again, and what it took is counted."""
    with FaultServer(faults=a_fault(kind)) as server:
        outcome = await run(server)
    (turn,) = [turn for turn in outcome.trace.turns if turn.verb == "propose"]
    assert (None, 1, 1) == (outcome.answer, outcome.usage.calls, server.calls)
    assert turn.failure is not None
    assert ("reply" if kind in FAILED else "rejected") == turn.failure.kind
    assert (outcome.usage.completion_tokens > 0) is (kind in FAILED)
    if kind in REJECTED:
        assert "model 'm'" in turn.failure.message
        assert "(attempt 1 of 3)" in turn.failure.message


@pytest.mark.parametrize("kind", sorted(USED))
async def test_what_is_paid_for_is_used(kind: Kind) -> None:
    """The reply counts, once, and what it took is what was said or a sane estimate."""
    with FaultServer(faults=a_fault(kind)) as server:
        outcome = await run(server, seats=3)
    assert "42" == outcome.answer
    assert outcome.usage.calls == server.calls == server.answered
    assert 0 < outcome.usage.completion_tokens < 3000


async def test_a_server_that_goes_down_and_comes_back() -> None:
    """Connections are refused for a while; a retry that comes later finds it again."""
    with FaultServer(faults=Faults(at={0: Fault(kind="down", seconds=0.05)})) as server:
        patient = Settings(retry=Retry(attempts=8, first_wait=0.1, deadline=5))
        async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=patient) as orchestrator:
            outcome = await orchestrator.solve("1?", "single", answer="number")
        assert "42" == outcome.answer
        assert 2 == server.calls
    assert outcome.usage.calls >= 2


@pytest.mark.parametrize("kind", sorted(STREAMED))
async def test_a_garbled_stream_is_no_vote(kind: Kind) -> None:
    """What is wrong with it can be seen, and it is asked for again, at once and without a stream."""
    with FaultServer("It is six times seven, so that the answer is 42.\nAnswer: 42", faults=a_fault(kind)) as server:
        async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=QUICK) as orchestrator:
            events = [event async for event in orchestrator.stream("1?", "single", answer="number", deltas=True)]
    assert isinstance(events[-1], RunEnded)
    outcome = events[-1].outcome
    (turn,) = outcome.trace.turns[:1]
    assert ("42", 2, 2) == (outcome.answer, server.calls, outcome.usage.calls)
    assert "It is six times seven, so that the answer is 42.\nAnswer: 42" == turn.text


@pytest.mark.parametrize("kind", ["key-in-error", "key-in-reply"])
async def test_no_key_gets_anywhere(kind: Kind, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Planted and echoed: it is in no ledger, trace, page, log or error."""
    with FaultServer(faults=Fault(kind=kind)) as server:
        outcome = await run(server, tmp_path / "l.db")
    outcome.write_trace(tmp_path / "t.jsonl")
    (tmp_path / "t.html").write_text(page(page_model(StoredRun.of_file(TraceFile.read(tmp_path / "t.jsonl")))), encoding="utf-8")
    (tmp_path / "t.md").write_text(outcome.to_markdown(), encoding="utf-8")
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    shown = f"{outcome!r} {outcome.to_dict()} {[turn.failure for turn in outcome.trace.turns]}"

    assert b"[redacted]" in written
    assert KEY.encode() not in written
    assert KEY not in shown + caplog.text + "".join(str(record.__dict__) for record in caplog.records)


async def test_a_key_is_not_told_piece_by_piece() -> None:
    """A stream that echoes it in two pieces tells neither."""
    with FaultServer(f"You sent {KEY[:9]} {KEY}!\nAnswer: 42") as server:
        async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=QUICK) as orchestrator:
            events = [event async for event in orchestrator.stream("1?", "single", answer="number", deltas=True)]
    assert KEY not in str(events)
    assert isinstance(events[-1], RunEnded)
    assert "42" == events[-1].outcome.answer


@pytest.mark.parametrize("as_date", [False, True])
async def test_a_refusal_of_a_day_says_until_when(as_date: bool) -> None:
    """The error says when calls are taken again and what to do; the others of the panel aren't sent at all."""
    fault = Fault(kind="status", status=429, retry_after=86_400, as_date=as_date)
    with FaultServer(faults=fault) as server:
        async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=QUICK) as orchestrator:
            first = await orchestrator.solve("1?", "single", answer="number")
            again = await orchestrator.solve("2?", "single", answer="number", budget=Budget(calls=5))
    messages = [turn.failure.message for one in (first, again) for turn in one.trace.turns if turn.failure]
    assert 1 == server.calls
    assert [1, 0] == [one.usage.calls for one in (first, again)]
    assert all("takes no calls until 20" in message and "24 hours from now" in message for message in messages)
    assert all("resume the run then" in message for message in messages)
    assert 2 == len(messages)


async def test_a_short_retry_after_is_waited_for() -> None:
    """In seconds, as many servers say it."""
    with FaultServer(faults=Faults(at={0: Fault(kind="status", retry_after=1)})) as server:
        outcome = await run(server)
    assert ("42", 2) == (outcome.answer, server.calls)
    assert server.arrivals[1] - server.arrivals[0] >= 1


async def test_faults_latency_and_limits_together() -> None:
    """The counts add up, and the same seed brings the same faults."""

    async def counts(seed: int) -> dict[str, int]:
        faults = Faults(share=0.4, mix=(Fault(kind="status", status=500), Fault(kind="n-ignored")), seed=seed)
        latency = Latency(seconds=0.01, shape="lognormal")
        with FaultServer(faults=faults, latency=latency, rate=Rate(requests=60_000)) as server:
            await run(server, seats=9)
        assert server.calls == sum(server.counts.values()) == len(server.arrivals)
        return dict(server.counts)

    assert await counts(3) == await counts(3)
