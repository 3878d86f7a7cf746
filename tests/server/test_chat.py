"""Chat completions: what a client says, and what it gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contemplate import Request, ScriptedBackend
from serving import asked, served

SAID = "Both add up.\nAnswer: 42"


async def told(body: dict[str, Any], said: str = SAID, **headers: str) -> tuple[dict[str, Any], list[Request]]:
    """The reply to a body, and what agents were asked for it."""
    backend = ScriptedBackend(lambda _: said, structured=True)
    async with served(backend) as client:
        status, reply, _ = await client.post("/v1/chat/completions", body, **headers)
    assert status == 200, reply
    return reply, backend.requests


def words(request: Request) -> str:
    """All that an agent was shown."""
    return "\n".join(f"{message.role}: {message.text}" for message in request.messages)


async def test_an_answer_with_what_the_whole_panel_took() -> None:
    """The answer is the message; usage is that of all seats; the run's id is in the id."""
    reply, requests = await told(asked("What is 6 * 7?", "self-consistency"))

    assert len(requests) == 5
    assert reply["object"] == "chat.completion"
    assert reply["model"] == "contemplate/self-consistency"
    assert reply["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "42", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert reply["id"] == f"chatcmpl-{reply['contemplate']['run']}"
    usage = reply["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] == usage["completion_tokens"] - 1
    assert reply["contemplate"]["calls"] == 5


async def test_history_and_system_text_are_real_messages() -> None:
    """System and developer texts become one; what one side said twice becomes one message; the last one is the question."""
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello."},
        {"role": "user", "content": [{"type": "text", "text": "I am Ada."}]},
        {"role": "assistant", "content": "Good day."},
        {"role": "developer", "content": "Use digits."},
        {"role": "user", "content": "What is 6 * 7?"},
    ]
    _, (request,) = await told({"model": "single", "messages": messages})

    assert [message.role for message in request.messages] == ["system", "user", "assistant", "user"]
    assert "Be brief.\n\nUse digits." in request.messages[0].text
    assert request.messages[1].text == "Hello.\n\nI am Ada."
    assert "What is 6 * 7?" in request.messages[-1].text


async def test_a_schema_is_held() -> None:
    """`response_format` makes the answer a JSON value that satisfies the schema."""
    schema = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "sum", "strict": True, "schema": schema}}
    reply, _ = await told(asked("Add 40 and 2.", response_format=form), 'Sure.\nAnswer: {"sum": 42}')

    assert json.loads(reply["choices"][0]["message"]["content"]) == {"sum": 42}


async def test_each_of_n_has_a_seed_of_its_own() -> None:
    """Two answers are two runs; the same request again is answered from the ledger."""
    backend = ScriptedBackend(lambda _: SAID)
    async with served(backend) as client:
        _, reply, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?", n=2, seed=5))
        first = len(backend.requests)
        await client.post("/v1/chat/completions", asked("What is 6 * 7?", n=2, seed=5))
        _, runs, _ = await client.get("/api/runs")

    assert [choice["index"] for choice in reply["choices"]] == [0, 1]
    assert len(set(reply["contemplate"]["runs"])) == 2
    assert {row["seed"] for row in runs["runs"]} == {5, 6}
    assert (first, len(backend.requests)) == (2, 2)


async def test_a_server_that_thinks_anew() -> None:
    """With `fresh`, a request without a seed has one of its own; one with a seed has that."""
    backend = ScriptedBackend(lambda _: SAID)
    async with served(backend, settings={"fresh": True}) as client:
        for body in (asked("What is 6 * 7?"), asked("What is 6 * 7?"), asked("What is 6 * 7?", seed=-1)):
            assert (await client.post("/v1/chat/completions", body))[0] == 200
        _, runs, _ = await client.get("/api/runs")

    seeds = {row["seed"] for row in runs["runs"]}
    assert len(seeds) == 3
    assert 2**63 - 1 in seeds
    assert len(backend.requests) == 3


async def test_stop_and_max_tokens() -> None:
    """A stop text cuts the answer; `max_tokens` and the temperature hold for each reply."""
    body = asked("Explain in full how bread is made, please.", stop=["END"], max_tokens=77, temperature=0.3)
    reply, (request,) = await told(body, "Mix, wait and bake. END of it.")

    assert reply["choices"][0]["message"]["content"] == "Mix, wait and bake. "
    assert (request.sampling.max_tokens, request.sampling.temperature) == (77, 0.3)
    assert request.sampling.stop == ()


async def test_what_is_said_of_the_run_in_the_body_and_in_headers() -> None:
    """Seats, budget and the kind of answer; where body and header differ, the body counts."""
    extra = {"seats": 3, "answer": "number", "budget": {"calls": 9}}
    reply, requests = await told(asked("What is 6 * 7?", "self-consistency", contemplate=extra), **{"X-Contemplate-Seats": "4"})
    headers = {"X-Contemplate-Seats": "4", "X-Contemplate-Answer": "number", "X-Contemplate-Budget-Calls": "2"}
    capped, fewer = await told(asked("What is 6 * 7?", "self-consistency"), **headers)

    assert (len(requests), reply["contemplate"]["stopped"]) == (3, "completed")
    assert (len(fewer), capped["contemplate"]["stopped"]) == (2, "budget")


