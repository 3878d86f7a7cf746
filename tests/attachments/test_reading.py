"""What the real programs read and hear in files made here; they take seconds to load, and the speech model is fetched once."""

from __future__ import annotations

import io
import struct
import wave

import pytest

from attached import a_picture, a_sound, spoken
from contemplate import InputError, Model, Orchestrator, Request, ScriptedBackend
from contemplate.attachments import from_bytes, limits, opened, reading, readings, reads
from contemplate.models.backends.speech import speech_model

pytestmark = pytest.mark.slow


async def content_of(file: bytes) -> bytes:
    """The one part of a file, as it is kept."""
    (part,) = await opened(file, from_bytes(file).media_type, "file")
    return part.content


async def test_pictures_are_read_line_by_line() -> None:
    """A long thin one and a tiny one as well, which the detector alone would find nothing in; a blank one is unknown."""
    pytest.importorskip("rapidocr")
    files = [
        a_picture("Invoice 4711\nThe total is 1,284 units", (760, 160)),
        a_picture("a line of words and 42", (3_000, 90)),
        a_picture("Hi 7", (110, 60)),
        a_picture("", (300, 200)),
    ]

    first, wide, tiny, blank = await readings([await content_of(file) for file in files], "sight")

    assert first.text == "Invoice 4711\nThe total is 1,284 units"
    assert first.lines is not None
    assert first.lines[0].box is not None
    assert first.lines[1].box is not None
    assert first.lines[0].box[3] <= first.lines[1].box[3]
    assert all(0 < line.score <= 1 for line in first.lines)
    assert wide.text == "a line of words and 42"
    assert "7" in tiny.text
    assert (blank.lines, blank.text) == (None, "")
    assert first.by.startswith("RapidOCR 3")


async def test_speech_is_heard_and_silence_is_not() -> None:
    """Silence, a tone and faint noise hold no words, and cost little."""
    pytest.importorskip("faster_whisper")
    model = await speech_model()
    silence = io.BytesIO()
    with wave.open(silence, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(16_000)
        written.writeframes(struct.pack("<48000h", *([0] * 48_000)))
    said = spoken("The meeting starts at nine thirty in the morning.")
    files = [said, silence.getvalue(), a_sound(2.0)]

    speech, nothing, tone = await readings([await content_of(file) for file in files], "hearing", model)

    assert speech.lines is not None
    assert speech.text.startswith("[0.0 s] ")
    assert "meeting" in speech.text.lower()
    assert "morning" in speech.text.lower()
    assert (nothing.lines, tone.lines) == (None, None)
    assert speech.by.endswith("(whisper-base)")


async def test_a_run_on_a_picture_and_a_sentence() -> None:
    """Whoever neither sees nor hears answers by what was read and heard, and says so in the trace."""
    pytest.importorskip("rapidocr")
    asked: list[Request] = []

    def say(request: Request) -> str:
        asked.append(request)
        return "Answer: 1284"

    attachments = [a_picture("The total is 1,284 units", (760, 100)), spoken("What is the total on the sheet?")]
    blind = Model("m/blind", accepts=["text"])
    async with Orchestrator([blind], backends={"m/*": ScriptedBackend(say)}, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("Answer the question.", "single", answer="number", attachments=attachments)
        replay = await orchestrator.replay(outcome.run)

    (request,) = asked
    assert "The total is 1,284 units" in request.messages[-1].text
    assert "heard in it" in request.messages[-1].text
    assert "total" in request.messages[-1].text.rpartition("heard in it")[2].lower()
    assert (outcome.answer, replay.identical) == ("1284", True)
    assert [view.view for turn in outcome.trace.turns for view in turn.views] == ["reading", "reading"]


async def test_a_reader_that_fails_is_an_error_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one that is slow, and one that is missing."""
    pytest.importorskip("rapidocr")
    with pytest.raises(InputError, match=r"RapidOCR .* failed on an attachment: UnidentifiedImageError"):
        await readings([b"no picture"], "sight")
    monkeypatch.setattr(limits, "READ_SECONDS", 0.01)
    with pytest.raises(InputError, match="could not be read within"):
        await readings([b"no picture"], "sight")
    monkeypatch.setattr(reading, "find_spec", lambda _: None)
    assert not reads("hearing")
    with pytest.raises(InputError, match=r"pip install 'contemplate-ai\[audio\]'"):
        await readings([b"no sound"], "hearing")
