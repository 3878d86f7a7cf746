"""Whole runs against a real server on loopback: what a provider does, and what becomes of it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contemplate import Budget, InputError, Orchestrator, Outcome, Retry, Settings
from contemplate.errors import EndpointError
from contemplate.models.limiter import Limits
from loopback import Loopback, Reply, Seen

QUICK = Settings(retry=Retry(attempts=3, first_wait=0.01, deadline=5))


async def run(url: str, strategy: str = "self-consistency", settings: Settings = QUICK, **options: Any) -> Outcome:
    """One run on an empty ledger in memory."""
    async with Orchestrator(["m"], base_url=url, ledger=":memory:", settings=settings) as orchestrator:
        return await orchestrator.solve("What is 6 * 7?", strategy, answer="number", **options)


async def test_a_discussion_over_http(loopback: Loopback) -> None:
    """Proposals, critiques, revisions and a vote, over real connections."""

    def answer(seen: Seen) -> str:
        task = seen.body["messages"][-1]["content"]
        if "quote the first wrong one" in task:
            return "Verdict: flawed"
        return "Answer: 42" if "updated solution" in task else f"Answer: {40 + len(loopback.seen) % 2}"

    loopback.script = answer
    outcome = await run(loopback.url, "contemplating-2026-11")

    assert outcome.answer == "42"
    assert outcome.decision is not None
    assert outcome.decision.tally[0].votes == 5
    assert outcome.usage.calls == len(loopback.seen) == 5 + 4 + 5
    assert outcome.usage.prompt_tokens > 0
    assert outcome.usage.usd is None


async def test_busy_and_broken_servers_are_tried_again(loopback: Loopback) -> None:
    """429, 500 and a dropped connection cost a retry, and no answer."""
    failing: list[Reply] = [
        loopback.reply(status=429, headers={"Retry-After": "0"}),
        loopback.reply(status=500),
        loopback.reply(drop=True),
    ]
    loopback.script = lambda _: failing.pop() if failing else loopback.reply("Answer: 42")

    patient = Settings(retry=Retry(attempts=4, first_wait=0.01, deadline=5))
    outcome = await run(loopback.url, settings=patient, parameters={"seats": 3})

    assert outcome.answer == "42"
    assert outcome.decision is not None
    assert outcome.decision.abstentions == ()
    assert len(loopback.seen) == outcome.usage.calls == 6


async def test_every_kind_of_failure_is_a_failed_turn(loopback: Loopback) -> None:
    """Refused, filtered, cut off, empty, rejected: each fails its turn with its reason, and votes for nothing."""
    kinds = [
        loopback.reply("no", message={"refusal": "I can't"}),
        loopback.reply("Answer: 1", finish="content_filter"),
        loopback.reply("Answer: 1", finish="length"),
        loopback.reply(""),
        loopback.reply(status=404, body=b'{"error": {"message": "no such model"}}'),
        loopback.reply("I do not know."),
        loopback.reply("Answer: 42"),
    ]
    loopback.script = lambda _: kinds.pop(0)

    outcome = await run(loopback.url, parameters={"seats": 7})

    failures = Counter(turn.failure.kind for turn in outcome.trace.turns if turn.failure)
    assert failures == {"reply": 4, "rejected": 1, "no-answer": 1}
    assert outcome.answer == "42"
    assert outcome.decision is not None
    assert len(outcome.decision.abstentions) == 6


async def test_no_key_gets_into_a_trace(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server that echoes the key in its error does not get it into the trace, the file or the ledger."""
    monkeypatch.setenv("CONTEMPLATE_API_KEY", "correct-horse-battery")
    loopback.script = lambda seen: loopback.reply(status=401, body=f'{{"error": {{"message": "bad {seen.key}"}}}}'.encode())

    async with Orchestrator(["m"], base_url=loopback.url, ledger=tmp_path / "l.db", settings=QUICK) as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")
    outcome.write_trace(tmp_path / "t.jsonl")

    assert loopback.seen[0].key == "correct-horse-battery"
    written = (tmp_path / "t.jsonl").read_bytes() + b"".join(file.read_bytes() for file in tmp_path.glob("l.db*"))
    assert b"[redacted]" in written
    assert b"correct-horse" not in written


async def test_a_server_that_is_not_there_is_bad_input() -> None:
    """One line before anything is called."""
    with pytest.raises(EndpointError, match=re.escape("http://127.0.0.1:9")):
        await run("http://127.0.0.1:9/v1")


async def test_a_provider_s_key_is_never_sent_to_a_base_url(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the model's name begins with that provider."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-provider-secret-1234")
    monkeypatch.delenv("CONTEMPLATE_API_KEY", raising=False)

    async with Orchestrator(["openai/gpt-5"], base_url=loopback.url, ledger=":memory:", settings=QUICK) as orchestrator:
        await orchestrator.solve("1?", "single", answer="number")

    assert "sk-provider-secret-1234" not in str([dict(seen.headers) for seen in loopback.seen])


async def test_no_more_calls_in_flight_than_the_limit(loopback: Loopback) -> None:
    """The server itself never sees more at once."""
    loopback.delay = 0.02
    settings = Settings(limits={"default": Limits(concurrency=3)})

    outcome = await run(loopback.url, settings=settings, parameters={"seats": 12})

    assert outcome.usage.calls == 12
    assert loopback.peak == 3


@pytest.mark.parametrize("caps", [{"calls": 4}, {"tokens": 3000}])
async def test_the_server_never_sees_more_than_the_budget(loopback: Loopback, caps: dict[str, int]) -> None:
    """Whatever is in flight: calls and tokens stay under their caps."""
    loopback.script = "Answer: 42"

    outcome = await run(loopback.url, "multiagent-debate", parameters={"seats": 5, "rounds": 4}, budget=Budget(**caps))

    assert outcome.stopped == "budget"
    assert outcome.usage.calls == len(loopback.seen)
    assert outcome.usage.calls <= caps.get("calls", 1000)
    assert outcome.usage.prompt_tokens + outcome.usage.completion_tokens <= caps.get("tokens", 10**9)


async def test_dollars_need_a_price(loopback: Loopback) -> None:
    """Without a known price a cap in US dollars can't be kept, and is refused; with one it is."""
    with pytest.raises(InputError, match="no price is known for model 'm'"):
        await run(loopback.url, budget=Budget(usd=1))
    assert loopback.seen == []

    priced = Settings(prices={"m": {"prompt": 1.0, "completion": 10.0}}, max_tokens=100)  # type: ignore[dict-item]  # validated
    outcome = await run(loopback.url, settings=priced, budget=Budget(usd=0.004), parameters={"seats": 40})

    assert outcome.usage.usd is not None
    assert 0 < outcome.usage.usd <= 0.004
    assert outcome.stopped == "budget"
