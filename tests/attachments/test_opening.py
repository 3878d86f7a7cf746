"""What a file comes to: upright, small, without what a camera wrote into it; broken, large and locked files are refused."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from typing import Any

import anyio
import pytest

from attached import a_film, a_moving_picture, a_picture, a_sound, encoded_as
from contemplate.attachments import OpenedPart, from_bytes, limits, opened, workers
from contemplate.errors import InputError
from pdfs import a_nested_pdf, a_pdf

image = pytest.importorskip("PIL.Image")


async def parts_of(content: bytes) -> list[OpenedPart]:
    """The parts of a file."""
    file = from_bytes(content, "file")
    return await opened(file.content, file.media_type, file.name)


async def test_a_photograph_loses_what_its_camera_wrote() -> None:
    """It is turned upright by what that said first."""
    exif = image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "at home"
    content = a_picture("x", (400, 100), "JPEG", exif=exif)

    (part,) = await parts_of(content)

    assert b"at home" in content
    assert b"at home" not in part.content
    assert (part.width, part.height, part.media_type) == (100, 400, "image/jpeg")
    assert not image.open(io.BytesIO(part.content)).getexif()
    assert part.thumbnail.startswith("data:image/jpeg;base64,")


async def test_a_large_picture_is_made_smaller_and_its_transparency_white() -> None:
    """It keeps its form."""
    out = io.BytesIO()
    image.new("RGBA", (5_000, 100), (0, 0, 0, 0)).save(out, "PNG")

    (part,) = await parts_of(out.getvalue())

    assert (part.width, part.media_type) == (limits.MAX_SIDE, "image/png")
    assert image.open(io.BytesIO(part.content)).getpixel((0, 0)) == (255, 255, 255)


async def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    """Its size stands in its head; nothing behind that is looked at."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", b"\0"), (b"IEND", b""))
    written = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    content = b"\x89PNG\r\n\x1a\n" + b"".join(written)

    with pytest.raises(InputError, match="60,000 x 60,000 pixels"):
        await parts_of(content)


async def test_what_moves_is_frames() -> None:
    """Eight of them, evenly over the whole."""
    gif, film = await parts_of(a_moving_picture(30)), await parts_of(a_film(40))

    assert [limits.MAX_FRAMES] * 2 == [len(gif), len(film)]
    assert (gif[0].where, gif[-1].where) == ("frame 2 of 30", "frame 29 of 30")
    seconds = [float(part.where.removeprefix("at ").removesuffix(" s")) for part in film]
    assert seconds == sorted(set(seconds))
    assert (seconds[0] < 0.5, 3.5 < seconds[-1] < 4) == (True, True)


async def test_pages_are_pictures_with_their_words() -> None:
    """A page without text has none."""
    pytest.importorskip("pypdfium2")
    first, second = await parts_of(a_pdf(["The left pump is red.", ""]))

    assert (first.where, first.text, first.media_type) == ("page 1", "The left pump is red.", "image/png")
    assert (second.where, second.text) == ("page 2", "")
    assert max(first.width, first.height) == pytest.approx(792 * 150 / 72, abs=2)


@pytest.mark.parametrize(
    ("container", "codec", "rate"), [("mp3", "mp3", 22_050), ("ogg", "libopus", 48_000), ("ipod", "aac", 22_050)]
)
async def test_sound_becomes_wav(container: str, codec: str, rate: int) -> None:
    """Mono, 16,000 samples a second, as long as it was."""
    content = encoded_as(a_sound(1.0), container, codec, rate)

    (part,) = await parts_of(content)

    assert (part.media_type, part.thumbnail) == ("audio/wav", "")
    assert part.seconds == pytest.approx(1.0, abs=0.15)
    with wave.open(io.BytesIO(part.content)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (1, limits.SAMPLE_RATE, 2)


async def test_what_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not cut silently."""
    monkeypatch.setattr(limits, "MAX_SECONDS", 1)
    monkeypatch.setattr(limits, "MAX_PAGES", 1)
    for content, said in ((a_sound(1.5), "longer than 1 s"), (a_film(40), "longer than 1 s"), (a_pdf(["a", "b"]), "2 pages")):
        with pytest.raises(InputError, match=f"file: it .*{said}"):
            await parts_of(content)


@pytest.mark.parametrize(
    "content",
    [
        a_picture("x")[:200],
        b"GIF89a",
        b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0",
        a_sound()[:30],
        b"OggS" + b"\0" * 60,
        b"\0\0\0\x20ftypisom" + b"\0" * 60,
        b"%PDF-1.4\nnothing",
        a_nested_pdf(3_000),
    ],
)
async def test_broken_files_are_refused_in_one_line(content: bytes) -> None:
    """Whatever their library raises."""
    with pytest.raises(InputError) as caught:
        await parts_of(content)

    assert str(caught.value).startswith("file: ")
    assert "\n" not in str(caught.value)


async def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on the clock."""
    monkeypatch.setattr(limits, "OPEN_SECONDS", 0.01)

    with pytest.raises(InputError, match="could not be opened within"):
        await parts_of(a_picture("x"))


async def test_what_a_missing_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error with what to install."""
    monkeypatch.setattr("contemplate.attachments.opening.find_spec", lambda _: None)

    with pytest.raises(InputError, match=r"image/png is opened by Pillow, not installed: pip install 'contemplate-ai\[vision\]'"):
        await parts_of(a_picture("x"))


async def test_a_process_ends_with_who_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However early that is."""
    started = []
    start = anyio.open_process

    async def remembered(*arguments: Any, **options: Any) -> anyio.abc.Process:
        started.append(await start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(workers.anyio, "open_process", remembered)
    with anyio.move_on_after(0.05) as scope:
        await parts_of(a_picture("x"))

    assert scope.cancelled_caught
    assert [process.returncode is not None for process in started] == [True]
