"""Readings: what a program makes of a picture or of sound, for models that are not sent these.

Pictures are read by RapidOCR, whose models are in its wheel, speech by faster-whisper with weights that are handed in. Both run
in a process of their own that ends with the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from contemplate.attachments import limits
from contemplate.attachments.workers import framed, run_worker
from contemplate.errors import InputError
from contemplate.text import one_line

Sense = Literal["sight", "hearing"]

_BY: dict[Sense, tuple[str, str, str]] = {
    "sight": ("rapidocr", "RapidOCR", "vision"),
    "hearing": ("faster-whisper", "faster-whisper", "audio"),
}
_MODULES: dict[Sense, tuple[str, ...]] = {"sight": ("rapidocr", "onnxruntime", "PIL"), "hearing": ("faster_whisper",)}
_MOST_SAID = 64 * 1024**2


@dataclass(frozen=True)
class Line:
    """A line of a reading.

    Attributes:
        text: its words.
        score: how sure the reader is, in [0, 1]; of powers and lone digits it is often sure and wrong.
        box: where it stands in the picture, in pixels: left, top, right, bottom; None of speech.
        begins: seconds from the start; None of a picture.
    """

    text: str
    score: float
    box: tuple[int, int, int, int] | None = None
    begins: float | None = None


@dataclass(frozen=True)
class PartReading:
    """What was read in one part.

    Attributes:
        lines: in order; None where the reader found nothing, which does not say that there is nothing.
        by: which program.
    """

    lines: tuple[Line, ...] | None
    by: str

    @property
    def text(self) -> str:
        """The words, a line each; of speech with the seconds. Empty where nothing was found."""
        texts = [line.text if line.begins is None else f"[{line.begins:.1f} s] {line.text}" for line in self.lines or ()]
        return limits.readable("\n".join(texts))


def reads(sense: Sense) -> bool:
    """Whether what reads so is installed."""
    return all(find_spec(name) is not None for name in _MODULES[sense])


def remedy(sense: Sense) -> str:
    """How what reads so is installed, in a few words."""
    _, name, extra = _BY[sense]
    return f"{name} reads it then: pip install 'contemplate-ai[{extra}]'"


def reader(sense: Sense) -> str:
    """What reads so, with its version."""
    package, name, _ = _BY[sense]
    try:
        called = f"{name} {version(package)}"
    except PackageNotFoundError:
        called = name
    return called if sense == "sight" else f"{called} (whisper-base)"


async def readings(contents: Sequence[bytes], sense: Sense, model: Path | None = None) -> list[PartReading]:
    """What is read in each of several parts, by one process.

    Args:
        contents: PNG or JPEG pictures, or WAV sound, as `opened` gives them.
        sense: which of the two.
        model: the folder of the speech model.

    Raises:
        InputError: what reads them is not installed, takes too long, or fails.
    """
    if not contents:
        return []
    if not reads(sense):
        raise InputError(f"an attachment has to be read: {remedy(sense)}")
    head = {"sense": sense, "sizes": [len(content) for content in contents], "model": None if model is None else str(model)}
    try:
        said = await run_worker("read_worker.py", framed(head, contents), seconds=limits.READ_SECONDS, most=_MOST_SAID)
    except TimeoutError:
        raise InputError(
            f"the attachments could not be read within {limits.READ_SECONDS} s; give the parts that matter"
        ) from None
    rows = said.head.get("readings")
    if not isinstance(rows, list) or len(rows) != len(contents):
        problem = said.head.get("problem") or "its process broke"
        raise InputError(f"{reader(sense)} failed on an attachment: {one_line(str(problem), 300)}")
    by = reader(sense)
    return [PartReading(_lines(row), by) for row in rows]


def _lines(row: dict[str, Any]) -> tuple[Line, ...] | None:
    rows = row.get("lines")
    if not rows:
        return None
    return tuple(
        Line(one["text"], one["score"], None if "box" not in one else tuple(one["box"]), one.get("from")) for one in rows
    )
