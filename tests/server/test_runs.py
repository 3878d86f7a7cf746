"""Runs of their own: begun, followed, stopped, listed, looked at."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from attached import a_picture
from contemplate import Request, ScriptedBackend
from contemplate.server.chat import ChatBody, read_chat
from contemplate.server.responses import ResponseBody, read_response
from contemplate.server.run_api import RunBody
from pdfs import a_pdf
from serving import Client, asked, events_in, served

QUESTION = {"question": "What is 6 * 7?", "strategy": "self-consistency", "seats": 3}


async def followed(client: Client, run: str, **headers: str) -> list[dict[str, Any]]:
    """The events of a run until its end."""
    _, text, _ = await client.get(f"/api/runs/{run}/events", **headers)
    return events_in(text)


async def test_a_run_is_followed() -> None:
    """Each event once, numbered; turns as the trace has them; the outcome at the end."""
    async with served() as client:
        status, begun, _ = await client.post("/api/runs", QUESTION)
        events = await followed(client, begun["run"])
        rest = await followed(client, begun["run"], **{"Last-Event-ID": "4"})

    assert (status, begun["seats"], begun["strategy"]) == (202, 3, "self-consistency")
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert rest == [event for event in events if event["number"] > 4]
    assert events[0]["type"] == "run_started"
    assert events[-1]["type"] == "run_ended"
    assert events[-1]["outcome"]["answer"] == "42"
    ended = [event["turn"] for event in events if event["type"] == "turn_ended"]
    assert [turn["brief"] for turn in ended] == ["42"] * 4
    assert ended[-1]["decision"]["winner"] == "42"
    assert {event["run"] for event in events} == {begun["run"]}
    calls = [event for event in events if event["type"] in {"call_started", "call_ended"}]
    assert len(calls) == 6
    assert not any({"request", "completions"} & set(event) for event in calls)


async def test_a_run_outlives_who_follows_it() -> None:
    """A page that is closed ends nothing."""
    gate = asyncio.Event()

    async def wait(_: Request) -> str:
        await gate.wait()
        return "Answer: 42"

    async with served(ScriptedBackend(wait)) as client:
        _, begun, _ = await client.post("/api/runs", QUESTION)
        async with client.session.get(f"{client.url}{begun['events']}") as reply:
            await reply.content.readany()
        gate.set()
        events = await followed(client, begun["run"])

    assert events[-1]["type"] == "run_ended"


async def test_a_run_is_stopped() -> None:
    """Its calls are cancelled; what follows it hears of that, and its ledger says that it was interrupted."""
    cancelled = asyncio.Event()

    async def wait(_: Request) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "Answer: 42"

    async with served(ScriptedBackend(wait)) as client:
        _, begun, _ = await client.post("/api/runs", QUESTION)
        following = asyncio.create_task(followed(client, begun["run"]))
        await asyncio.sleep(0.1)
        async with client.session.delete(f"{client.url}{begun['self']}") as reply:
            assert reply.status == 200
        events = await following
        _, row, _ = await client.get(begun["self"])
        async with client.session.delete(f"{client.url}{begun['self']}") as again:
            assert again.status == 200

    assert cancelled.is_set()
    assert events[-1]["type"] == "run_stopped"
    assert events[-1]["error"]["code"] == "stopped"
    assert (row["state"], row["live"]) == ("stopped", False)


async def test_what_is_kept_of_a_run() -> None:
    """Its row in the list, its outcome, its trace page, its Markdown, and the difference to another one."""
    async with served() as client:
        await client.post("/v1/chat/completions", asked("What is 6 * 7?", "self-consistency"))
        _, listed, _ = await client.get("/api/runs")
        run = listed["runs"][0]["run"]
        _, row, _ = await client.get(f"/api/runs/{run}")
        _, page, headers = await client.get(f"/api/runs/{run}/page")
        _, text, _ = await client.get(f"/api/runs/{run}/markdown")
        _, other, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?", "self-consistency", seed=1))
        _, difference, _ = await client.get(f"/api/runs/{run}/diff/{other['contemplate']['run']}")
        _, pair, _ = await client.get(f"/api/runs/{run}/page?beside={other['contemplate']['run']}")
        nobody, _, _ = await client.get(f"/api/runs/{run}/page?beside=no-such-run")
        client.engine.feeds.clear()
        again = await followed(client, run)

    assert listed["runs"][0]["answer"] == "42"
    assert row["outcome"]["decision"]["rule"] == "plurality"
    assert page.startswith("<!doctype html>")
    assert headers["Content-Type"].startswith("text/html")
    assert headers["X-Frame-Options"] == "DENY"
    assert "| 42 | 5 |" in text
    assert difference["settings"] == {"seed": [0, 1]}
    assert '"beside":null' in page
    assert '"beside":{' in pair
    assert nobody == 404
    assert [event["type"] for event in again] == ["run_started", *["turn_ended"] * 6, "run_ended"]


async def test_a_question_that_follows_another() -> None:
    """What was said before is its history."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with served(backend) as client:
        _, begun, _ = await client.post("/api/runs", {**QUESTION, "strategy": "single", "seats": None})
        await followed(client, begun["run"])
        body = {"question": "And one more?", "strategy": "single", "after": begun["run"]}
        _, second, _ = await client.post("/api/runs", body)
        await followed(client, second["run"])

    assert [message.role for message in backend.requests[-1].messages][-3:] == ["user", "assistant", "user"]


