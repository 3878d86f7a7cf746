"""Agents that look at a picture again: who is shown the region and who is told of it, what the trace keeps, replay, resume."""

from __future__ import annotations

import base64
import io
import json
from functools import partial
from typing import Any

import anyio
import pytest

from attached import a_picture
from contemplate import Completion, Model, Orchestrator, Request, ScriptedBackend
from contemplate.attachments import Line, PartReading, looking
from contemplate.types import Blob, ToolCall, ToolResult
from loopback import Loopback, Reply, Seen
from pdfs import a_pdf
from tool_users import call, replayed, uses

pytest.importorskip("PIL")
pytest.importorskip("pypdfium2")

CORNER = json.dumps({"left": 0, "top": 50, "right": 25, "bottom": 100, "zoom_times": 2})
SEES, BLIND = Model("m/sees", accepts=["image"]), Model("m/blind", accepts=["text"])


def halves() -> bytes:
    """White above, red below: 80 x 40 pixels."""
    image = pytest.importorskip("PIL.Image")
    picture = image.new("RGB", (80, 40), "white")
    picture.paste((255, 0, 0), (0, 20, 80, 40))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def colour(content: bytes) -> tuple[tuple[int, int], Any]:
    """The size of a picture and the colour in its middle."""
    picture = pytest.importorskip("PIL.Image").open(io.BytesIO(content)).convert("RGB")
    return picture.size, picture.getpixel((picture.width // 2, picture.height // 2))


def answers_by_colour(seen: Seen) -> Reply | str:
    """A model that takes pictures: it asks for the corner, and answers with the colour that it was shown."""
    last = seen.body["messages"][-1]
    if not any(message["role"] == "tool" for message in seen.body["messages"]):
        asked = {"id": "a", "type": "function", "function": {"name": "look", "arguments": CORNER}}
        message = {"role": "assistant", "content": None, "tool_calls": [asked]}
        body = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}], "model": "m", "usage": {}}
        return Reply(status=200, body=json.dumps(body).encode())
    assert [message["role"] for message in seen.body["messages"]][-3:] == ["assistant", "tool", "user"]
    (url,) = (part["image_url"]["url"] for part in last["content"] if part["type"] == "image_url")
    size, (red, green, _) = colour(base64.b64decode(url.partition(",")[2]))
    return f"Answer: {'red' if red > 200 > green else 'white'} {size[0]} x {size[1]}"


