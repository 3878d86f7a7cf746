"""Attachments as tests need them: pictures of text, pages, sound and films, made here."""

from __future__ import annotations

import io
import math
import shutil
import struct
import subprocess
import wave
from typing import Any

import pytest


def a_picture(text: str = "", size: tuple[int, int] = (480, 120), form: str = "PNG", **options: Any) -> bytes:
    """A white picture with black text in it."""
    image, draw, font = (pytest.importorskip(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont"))
    picture = image.new("RGB", size, "white")
    draw.Draw(picture).text((20, 20), text, fill="black", font=font.load_default(36))
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def a_moving_picture(frames: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A GIF that gets darker."""
    image = pytest.importorskip("PIL.Image")
    pictures = [image.new("L", size, 255 - 5 * number) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=50)
    return out.getvalue()


def a_film(frames: int = 20, rate: int = 10, size: tuple[int, int] = (64, 48)) -> bytes:
    """An MP4 whose frames get darker."""
    av, image = pytest.importorskip("av"), pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as film:
        stream = film.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame.from_image(image.new("RGB", size, (255 - 10 * number,) * 3))
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return out.getvalue()


def a_sound(seconds: float = 0.5, rate: int = 8_000, frequency: float = 440.0) -> bytes:
    """A WAV with one tone."""
    samples = [int(9_000 * math.sin(2 * math.pi * frequency * place / rate)) for place in range(int(seconds * rate))]
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


def encoded_as(sound: bytes, container: str, codec: str, rate: int) -> bytes:
    """The same sound in another form."""
    av = pytest.importorskip("av")
    out = io.BytesIO()
    with av.open(io.BytesIO(sound)) as given, av.open(out, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate)
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        for frame in given.decode(audio=0):
            for one in resampler.resample(frame):
                written.mux(stream.encode(one))
        written.mux(stream.encode(None))
    return out.getvalue()


def spoken(text: str) -> bytes:
    """A WAV in which a synthetic voice says `text`; the test is skipped where there is none."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    return subprocess.run(["espeak-ng", "-s", "140", "--stdout", text], capture_output=True, check=True).stdout
