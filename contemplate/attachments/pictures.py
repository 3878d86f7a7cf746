"""Steps with a picture: cut out, made larger, turned, marked, measured. Pure functions of the bytes of a picture.

The pictures are those that `contemplate.attachments.opening` has made: small enough, and encoded by us. Pillow comes with the
extra `vision`.
"""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contemplate.attachments.limits import MAX_KEPT, MAX_SIDE
from contemplate.errors import InvalidValueError

_MOST_MARKS = 100
_MARK = (214, 39, 40)
_LEAST_SIDE = 32
"""Shorter sides get a margin: some models refuse pictures that are smaller than their smallest tile, 28 pixels."""
_QUALITIES = (88, 70, 50)


@dataclass(frozen=True)
class Region:
    """A part of a picture, in percent of its width and its height from the left upper corner; all of it by default.

    Raises:
        InvalidValueError: it lies outside, or has no area.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 100.0
    bottom: float = 100.0

    def __post_init__(self) -> None:
        """Refuse what is no region."""
        if not (0 <= self.left < self.right <= 100 and 0 <= self.top < self.bottom <= 100):  # noqa: PLR2004 - percent
            given = f"{self.left:g}, {self.top:g}, {self.right:g}, {self.bottom:g}"
            raise InvalidValueError(f"region {given}: left < right and top < bottom, each from 0 to 100 percent")

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in pixels, at least one each way."""
        left, top = math.floor(self.left * width / 100), math.floor(self.top * height / 100)
        left, top = min(left, width - 1), min(top, height - 1)
        right, bottom = math.ceil(self.right * width / 100), math.ceil(self.bottom * height / 100)
        return left, top, max(right, left + 1), max(bottom, top + 1)


@dataclass(frozen=True)
class Measured:
    """The way from one point of a picture to another.

    Attributes:
        across, down: in pixels, negative to the left and up.
        length: in pixels.
        angle: in degrees, in (-180, 180]: 0 points right, 90 up.
        share: `across` and `down` in percent of the picture's width and height.
    """

    across: float
    down: float
    length: float
    angle: float
    share: tuple[float, float]


def crop(picture: bytes, region: Region) -> bytes:
    """The region of a picture, as PNG."""
    image = _image(picture)
    return _png(image.crop(region.pixels(*image.size)))


def zoom(picture: bytes, times: float) -> bytes:
    """A picture `times` as large, as PNG; no side gets longer than 2,048 pixels.

    Raises:
        InvalidValueError: `times` is not above 0 and at most 16.
    """
    if not 0 < times <= 16:  # noqa: PLR2004 - as said
        raise InvalidValueError(f"zoom {times:g}: above 0, at most 16")
    image = _image(picture)
    width, height = image.size
    scale = min(times, MAX_SIDE / width, MAX_SIDE / height)
    return _png(image.resize((max(round(width * scale), 1), max(round(height * scale), 1))))


def rotate(picture: bytes, degrees: int) -> bytes:
    """A picture turned to the left by so many degrees, whole, on white, as PNG.

    Raises:
        InvalidValueError: not from 0 to 359.
    """
    if not 0 <= degrees < 360:  # noqa: PLR2004 - degrees
        raise InvalidValueError(f"rotate {degrees}: from 0 to 359 degrees")
    return _png(_image(picture).rotate(degrees, expand=True, fillcolor="white"))


def mark(picture: bytes, regions: Sequence[Region]) -> bytes:
    """A picture with a red frame round each region, as PNG.

    Raises:
        InvalidValueError: they are over 100.
    """
    if len(regions) > _MOST_MARKS:
        raise InvalidValueError(f"{len(regions)} marks; at most {_MOST_MARKS} are drawn")
    image = _image(picture)
    width, height = image.size
    pen = importlib.import_module("PIL.ImageDraw").Draw(image)
    for region in regions:
        left, top, right, bottom = region.pixels(width, height)
        pen.rectangle((left, top, right - 1, bottom - 1), outline=_MARK, width=max(round(max(width, height) / 300), 1))
    return _png(image)


def measure(picture: bytes, start: tuple[float, float], end: tuple[float, float]) -> Measured:
    """The way from `start` to `end`, each as percent of width and height.

    Raises:
        InvalidValueError: one lies outside of the picture.
    """
    if not all(0 <= value <= 100 for value in (*start, *end)):  # noqa: PLR2004 - percent
        raise InvalidValueError("a point lies from 0 to 100 percent across and down")
    width, height = _image(picture).size
    share = (end[0] - start[0], end[1] - start[1])
    across, down = share[0] * width / 100, share[1] * height / 100
    angle = math.degrees(math.atan2(-down, across)) if (across, down) != (0, 0) else 0.0
    return Measured(across, down, math.hypot(across, down), angle, share)


def sendable(picture: bytes) -> tuple[bytes, str, int, int]:
    """A picture as models can be sent it, with its media type, width and height: neither tiny nor over 4 MiB."""
    image = _image(picture)
    width, height = max(image.width, _LEAST_SIDE), max(image.height, _LEAST_SIDE)
    if (width, height) != image.size:
        ground = importlib.import_module("PIL.Image").new("RGB", (width, height), "white")
        ground.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
        image = ground
    content, media_type = _png(image), "image/png"
    for quality in _QUALITIES:
        if len(content) <= MAX_KEPT:
            break
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        content, media_type = out.getvalue(), "image/jpeg"
    return content, media_type, width, height


def _image(picture: bytes) -> Any:  # noqa: ANN401 - a library's
    try:
        module: Any = importlib.import_module("PIL.Image")
    except ImportError:
        raise InvalidValueError("pictures are looked at with Pillow: pip install 'contemplate-ai[vision]'") from None
    return module.open(io.BytesIO(picture), formats=["PNG", "JPEG"]).convert("RGB")


def _png(image: Any) -> bytes:  # noqa: ANN401 - a library's
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
