"""Steps with a picture: what is cut out, turned and marked stands where it should; looks are remembered."""

from __future__ import annotations

import hashlib
import inspect
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attached import a_picture
from contemplate.attachments import (
    Line,
    Looked,
    Looker,
    PartReading,
    Picture,
    Region,
    crop,
    limits,
    mark,
    measure,
    rotate,
    zoom,
)
from contemplate.errors import InputError
from contemplate.types import AttachedPart, Attachment, Blob, Look, Reading, pictures_in

image = pytest.importorskip("PIL.Image")

percents = st.floats(0, 100, allow_nan=False)


def quarters() -> bytes:
    """A picture of 40 x 20 pixels whose left upper quarter is red."""
    picture, out = image.new("RGB", (40, 20), "white"), io.BytesIO()
    picture.paste((255, 0, 0), (0, 0, 20, 10))
    picture.save(out, "PNG")
    return out.getvalue()


def opened(content: bytes) -> image.Image:
    """The picture in these bytes."""
    return image.open(io.BytesIO(content))


def test_what_is_cut_out_is_what_was_asked_for() -> None:
    """To the pixel."""
    red = opened(crop(quarters(), Region(right=50, bottom=50)))

    assert (red.size, red.getcolors()) == ((20, 10), [(200, (255, 0, 0))])


@given(percents, percents, percents, percents, st.integers(1, 500), st.integers(1, 500))
def test_a_region_has_pixels_inside(left: float, top: float, right: float, bottom: float, width: int, height: int) -> None:
    """At least one, none outside of the picture."""
    try:
        region = Region(left, top, right, bottom)
    except InputError:
        assert left >= right or top >= bottom
        return
    x0, y0, x1, y1 = region.pixels(width, height)

    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height


def test_turned_larger_and_marked() -> None:
    """No side gets longer than what is sent."""
    assert opened(rotate(quarters(), 90)).getpixel((0, 39)) == (255, 0, 0)
    assert opened(zoom(quarters(), 2)).size == (80, 40)
    assert opened(zoom(a_picture(size=(1_500, 30)), 16)).size == (2_048, 41)
    marked = opened(mark(quarters(), [Region(50, 0, 100, 100)]))
    assert marked.getpixel((20, 5)) == (214, 39, 40)
    assert marked.getpixel((30, 5)) == (255, 255, 255)


def test_measured() -> None:
    """Up is positive in the angle, and negative in pixels."""
    way = measure(quarters(), (0, 100), (75, 0))

    assert (way.across, way.down, way.share) == (30, -20, (75, -100))
    assert way.length == pytest.approx(36.06, abs=0.01)
    assert way.angle == pytest.approx(33.69, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Region(50, 0, 50, 100),
        lambda: Region(0, 0, 101, 100),
        lambda: zoom(quarters(), 0),
        lambda: rotate(quarters(), 360),
        lambda: measure(quarters(), (0, 0), (0, 101)),
        lambda: mark(quarters(), [Region()] * 101),
    ],
)
def test_what_is_no_step_is_refused(wrong: object) -> None:
    """As the caller's mistake."""
    assert callable(wrong)
    with pytest.raises(InputError):
        wrong()


async def test_looks_are_remembered_and_take_plain_numbers() -> None:
    """So that their JSON Schema can be made from the signature."""
    content = quarters()
    picture = Picture(1, 1, "quarters.png", hashlib.sha256(content).hexdigest())

    async def content_of(sha256: str) -> bytes | None:
        return content if sha256 == picture.sha256 else None

    looker = Looker([picture], content_of, reads=False)
    looked = await looker.look(1, 1, 0, 0, 50, 50, 90, 2.0)

    assert opened(looked.content).size == (20, 40)
    assert looked.text == "quarters.png, 0-50 % across, 0-50 % down: 20 x 10 pixels"
    assert looker.looks == [looked]
    with pytest.raises(InputError, match=r"no picture 2\.1; there are \(attachment\.part\): 1\.1"):
        await looker.look(2)
    kinds = {parameter.annotation for parameter in inspect.signature(Looker.look, eval_str=True).parameters.values()}
    assert kinds - {inspect.Parameter.empty} == {int, float, bool}


def test_a_reading_is_cut_with_a_word_and_can_be_sent() -> None:
    """No provider takes a NUL or half of a surrogate pair; what is left out is said."""
    assert limits.readable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert limits.readable("x" * (limits.MAX_READING + 5)).endswith(f"x\n{limits.CUT}")
    assert len(limits.readable("x" * limits.MAX_READING)) == limits.MAX_READING


def test_what_the_trace_keeps_of_a_look() -> None:
    """The part, the region, and what was read there."""
    blob = Blob(sha256="a" * 64, mime="image/png", size=1)
    sound = Blob(sha256="b" * 64, mime="audio/wav", size=1)
    parts = (AttachedPart(blob=sound), AttachedPart(blob=blob, where="page 2"))
    attachment = Attachment(name="a.pdf", media_type="application/pdf", sha256="c" * 64, size=1, parts=parts)

    (picture,) = pictures_in([attachment])
    read = PartReading((Line("seven", 0.9),), "a program")
    way = measure(quarters(), (0, 0), (50, 50))
    look = Look.of(Looked(picture, Region(0, 0, 50, 50), 90, 2.0, b"", read, way))

    assert (picture.attachment, picture.part, picture.name) == (1, 2, "a.pdf page 2")
    assert (look.sha256, look.region, look.rotate, look.zoom) == (blob.sha256, (0, 0, 50, 50), 90, 2.0)
    assert look.reading == Reading(text="seven", by="a program")
