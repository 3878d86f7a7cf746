"""The Responses protocol: whole, streamed, and one after the other."""

from __future__ import annotations

from contemplate import ScriptedBackend
from loopback import Loopback, Reply
from serving import served


async def test_a_response() -> None:
    """Its output is a message; its usage is the panel's."""
    async with served() as client:
        status, reply, _ = await client.post(
            "/v1/responses", {"model": "contemplate/self-consistency", "input": "What is 6 * 7?"}
        )

    assert status == 200
    assert reply["output"][-1]["content"][0]["text"] == "42"
    assert reply["status"] == "completed"
    assert reply["usage"]["total_tokens"] > 1000
    assert reply["id"] == f"resp_{reply['contemplate']['run']}"


async def test_a_stream_is_whole() -> None:
    """It begins with `response.created`, its parts open and close, and the last event has all of the output."""
    async with served() as client:
        events = await client.stream("/v1/responses", {"model": "self-consistency", "input": "What is 6 * 7?", "stream": True})
    kinds = [event["type"] for event in events]

    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert kinds.count("response.output_item.added") == kinds.count("response.output_item.done") == 2
    assert "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta") == "42"
    whole = events[-1]["response"]
    assert [item["type"] for item in whole["output"]] == ["reasoning", "message"]
    assert whole["output"][1]["content"][0]["text"] == "42"
    assert "plurality: 42" in whole["output"][0]["summary"][0]["text"]
    places = {event["item_id"]: event["output_index"] for event in events if "item_id" in event}
    assert sorted(places.values()) == [0, 1]


async def test_a_lone_answer_streams_as_it_is_written(loopback: Loopback) -> None:
    """And the whole text stands in the last event."""
    loopback.script = "First mix the flour with water. Then wait for a day. At last bake it."
    body = {"model": "single", "input": "Explain in full how bread is made, please.", "stream": True}
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/responses", body)
    pieces = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]

    assert len(pieces) > 8
    assert "".join(pieces) == events[-1]["response"]["output"][-1]["content"][0]["text"] == loopback.script


async def test_a_stream_that_fails_says_so_at_its_end(loopback: Loopback) -> None:
    """`response.failed` is the last event, with the reason."""
    loopback.script = lambda _: Reply(status=400, body=b'{"error": {"message": "no such model"}}', delay=0.2)
    async with served(base_url=loopback.url) as client:
        events = await client.stream("/v1/responses", {"model": "single", "input": "What is 6 * 7?", "stream": True})

    assert events[-1]["type"] == "response.failed"
    assert "no answer" in events[-1]["response"]["error"]["message"]


async def test_a_response_follows_another() -> None:
    """What was said before is the history; instructions are the system prompt."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with served(backend) as client:
        _, first, _ = await client.post("/v1/responses", {"model": "single", "input": "What is 6 * 7?"})
        body = {"model": "single", "input": [{"role": "user", "content": "And one more?"}], "instructions": "Be brief."}
        await client.post("/v1/responses", {**body, "previous_response_id": first["id"]})
        status, reply, _ = await client.post("/v1/responses", {**body, "previous_response_id": "resp_20200101-000000-ffffff"})
    second = backend.requests[1].messages

    assert [message.role for message in second] == ["system", "user", "assistant", "user"]
    assert (second[1].text, second[2].text) == ("What is 6 * 7?", "42")
    assert "Be brief." in second[0].text
    assert (status, reply["error"]["code"]) == (404, "run_not_found")


async def test_a_schema() -> None:
    """`text.format` holds the answer to one."""
    schema = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}
    form = {"format": {"type": "json_schema", "name": "sum", "schema": schema}}
    backend = ScriptedBackend(lambda _: 'Answer: {"sum": 42}')
    async with served(backend) as client:
        _, reply, _ = await client.post("/v1/responses", {"model": "single", "input": "Add 40 and 2.", "text": form})

    assert reply["output"][-1]["content"][0]["text"] == '{"sum": 42}'
