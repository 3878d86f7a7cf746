"""The program of a process that reads pictures or hears sound, for models that can't.

It is started by `contemplate.attachments.reading`, by its path. It reads a line of JSON and the
parts from standard input, which `open_worker` has made, and writes a line of
JSON: for each part the lines of text in it with how sure the reader is and where they stand, or what was said.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import sys
from typing import Any, NamedTuple

_WIDEST = 6.0
"""The detector of RapidOCR 3.10 finds nothing from a ratio of eight on; such a picture gets a margin."""
_SMALLEST = 96
"""A picture lower than this gets a margin too: what stands at its edge is missed."""
_SURE_OF_LANGUAGE = 0.5


class _Word(NamedTuple):
    """A piece of text: how sure the reader is, and where it stands, as left, top, right and bottom."""

    text: str
    score: float
    box: tuple[int, int, int, int]


def main() -> None:
    """Read what is told."""
    handle = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    out = os.fdopen(handle, "wb")
    head = json.loads(sys.stdin.buffer.readline())
    logging.disable(logging.CRITICAL)
    contents = [sys.stdin.buffer.read(size) for size in head["sizes"]]
    try:
        rows = _seen(contents) if head["sense"] == "sight" else _heard(contents, head["model"])
        said: dict[str, object] = {"readings": rows}
    except Exception as error:  # noqa: BLE001 - a library's failure
        said = {"problem": f"{type(error).__name__}: {str(error)[:300]}"}
    out.write(json.dumps(said).encode() + b"\n")
    out.flush()


# --- pictures -----------------------------------------------------------------------------------------


def _seen(contents: list[bytes]) -> list[dict[str, Any]]:
    image_module: Any = importlib.import_module("PIL.Image")
    rapidocr: Any = importlib.import_module("rapidocr")
    logging.disable(logging.CRITICAL)
    engine = rapidocr.RapidOCR(params={"Global.log_level": "critical"})
    return [_words(engine, image_module.open(io.BytesIO(content)).convert("RGB")) for content in contents]


def _words(engine: Any, image: Any) -> dict[str, Any]:  # noqa: ANN401 - a library's
    padded, left, top = _with_margin(image)
    found = engine(padded)
    if found.txts is None:
        return {"lines": None}
    width, height = image.size
    boxes = [_box(corners, left, top, width, height) for corners in found.boxes.tolist()]
    words = [_Word(text, float(score), box) for text, score, box in zip(found.txts, found.scores, boxes, strict=True)]
    return {"lines": [_joined(line) for line in _in_lines(words)]}


def _with_margin(image: Any) -> tuple[Any, int, int]:  # noqa: ANN401 - a library's
    """A picture that is not too flat or narrow for the detector, and how far it was moved."""
    image_module: Any = importlib.import_module("PIL.Image")
    width, height = image.size
    wide, high = max(width, int(height / _WIDEST) + 1, _SMALLEST), max(height, int(width / _WIDEST) + 1, _SMALLEST)
    if (wide, high) == (width, height):
        return image, 0, 0
    left, top = (wide - width) // 2, (high - height) // 2
    ground = image_module.new("RGB", (wide, high), image.getpixel((0, 0)))
    ground.paste(image, (left, top))
    return ground, left, top


def _box(corners: list[list[float]], left: int, top: int, width: int, height: int) -> tuple[int, int, int, int]:
    across, down = [x - left for x, _ in corners], [y - top for _, y in corners]
    return (
        max(round(min(across)), 0),
        max(round(min(down)), 0),
        min(round(max(across)), width),
        min(round(max(down)), height),
    )


def _in_lines(words: list[_Word]) -> list[list[_Word]]:
    """Pieces of text by lines, from the top, each from the left: the reader gives them in an order that does not always hold."""
    lines: list[list[_Word]] = []
    for word in sorted(words, key=lambda one: one.box[1] + one.box[3]):
        line = next((line for line in lines[-3:] if _goes_on(line, word)), None)
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    return [sorted(line, key=lambda one: one.box[0]) for line in lines]


def _goes_on(line: list[_Word], word: _Word) -> bool:
    """Whether a piece of text stands in a line, beside all that is in it."""
    top, bottom = min(one.box[1] for one in line), max(one.box[3] for one in line)
    height, middle = bottom - top, (word.box[1] + word.box[3]) / 2
    beside = all(_apart(word, one) and _apart(one, word) for one in line)
    return beside and top + height / 4 <= middle <= bottom - height / 4


def _apart(word: _Word, other: _Word) -> bool:
    """Whether the middle of a piece of text lies beside another one: the reader draws boxes that overlap at their ends."""
    middle = (word.box[0] + word.box[2]) / 2
    return not other.box[0] <= middle <= other.box[2]


def _joined(line: list[_Word]) -> dict[str, Any]:
    text = " ".join(" ".join(word.text for word in line).split())
    boxes = [word.box for word in line]
    around = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
    return {"text": text, "score": round(min(word.score for word in line), 3), "box": around}


# --- sound --------------------------------------------------------------------------------------------


def _heard(contents: list[bytes], model: str) -> list[dict[str, Any]]:
    whisper: Any = importlib.import_module("faster_whisper")
    # Not in 8-bit integers: what is heard then depends on how a processor multiplies them.
    engine = whisper.WhisperModel(model, device="cpu", compute_type="float32", cpu_threads=2, local_files_only=True)
    return [_said(whisper, engine, content) for content in contents]


def _said(whisper: Any, engine: Any, content: bytes) -> dict[str, Any]:  # noqa: ANN401 - a library's
    """What is said in a sound.

    Silence is left out first, since the model hears words in it; the language is settled before anything is written down, since
    noise in none is tried again and again.
    """
    sound = whisper.decode_audio(io.BytesIO(content), sampling_rate=16_000)
    spans = whisper.vad.get_speech_timestamps(sound)
    if not spans:
        return {"lines": None}
    language, likely, _ = engine.detect_language(sound, vad_filter=True)
    language = language if likely >= _SURE_OF_LANGUAGE else "en"
    pieces, _ = engine.transcribe(
        sound, language=language, vad_filter=True, temperature=[0.0], beam_size=5, condition_on_previous_text=False
    )
    lines = [
        {"text": piece.text.strip(), "score": round(2.718281828 ** min(piece.avg_logprob, 0.0), 3), "from": round(piece.start, 1)}
        for piece in pieces
    ]
    return {"lines": [line for line in lines if line["text"]] or None, "language": language}


if __name__ == "__main__":
    main()
