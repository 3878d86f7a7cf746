"""The program of a process that opens one attachment. It is started by `contemplate.attachments.opening`, by its path.

It reads a line of JSON and the file from standard input, and writes a line of JSON and what the file comes to: pictures as PNG
or JPEG without what a camera wrote into them, sound as WAV, 16,000 samples a second. Its memory, its processor time and its
files are limited, so that no file can do more than end this process.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import logging
import sys
import wave
from collections.abc import Iterator
from typing import Any

_EDGE = "white"
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_CONTAINERS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/mp4": "mov",
    "video/mp4": "mov",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
}
_JPEG_QUALITY, _THUMBNAIL_QUALITY = 88, 60
_MICROSECONDS = 1_000_000
_POINTS_PER_INCH, _DOTS_PER_INCH = 72, 150


class _ProblemError(Exception):
    """What is wrong with the file, in words."""


class _Part(dict[str, Any]):
    """What is said of a part; its bytes are kept beside."""

    content: bytes = b""


def main() -> None:
    """Open one file."""
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever a library prints is no answer
    head = json.loads(sys.stdin.buffer.readline())
    kind, limits = head["media_type"], head["limits"]
    logging.disable(logging.CRITICAL)
    importlib.import_module("PIL.Image").init()
    library = importlib.import_module("pypdfium2") if kind == "application/pdf" else None
    library = importlib.import_module("av") if kind in _CONTAINERS else library
    _confine(limits["memory"], limits["seconds"])
    parts: list[_Part] = []
    said: dict[str, object] = {}
    try:
        parts = list(_parts(kind, sys.stdin.buffer.read(), limits, library))
        said = {"parts": parts}
    except _ProblemError as problem:
        said, parts = {"problem": str(problem)}, []
    except MemoryError:
        said, parts = {"problem": f"it takes more than {limits['memory'] >> 20:,} MiB of memory to open"}, []
    except Exception as error:  # noqa: BLE001 - a library's failure on a hostile or broken file
        said, parts = {"problem": f"it is broken ({type(error).__name__}: {str(error)[:200]})"}, []
    out.write(json.dumps(said).encode() + b"\n" + b"".join(part.content for part in parts))
    out.flush()


def _parts(kind: str, content: bytes, limits: dict[str, int], library: Any) -> Iterator[_Part]:  # noqa: ANN401 - a module
    if kind in _FORMATS:
        yield from _pictures(content, _FORMATS[kind], limits)
    elif kind == "application/pdf":
        yield from _pages(content, limits, library)
    else:
        yield from _sound_or_film(content, _CONTAINERS[kind], limits, library)


# --- pictures -----------------------------------------------------------------------------------------


def _pictures(content: bytes, form: str, limits: dict[str, int]) -> Iterator[_Part]:
    """A picture, or some frames of one that moves."""
    image_module: Any = importlib.import_module("PIL.Image")
    image_module.MAX_IMAGE_PIXELS = None  # counted here
    image = image_module.open(io.BytesIO(content), formats=[form])
    width, height = image.size
    if width * height > limits["pixels"]:
        raise _ProblemError(f"it has {width:,} x {height:,} pixels; at most {limits['pixels']:,} are opened, so make it smaller")
    count = min(int(getattr(image, "n_frames", 1)), 10_000)
    for frame in _spread(count, limits["frames"]):
        if count > 1:
            image.seek(frame)
        where = "" if count == 1 else f"frame {frame + 1} of {count}"
        yield _picture(image, where, limits, lossy=form in {"JPEG", "WEBP"})


def _spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers below `count`, evenly."""
    if count <= most:
        return list(range(count))
    return [(2 * place + 1) * count // (2 * most) for place in range(most)]


def _picture(image: Any, where: str, limits: dict[str, int], *, lossy: bool, number: int = 0) -> _Part:  # noqa: ANN401 - a library's
    """A picture as it is kept: upright, without transparency, small enough, and without what a camera wrote into it."""
    plain = _plain(image)
    if max(plain.size) > limits["side"]:
        plain.thumbnail((limits["side"], limits["side"]))
    content, media_type = _encoded(plain, limits["kept"], lossy=lossy)
    width, height = plain.size
    part = _Part(media_type=media_type, size=len(content), width=width, height=height, where=where)
    part.content = content
    if number < limits["thumbnails"]:
        part["thumbnail"] = _thumbnail(plain, limits)
    return part


def _plain(image: Any) -> Any:  # noqa: ANN401 - a library's
    image_module, operations = importlib.import_module("PIL.Image"), importlib.import_module("PIL.ImageOps")
    upright = operations.exif_transpose(image)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        shown = upright.convert("RGBA")
        ground = image_module.new("RGBA", shown.size, _EDGE)
        ground.alpha_composite(shown)
        upright = ground
    pixels = upright.convert("RGB")
    bare = image_module.new("RGB", pixels.size)
    bare.paste(pixels)
    return bare


def _encoded(image: Any, most: int, *, lossy: bool) -> tuple[bytes, str]:  # noqa: ANN401 - a library's
    if not lossy:
        content = _saved(image, "PNG", optimize=False)
        if len(content) <= most // 2:
            return content, "image/png"
    for quality in (_JPEG_QUALITY, 70, 50):
        content = _saved(image, "JPEG", quality=quality)
        if len(content) <= most:
            break
    return content, "image/jpeg"


def _saved(image: Any, form: str, **options: object) -> bytes:  # noqa: ANN401 - a library's
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _thumbnail(image: Any, limits: dict[str, int]) -> str:  # noqa: ANN401 - a library's
    small = image.copy()
    small.thumbnail((limits["thumbnail"], limits["thumbnail"]))
    url = "data:image/jpeg;base64," + base64.b64encode(_saved(small, "JPEG", quality=_THUMBNAIL_QUALITY)).decode()
    return url if len(url) <= limits["thumbnail_bytes"] else ""


# --- pages --------------------------------------------------------------------------------------------


def _pages(content: bytes, limits: dict[str, int], pdfium: Any) -> Iterator[_Part]:  # noqa: ANN401 - a module
    """The pages of a PDF as pictures, each with the words that are in it as text."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise _ProblemError("it is encrypted; save a copy without a password" if locked else f"it is broken ({error})") from None
    if (count := len(document)) > limits["pages"]:
        raise _ProblemError(f"it has {count:,} pages; at most {limits['pages']} are attached, so give the pages that matter")
    for number in range(count):
        page = document[number]
        longest = max(page.get_width(), page.get_height(), 1.0)
        scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, limits["side"] / longest)
        image = page.render(scale=scale).to_pil()
        part = _picture(image, f"page {number + 1}", limits, lossy=False, number=number)
        with contextlib.suppress(pdfium.PdfiumError):
            part["text"] = page.get_textpage().get_text_bounded().replace("\r\n", "\n").strip()[: limits["reading"]]
        yield part


# --- sound and film -----------------------------------------------------------------------------------


def _sound_or_film(content: bytes, container: str, limits: dict[str, int], av: Any) -> Iterator[_Part]:  # noqa: ANN401 - a module
    """Sound as WAV; of a film some frames."""
    with av.open(io.BytesIO(content), format=container) as opened:
        films = [stream for stream in opened.streams.video if not _is_cover(stream)]
        if not films and not opened.streams.audio:
            raise _ProblemError("there is neither sound nor a picture in it")
        if opened.duration is not None and opened.duration / _MICROSECONDS > limits["seconds_of_sound"]:
            raise _ProblemError(_too_long(limits))
        if films:
            yield from _frames(opened, films[0], limits)
        else:
            yield _sound(opened, limits, av)


def _is_cover(stream: Any) -> bool:  # noqa: ANN401 - a library's
    """Whether a stream is the picture on a piece of music."""
    return stream.codec_context.name in {"mjpeg", "png"} and (stream.frames or 1) <= 1


def _too_long(limits: dict[str, int]) -> str:
    return f"it is longer than {limits['seconds_of_sound']} s; give the part that matters"


def _sound(opened: Any, limits: dict[str, int], av: Any) -> _Part:  # noqa: ANN401 - a library's
    stream, rate = opened.streams.audio[0], limits["rate"]
    stream.thread_type, stream.codec_context.thread_count = "NONE", 1
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    samples, most = bytearray(), 2 * rate * limits["seconds_of_sound"]
    for frame in opened.decode(stream):
        for one in resampler.resample(frame):
            samples += bytes(one.planes[0])[: 2 * one.samples]
        if len(samples) > most:
            raise _ProblemError(_too_long(limits))
    for one in resampler.resample(None):
        samples += bytes(one.planes[0])[: 2 * one.samples]
    if not samples:
        raise _ProblemError("there is no sound in it")
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(bytes(samples))
    part = _Part(media_type="audio/wav", size=len(out.getvalue()), seconds=round(len(samples) / 2 / rate, 2), where="")
    part.content = out.getvalue()
    return part


def _frames(opened: Any, stream: Any, limits: dict[str, int]) -> Iterator[_Part]:  # noqa: ANN401 - a library's
    """Some frames of a film, evenly over its length."""
    stream.thread_type, stream.codec_context.thread_count = "NONE", 1
    if stream.codec_context.width * stream.codec_context.height > limits["pixels"]:
        raise _ProblemError(f"its frames have over {limits['pixels']:,} pixels")
    length = (opened.duration or 0) / _MICROSECONDS
    wanted = [(2 * place + 1) * length / (2 * limits["frames"]) for place in range(limits["frames"])] if length else [0.0]
    number, shown = 0, -1.0
    for frame in opened.decode(stream):
        at = float(frame.time or 0.0)
        if at > limits["seconds_of_sound"]:
            raise _ProblemError(_too_long(limits))
        if number >= len(wanted):
            break
        if at + 1e-6 < wanted[number] and number + 1 <= len(wanted) and not _is_last(frame, stream, number):
            continue
        while number < len(wanted) and wanted[number] <= at + 1e-6:
            number += 1
        if at > shown:
            shown = at
            yield _picture(frame.to_image(), f"at {at:.1f} s", limits, lossy=True, number=number)
    if shown < 0:
        raise _ProblemError("there is no frame in it that can be read")


def _is_last(frame: Any, stream: Any, number: int) -> bool:  # noqa: ANN401 - a library's
    """Whether a frame is the only one that there may be."""
    return number == 0 and (stream.frames or 0) == 1 and frame is not None


def _confine(memory: int, seconds: int) -> None:
    """Limit this process to so much memory and processor time, and no files of its own, where it can be."""
    try:
        import resource
    except ImportError:
        return
    for name, limit in {"RLIMIT_AS": memory, "RLIMIT_CPU": seconds, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (limit, limit))


if __name__ == "__main__":
    main()
