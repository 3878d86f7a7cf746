"""Streams: the deliberation as it goes, under the names that clients know, and the answer."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from contemplate import Request, ScriptedBackend
from loopback import Loopback, Reply
from serving import MODEL, asked, events_in, served

OPEN = "Explain in full how bread is made, please."


def deltas(events: list[dict[str, Any]], name: str) -> list[str]:
    """What stands under a name in the pieces of the first choice."""
    found = [event["choices"][0]["delta"].get(name) for event in events if event["choices"]]
    return [one for one in found if one]


async def test_reasoning_goes_out_under_both_names() -> None:
    """Every piece has both, with the same words; the answer is content, and the last chunk says what it took."""
    async with served() as client:
        body = asked("What is 6 * 7?", "self-consistency", stream=True, stream_options={"include_usage": True})
        events = await client.stream("/v1/chat/completions", body)

    assert deltas(events, "reasoning") == deltas(events, "reasoning_content")
    told = "".join(deltas(events, "reasoning"))
    assert "seat-5: Both add up.\nAnswer: 42" in told
    assert "plurality: 42 (5 for 42)" in told
    assert deltas(events, "content") == ["42"]
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["total_tokens"] > 1000
    assert len({event["id"] for event in events}) == 1
    assert [event["choices"][0]["finish_reason"] for event in events[-2:-1]] == ["stop"]


async def test_reasoning_in_tags() -> None:
    """Each tag is a chunk of its own, and what agents say can't close it."""
    backend = ScriptedBackend(lambda _: "So</think>the secret.\nAnswer: 42")
    async with served(backend, settings={"reasoning": "tags"}) as client:
        events = await client.stream("/v1/chat/completions", asked("What is 6 * 7?", stream=True))
    content = deltas(events, "content")

    assert content[0] == "<think>"
    assert content[-2:] == ["</think>", "42"]
    assert "".join(content).count("</think>") == 1
    assert "So< /think>the secret." in "".join(content)
    assert deltas(events, "reasoning") == []


async def test_no_reasoning() -> None:
    """Only the answer goes out."""
    async with served(settings={"reasoning": "off"}) as client:
        events = await client.stream("/v1/chat/completions", asked("What is 6 * 7?", stream=True))

    assert [event["choices"][0]["delta"] for event in events] == [{"role": "assistant", "content": ""}, {"content": "42"}, {}]


async def test_several_answers_in_one_stream() -> None:
    """The chunks of each say which one they belong to."""
    async with served() as client:
        events = await client.stream("/v1/chat/completions", asked("What is 6 * 7?", stream=True, n=2))
    said = {(event["choices"][0]["index"], event["choices"][0]["delta"].get("content")) for event in events}

    assert {(0, "42"), (1, "42")} <= said


async def test_an_answer_that_is_lost_among_others() -> None:
    """It ends without words; only where all are lost the stream fails."""
    gone = iter(["I can't say.", "Answer: 42", "I can't say.", "I can't say."])
    backend = ScriptedBackend(lambda request: next(gone, "I can't say.") if request.draw == 0 else "I can't say.")
    body = asked("What is 6 * 7?", stream=True, n=2, contemplate={"answer": "number"})
    async with served(backend) as client:
        one = await client.stream("/v1/chat/completions", body)
        none = await client.stream("/v1/chat/completions", {**body, "seed": 7})

    assert not any("error" in event for event in one)
    assert deltas([event for event in one if event["choices"][0]["index"] == 1], "content") == ["42"]
    assert none[-1]["error"]["code"] == "no_answer"


async def test_a_lone_answer_streams_as_it_is_written(loopback: Loopback) -> None:
    """Where one reply is the answer, its pieces are content; they come before the run is over."""
    loopback.script = "First mix the flour with water. Then wait for a day. At last bake it."
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/chat/completions", asked(OPEN, stream=True))
    content = deltas(events, "content")

    assert "".join(content) == loopback.script
    assert len(content) > 8
    assert "flour" not in "".join(deltas(events, "reasoning"))


async def test_a_reply_that_thinks_aloud_waits_for_its_end(loopback: Loopback) -> None:
    """Its thinking is no part of the answer."""
    loopback.script = "<think>Bread? I like bread.</think>Mix, wait and bake."
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/chat/completions", asked(OPEN, stream=True))

    assert "".join(deltas(events, "content")) == "Mix, wait and bake."


async def test_words_of_one_agent_alone_come_as_they_are_written(loopback: Loopback) -> None:
    """They are reasoning, where the answer is read from them."""
    loopback.script = "Six sevens are two more than forty.\nAnswer: 42"
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/chat/completions", asked("What is 6 * 7?", stream=True))
    told = deltas(events, "reasoning")

    assert loopback.script in "".join(told)
    assert " sevens" in told
    assert deltas(events, "content") == ["42"]


async def test_a_silent_stream_says_that_it_is_there() -> None:
    """While nothing happens comments go out, which clients pass over."""
    gate = asyncio.Event()

    async def wait(_: Request) -> str:
        await gate.wait()
        return "Answer: 42"

    body = asked("What is 6 * 7?", stream=True)
    async with (
        served(ScriptedBackend(wait), settings={"keep_alive": 0.05}) as client,
        client.session.post(f"{client.url}/v1/chat/completions", json=body) as reply,
    ):
        seen = b""
        while seen.count(b": still at work") < 2:
            seen += await reply.content.readany()
        gate.set()
        seen += await reply.read()

    assert events_in(seen.decode())[-1]["choices"][0]["finish_reason"] == "stop"


async def test_the_first_byte_comes_at_once() -> None:
    """However long the panel takes; how soon is measured by tests/benchmarks/server_overhead.py."""
    async with served(ScriptedBackend(lambda _: "Answer: 42", delay=1.0)) as client:
        await client.get("/health")
        waits = []
        for seed in range(3):
            began = time.perf_counter()
            body = asked("What is 6 * 7?", stream=True, seed=seed)
            async with client.session.post(f"{client.url}/v1/chat/completions", json=body) as reply:
                await reply.content.readany()
                waits.append(time.perf_counter() - began)

    assert min(waits) < 0.5


async def test_a_failure_after_the_first_byte_is_an_event(loopback: Loopback) -> None:
    """The status is out by then: clients of chat completions raise on an error in a chunk."""
    loopback.script = lambda _: Reply(status=400, body=b'{"error": {"message": "no such model"}}', delay=0.2)
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/chat/completions", asked("What is 6 * 7?", stream=True))

    assert events[-1]["error"]["code"] == "no_answer"
    assert MODEL in events[-1]["error"]["message"] or "no such model" in events[-1]["error"]["message"]


async def test_a_crowd_is_told_of_failures_too(loopback: Loopback) -> None:
    """Many streams that fail as soon as their runs begin: no first byte waits for them, so that most learn it by an event."""
    body = asked("What is 6 * 7?", stream=True, contemplate={"budget": {"usd": 1.0}})  # and nobody knows the price
    async with served(base_url=loopback.url) as client:

        async def one() -> tuple[int, dict[str, Any]]:
            async with client.session.post(f"{client.url}/v1/chat/completions", json=body) as reply:
                text = await reply.text()
                return reply.status, events_in(text)[-1] if reply.status == 200 else json.loads(text)

        ends = await asyncio.gather(*(one() for _ in range(40)))
        alone = await one()
        inside = client.engine.slots.inside

    assert {200} <= {status for status, _ in ends} <= {200, 400}
    assert all("price" in said["error"]["message"] for _, said in ends)
    assert alone[0] == 400
    assert inside == 0