PUMPS = "\n\n".join(f"The pump {number} weighs {number * 7} kg.{' It rained all day.' * 40}" for number in range(12))
READS = "one part of a longer document"


@pytest.mark.parametrize("way", ["body", "header", "neither"])
async def test_a_long_document_is_read_in_parts(way: str) -> None:
    """By seats that have a part each, where `focus` says so; else every seat is shown all of it."""
    extra = {"documents": [{"name": "pumps.md", "text": PUMPS}], **({"focus": "split"} if way == "body" else {})}
    headers = {"X-Contemplate-Focus": "split"} if way == "header" else {}
    body = asked("What does pump 7 weigh?", "self-consistency", contemplate={"seats": 3, "answer": "number", **extra})

    reply, requests = await told(body, "1. The pump 7 weighs 49 kg.\nAnswer: 49", **headers)

    readers = [request for request in requests if READS in words(request)]
    whole = [request for request in requests if "The pump 0 " in words(request) and "The pump 11 " in words(request)]
    assert (len(requests), len(readers), len(whole)) == ((3, 0, 3) if way == "neither" else (6, 3, 0))
    assert reply["choices"][0]["message"]["content"] == "49"


@pytest.mark.parametrize(
    ("refine", "headers", "calls"),
    [(True, {}, 2), (None, {"X-Contemplate-Refine": "yes"}, 2), (False, {"X-Contemplate-Refine": "yes"}, 1), (None, {}, 1)],
)
async def test_a_question_is_put_more_tightly(refine: bool | None, headers: dict[str, str], calls: int) -> None:
    """Where `refine` says so: what a model made of it stands below the user's own words, and the stream tells it."""

    def say(request: Request) -> str:
        return "Goal: a product\nQuestion: What is 6 times 7?" if "as somebody typed it" in words(request) else SAID

    backend = ScriptedBackend(say)
    extra = {"answer": "number", **({} if refine is None else {"refine": refine})}
    async with served(backend) as client:
        events = await client.stream("/v1/chat/completions", asked("so whats 6 by 7?", stream=True, contemplate=extra), **headers)

    seat = words(backend.requests[-1])
    thought = "".join(event["choices"][0]["delta"].get("reasoning") or "" for event in events if event["choices"])
    assert len(backend.requests) == calls
    assert "so whats 6 by 7?" in seat
    assert ("Question: What is 6 times 7?" in seat, "What is 6 times 7?" in thought) == (calls == 2, calls == 2)


async def test_caps_of_the_server_are_not_passed() -> None:
    """A client may ask for less than the server's own caps, and never for more."""
    backend = ScriptedBackend(lambda _: SAID)
    async with served(backend, settings={"budget": {"calls": 2}}) as client:
        body = asked("What is 6 * 7?", "self-consistency", contemplate={"budget": {"calls": 100}})
        _, reply, _ = await client.post("/v1/chat/completions", body)

    assert (len(backend.requests), reply["contemplate"]["stopped"]) == (2, "budget")


async def test_a_file_in_a_message_is_a_document() -> None:
    """Its words are quoted to agents as data."""
    part = {
        "type": "file",
        "file": {"filename": "../notes.md", "file_data": "data:text/markdown;base64,VGhlIGNvZGUgaXMgYmx1ZS4="},
    }
    content = [{"type": "text", "text": "What is the code?"}, part]
    _, (request,) = await told({"model": "single", "messages": [{"role": "user", "content": content}]})

    assert "The code is blue." in words(request)
    assert "notes.md" in words(request)
    assert ".." not in words(request)


@pytest.mark.parametrize("field", ["api_base", "base_url", "api_key", "extra_headers"])
async def test_what_a_client_says_of_addresses_and_keys_is_read_by_nobody(field: str) -> None:
    """It stands in no request to a model."""
    _, (request,) = await told(asked("What is 6 * 7?", **{field: "http://elsewhere/v1"}), Authorization="Bearer client-secret")

    assert request.endpoint is None
    assert "elsewhere" not in request.model_dump_json()
    assert "client-secret" not in request.model_dump_json()


async def test_models_of_the_client_s_choice() -> None:
    """Those configured, and those that a pattern allows; in turn over the seats."""
    backend = ScriptedBackend(lambda _: SAID)
    async with served(backend, settings={"models": ["acme/*"]}) as client:
        body = asked("What is 6 * 7?", "self-consistency@a-model,acme/small", contemplate={"seats": 4})
        status, _, _ = await client.post("/v1/chat/completions", body)
        _, listed, _ = await client.get("/v1/models")
        one, _, _ = await client.get("/v1/models/contemplate/single@a-model")

    assert (status, one) == (200, 200)
    assert sorted(request.model for request in backend.requests) == ["a-model", "a-model", "acme/small", "acme/small"]
    assert {"contemplate/contemplating", "contemplate/single"} <= {row["id"] for row in listed["data"]}