async def test_documents() -> None:
    """Texts come as they are, PDF files as their bytes."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    data = base64.b64encode(a_pdf(["The secret number is 42."])).decode()
    documents = [{"name": "a.md", "text": "Sum: 40."}, {"name": "b.pdf", "data": data}]
    async with served(backend) as client:
        _, begun, _ = await client.post("/api/runs", {"question": "Which number?", "strategy": "single", "documents": documents})
        events = await followed(client, begun["run"])
    shown = "\n".join(message.text for message in backend.requests[0].messages)

    assert [one["name"] for one in events[0]["question"]["documents"]] == ["a.md", "b.pdf"]
    assert "Sum: 40." in shown
    assert "The secret number is 42." in shown


def _message(kind: str, part: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": kind, "text": "What stands there?"}, part]}]


URL = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


async def test_pictures_are_attached() -> None:
    """However one comes, with its bytes; files of words beside it are documents."""
    part = {"type": "image_url", "image_url": {"url": URL}}
    chat = ChatBody.model_validate({"model": "single", "messages": _message("text", part)})
    response = ResponseBody.model_validate(
        {"model": "single", "input": _message("input_text", {"type": "input_image", "image_url": URL})}
    )
    files = [{"name": "a.png", "data": URL}, {"name": "a.md", "data": base64.b64encode(b"Sum: 40.").decode()}]
    run = RunBody.model_validate({"question": "What stands there?", "strategy": "single", "documents": files})
    async with served() as client:
        engine = client.engine
        questions = [read_chat(chat, engine.names, engine.settings), await read_response(response, engine), run.asked(engine)]
        options = [await one.options(engine.settings) for one in questions]

    assert [[(one.name, one.media_type) for one in each.attachments] for each in options] == [  # type: ignore[union-attr]
        [("picture", "image/png")],
        [("picture", "image/png")],
        [("a.png", "image/png")],
    ]
    assert [document.text for document in options[2].documents] == ["Sum: 40."]  # type: ignore[union-attr]


async def test_focus_and_refine() -> None:
    """Of a run, in its body or in headers; a body's word goes before a header's."""
    text = "\n\n".join(f"Line {number} says {number}.{' It rained.' * 200}" for number in range(9))
    body = {"question": "Which number?", "strategy": "single", "documents": [{"name": "a.md", "text": text}]}
    async with served() as client:
        _, said, _ = await client.post("/api/runs", {**body, "focus": "digest", "refine": True}, **{"X-Contemplate-Refine": "no"})
        _, told, _ = await client.post("/api/runs", body, **{"X-Contemplate-Focus": "split", "X-Contemplate-Refine": "true"})
        verbs = [
            [event["turn"]["verb"] for event in await followed(client, one["run"]) if event["type"] == "turn_ended"]
            for one in (said, told)
        ]

    assert [("refine" in each, "read" in each) for each in verbs] == [(True, True), (True, True)]


@pytest.mark.slow
async def test_a_picture_is_shown() -> None:
    """To the agent, who is also told what a program reads in it where the model sees nothing."""
    pytest.importorskip("PIL")
    backend = ScriptedBackend(lambda _: "Answer: 42")
    url = f"data:image/png;base64,{base64.b64encode(a_picture('42')).decode()}"
    async with served(backend) as client:
        chat = {"model": "single", "messages": _message("text", {"type": "image_url", "image_url": {"url": url}})}
        status, reply, _ = await client.post("/v1/chat/completions", chat)
        events = await followed(client, reply["contemplate"]["run"])

    assert status == 200
    assert [one["media_type"] for one in events[0]["question"]["attachments"]] == ["image/png"]
    assert any(message.blobs for message in backend.requests[0].messages)


async def test_what_can_be_chosen() -> None:
    """Strategies with their parameters, models, and what the server holds runs to."""
    async with served(settings={"budget": {"usd": 2.0}, "models": ["acme/*"]}) as client:
        _, found, _ = await client.get("/api/catalogue")
    strategies = {row["name"]: row for row in found["strategies"]}

    assert strategies["multiagent-debate"]["parameters"]["rounds"]["default"] >= 1
    assert strategies["self-consistency"]["seats"] == 5
    assert found["default"] in strategies
    assert (found["models"], found["more_models"], found["budget"]["usd"]) == (["a-model"], ["acme/*"], 2.0)
