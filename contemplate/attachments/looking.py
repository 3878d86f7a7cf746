"""Looking at a picture again: a region of it, turned and made larger, read anew. What `look` takes has a plain JSON Schema.

`Looker.look` is a function of numbers alone, so that a model can be given it as a tool; what it returns says what each look
relied on: which part, which region, and which program's reading.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import anyio.to_thread

from contemplate.attachments.pictures import Measured, Region, crop, mark, measure, rotate, zoom
from contemplate.attachments.reading import PartReading, readings
from contemplate.errors import InvalidValueError

ContentOf = Callable[[str], Awaitable[bytes | None]]
"""The bytes with that SHA-256, or None; as `Ledger.blob`."""


@dataclass(frozen=True)
class Picture:
    """A picture that can be looked at.

    Attributes:
        attachment: the number of its attachment, from 1.
        part: the number of the part, from 1.
        name: for people.
        sha256: of its bytes, in hex.
    """

    attachment: int
    part: int
    name: str
    sha256: str


@dataclass(frozen=True)
class Looked:
    """What came of a look.

    Attributes:
        picture: what was looked at.
        region: which part of it.
        rotate, zoom: how it was turned and made larger.
        content: what is to be seen there, as PNG; of a look that marks, the whole picture with a frame.
        reading: what a program read there; None where that was not wanted.
        measured: the way from the region's left upper to its right lower corner.
    """

    picture: Picture
    region: Region
    rotate: int
    zoom: float
    content: bytes
    reading: PartReading | None
    measured: Measured

    @property
    def text(self) -> str:
        """The same in words, for an agent that sees no pictures."""
        region, way = self.region, self.measured
        where = f"{region.left:g}-{region.right:g} % across, {region.top:g}-{region.bottom:g} % down"
        lines = [f"{self.picture.name}, {where}: {way.across:.0f} x {way.down:.0f} pixels"]
        if self.reading is not None and self.reading.lines is None:
            lines.append(f"{self.reading.by} found no words there, which does not mean that there are none.")
        elif self.reading is not None:
            lines.append(f"{self.reading.by} read there:\n{self.reading.text}")
        return "\n".join(lines)


class Looker:
    """Looks at the pictures of a question.

    Attributes:
        pictures: that can be looked at.
        looks: those that were taken, in order.
    """

    def __init__(self, pictures: Sequence[Picture], content_of: ContentOf, *, reads: bool = True) -> None:
        """Take the pictures.

        Args:
            pictures: that can be looked at.
            content_of: gives their bytes.
            reads: whether a program reads what is looked at, too.
        """
        self.pictures = tuple(pictures)
        self.looks: list[Looked] = []
        self._content_of, self._reads = content_of, reads

    async def look(  # noqa: PLR0913, PLR0917 - plain numbers, one for each step
        self,
        attachment: int = 1,
        part: int = 1,
        left: float = 0.0,
        top: float = 0.0,
        right: float = 100.0,
        bottom: float = 100.0,
        rotate_degrees: int = 0,
        zoom_times: float = 1.0,
        marks: bool = False,  # noqa: FBT001, FBT002 - a tool's arguments have names
    ) -> Looked:
        """Look at a region of a picture, turned and made larger, and read what stands there.

        Args:
            attachment: the number of the attachment, from 1.
            part: the number of its page or frame, from 1.
            left, top, right, bottom: the region, in percent of the picture's width and height.
            rotate_degrees: by how much to turn it to the left, from 0 to 359.
            zoom_times: how many times larger to make it, above 0, at most 16.
            marks: show the whole picture with a frame round the region instead; it is read as without.

        Raises:
            InvalidValueError: there is no such picture or region.
            InputError: what reads it is not installed, or fails.
        """
        picture = next((one for one in self.pictures if (one.attachment, one.part) == (attachment, part)), None)
        if picture is None:
            known = ", ".join(f"{one.attachment}.{one.part}" for one in self.pictures) or "none"
            raise InvalidValueError(f"no picture {attachment}.{part}; there are (attachment.part): {known}")
        whole, region = await self._content_of(picture.sha256), Region(left, top, right, bottom)
        if whole is None:
            raise InvalidValueError(f"picture {attachment}.{part} is not in the ledger any more")
        content, way = await anyio.to_thread.run_sync(partial(_seen, whole, region, rotate_degrees, zoom_times))
        reading = (await readings([content], "sight"))[0] if self._reads else None
        if marks:
            framed = await anyio.to_thread.run_sync(mark, whole, [region])
            content, _ = await anyio.to_thread.run_sync(partial(_seen, framed, Region(), rotate_degrees, zoom_times))
        looked = Looked(picture, region, rotate_degrees, zoom_times, content, reading, way)
        self.looks.append(looked)
        return looked


def _seen(whole: bytes, region: Region, degrees: int, times: float) -> tuple[bytes, Measured]:
    """What is to be seen in a region, and how large it is."""
    content = crop(whole, region)
    content = rotate(content, degrees) if degrees else content
    content = zoom(content, times) if times != 1 else content
    return content, measure(whole, (region.left, region.top), (region.right, region.bottom))
