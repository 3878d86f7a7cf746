"""Opening attachments: what a file comes to that models can be sent, made by a process of its own with hard limits.

Pillow opens pictures, pypdfium2 draws pages, PyAV decodes sound and film; they come with the extras `vision` and `audio`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from contemplate.attachments import limits
from contemplate.attachments.kinds import KINDS
from contemplate.attachments.workers import framed, run_worker
from contemplate.errors import InputError
from contemplate.text import one_line

_LIBRARIES = {
    "picture": (("PIL", "Pillow", "vision"),),
    "pages": (("PIL", "Pillow", "vision"), ("pypdfium2", "pypdfium2", "vision")),
    "sound": (("av", "PyAV", "audio"), ("PIL", "Pillow", "vision")),
    "film": (("av", "PyAV", "audio"), ("PIL", "Pillow", "vision")),
}
_MOST_PARTS = max(limits.MAX_PAGES, limits.MAX_FRAMES)
_MOST_SAID = _MOST_PARTS * (limits.MAX_KEPT + 6 * limits.MAX_READING) + 2 * limits.MAX_SECONDS * limits.SAMPLE_RATE


@dataclass(frozen=True)
class OpenedPart:
    """A part of an attachment, as it is kept and sent.

    Attributes:
        content: a PNG, a JPEG or a WAV.
        media_type: which of them.
        where: which part it is, as "page 3"; empty where there is one.
        width, height: in pixels; 0 of sound.
        seconds: of sound; else 0.
        text: the words of a page that are in it as text.
        thumbnail: a small picture as a `data:` URL; empty where there is none.
    """

    content: bytes
    media_type: str
    where: str = ""
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    text: str = ""
    thumbnail: str = ""

    @property
    def sha256(self) -> str:
        """Of its bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()


async def opened(content: bytes, media_type: str, name: str) -> list[OpenedPart]:
    """The parts of a file; at least one.

    Args:
        content: its bytes.
        media_type: what they are.
        name: what errors call it.

    Raises:
        InputError: a library is missing; or the file is broken, encrypted, too large, or takes too long to open.
    """
    where = one_line(name, 200)
    _check_libraries(media_type, where)
    told = framed({"media_type": media_type, "limits": _limits()}, [content])
    try:
        said = await run_worker("open_worker.py", told, seconds=limits.OPEN_SECONDS, most=_MOST_SAID)
    except TimeoutError:
        raise InputError(f"{where}: it could not be opened within {limits.OPEN_SECONDS} s; give the part that matters") from None
    rows = said.head.get("parts")
    if not isinstance(rows, list) or not rows:
        problem = said.head.get("problem") or "it could not be opened, or takes more memory than it may"
        raise InputError(f"{where}: {one_line(str(problem), 300)}")
    parts, at = [], 0
    for row in rows:
        parts.append(_part(row, said.rest[at : at + row["size"]]))
        at += row["size"]
    return parts


def _part(row: dict[str, Any], content: bytes) -> OpenedPart:
    fields = {name: value for name, value in row.items() if name != "size"}
    return OpenedPart(content=content, **{**fields, "text": limits.readable(row.get("text", ""))})


def _check_libraries(media_type: str, where: str) -> None:
    for module, name, extra in _LIBRARIES[KINDS[media_type]]:
        if find_spec(module) is None:
            raise InputError(f"{where}: {media_type} is opened by {name}, not installed: pip install 'contemplate-ai[{extra}]'")


def _limits() -> dict[str, int]:
    return {
        "memory": limits.OPEN_MEMORY,
        "seconds": limits.OPEN_SECONDS,
        "pixels": limits.MAX_PIXELS,
        "side": limits.MAX_SIDE,
        "kept": limits.MAX_KEPT,
        "pages": limits.MAX_PAGES,
        "frames": limits.MAX_FRAMES,
        "seconds_of_sound": limits.MAX_SECONDS,
        "rate": limits.SAMPLE_RATE,
        "reading": limits.MAX_READING + 1,
        "thumbnail": limits.THUMBNAIL,
        "thumbnail_bytes": limits.MAX_THUMBNAIL,
        "thumbnails": limits.MAX_THUMBNAILS,
    }