async def test_a_model_that_takes_pictures_is_shown_the_region(loopback: Loopback) -> None:
    """Over HTTP, behind the tool's result; the turn says where it looked; the ledger has what it was shown."""
    loopback.script = answers_by_colour
    async with Orchestrator([Model("omni", loopback.url, accepts=["image"])], ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("Which colour?", "single", answer="text", tools=["look"], attachments=[halves()])
        sent = len(loopback.seen)
        await replayed(orchestrator, outcome)
        (use,) = uses(outcome)
        assert use.picture is not None
        kept = await orchestrator.ledger.blob(use.picture.sha256)

    assert ("red 40 x 40", 2, 2) == (outcome.answer, sent, len(loopback.seen))
    assert kept is not None
    assert ((40, 40), (255, 0, 0)) == colour(kept)
    (turn,) = (turn for turn in outcome.trace.turns if turn.seat)
    (look,) = turn.looks
    (part,) = outcome.question.attachments[0].parts
    assert (part.blob.sha256, (0, 50, 25, 100), 2, None) == (look.sha256, look.region, look.zoom, look.reading)
    assert "20 x 20 pixels" in use.result


def looks_once(asked: list[Request], *, native: bool) -> ScriptedBackend:
    """Agents that look at the corner, and then answer with what they were told or shown."""

    def say(request: Request) -> str | Completion:
        asked.append(request)
        texts = "\n".join(message.text for message in request.messages)
        if "Result of call 1" not in texts:
            asks = ToolCall(id="a", name="look", arguments=CORNER)
            return Completion(text="", tool_calls=(asks,)) if native else call("look", CORNER)
        shown = sum(len(message.blobs) for message in request.messages)
        return f"Answer: {shown} pictures{', told seven' if 'seven' in texts else ''}"

    return ScriptedBackend(say, tools=native)


@pytest.fixture
def reads_seven(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """In every picture stands "seven"; how many are read at a time."""
    made: list[int] = []

    async def readings(contents: list[bytes], *_: object) -> list[PartReading]:
        made.append(len(contents))
        return [PartReading((Line("seven", 0.9),), "a program")] * len(contents)

    monkeypatch.setattr(looking, "readings", readings)
    return made


@pytest.mark.parametrize("native", [True, False])
async def test_others_are_told_what_a_program_reads_there(reads_seven: list[int], *, native: bool) -> None:
    """In a mixed panel each gets what it takes, whatever the other has in the ledger; what is read is read once."""
    asked: list[Request] = []
    backend = looks_once(asked, native=native)
    async with Orchestrator([SEES, BLIND], backends={"m/*": backend}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(
            "What is there?",
            "self-consistency",
            answer="text",
            tools=["look"],
            attachments=[a_pdf(["A page of words."])],
            parameters={"seats": 4},
        )
        calls = len(asked)
        await replayed(orchestrator, outcome)

    said = {turn.model: turn.answer.text for turn in outcome.trace.turns if turn.on_panel and turn.answer}
    assert said == {"m/sees": "2 pictures", "m/blind": "0 pictures, told seven"}
    looks = {turn.model: turn.looks for turn in outcome.trace.turns if turn.on_panel}
    assert [None] == [look.reading for look in looks["m/sees"]]
    assert ["seven"] == [look.reading.text for look in looks["m/blind"] if look.reading]
    assert calls == len(asked)
    assert set(reads_seven) == {1}


async def test_a_run_that_was_cut_short_goes_on_with_what_it_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look is kept, and the picture of it, too: nothing is made anew, and what was not answered is asked as it was."""
    asked: list[Request] = []
    stuck = anyio.Event()

    async def say(request: Request) -> Completion:
        asked.append(request)
        if not any("Result of call 1" in message.text for message in request.messages):
            return Completion(text=call("look", CORNER))
        if not stuck.is_set():
            stuck.set()
            await anyio.sleep_forever()
        return Completion(text=f"Answer: {sum(len(message.blobs) for message in request.messages)}")

    async with Orchestrator([SEES], backends={"m/*": ScriptedBackend(say)}, ledger=":memory:") as orchestrator:
        options = {"answer": "number", "tools": ["look"], "attachments": [halves()]}
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(orchestrator.solve, "What?", "single", **options))
            await stuck.wait()
            tasks.cancel_scope.cancel()
        monkeypatch.setattr(looking, "crop", None)
        outcome = await orchestrator.resume("last")
        await replayed(orchestrator, outcome)

    assert "2" == outcome.answer
    assert 3 == len(asked)
    assert asked[1].key == asked[2].key
    assert 1 == len(outcome.trace.turns[0].looks)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ('{"left": 60, "right": 40}', "left < right"),
        ('{"attachment": 2}', "no picture 2.1"),
        ('{"zoom_times": 99}', "less than or equal to 16"),
    ],
)
async def test_what_is_no_look_is_said(arguments: str, why: str) -> None:
    """As a failed call, after which the agent answers all the same."""

    def say(request: Request) -> str:
        told = any("Result of call 1" in message.text for message in request.messages)
        return "Answer: 4" if told else call("look", arguments)

    async with Orchestrator([SEES], backends={"m/*": ScriptedBackend(say)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What?", "single", answer="number", tools=["look"], attachments=[halves()])
    (use,) = uses(outcome)
    assert why in (use.error or "")
    assert "4" == outcome.answer
    assert not outcome.trace.turns[0].looks


async def test_without_pictures_there_is_nothing_to_look_at() -> None:
    """And the prompt of a question with parts keeps them where tools are told of in words."""
    asked: list[Request] = []
    async with Orchestrator([SEES], backends={"m/*": looks_once(asked, native=False)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What?", "single", answer="text", tools=["look"])
        (use,) = uses(outcome)
        assert "no pictures" in (use.error or "")
        asked.clear()
        await orchestrator.solve("What?", "single", answer="text", tools=["look"], attachments=[halves()])
    parts = asked[0].messages[-1].content
    assert isinstance(parts, tuple)
    assert [type(part) for part in parts][-2:-1] == [Blob]
    assert "<tool_call>" in asked[0].messages[-1].text
    assert not any(isinstance(part, ToolResult) for part in parts)


@pytest.mark.slow
async def test_a_reader_reads_the_region_alone() -> None:
    """RapidOCR, on a picture of two lines: a seat without eyes asks for the lower one."""
    pytest.importorskip("rapidocr")
    image, draw, font = (pytest.importorskip(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont"))
    picture = image.new("RGB", (600, 200), "white")
    draw.Draw(picture).text((20, 20), "Pumps 1,100\nTotal 1,284", fill="black", font=font.load_default(48), spacing=40)
    out = io.BytesIO()
    picture.save(out, "PNG")
    told: list[str] = []

    def say(request: Request) -> str:
        told.append(request.messages[-1].text)
        return "Answer: 1284" if "Result of call 1" in told[-1] else call("look", '{"top": 50, "zoom_times": 2}')

    async with Orchestrator([BLIND], backends={"m/*": ScriptedBackend(say)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(
            "The total?", "single", answer="number", tools=["look"], attachments=[out.getvalue(), a_picture("x")]
        )
        await replayed(orchestrator, outcome)
    (use,) = uses(outcome)
    assert "1,284" in use.result
    assert "Pumps" not in use.result
    assert use.look is not None
    assert use.look.reading is not None
    assert use.look.reading.by.startswith("RapidOCR")
