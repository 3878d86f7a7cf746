"""What a file is, seen from its first bytes, whatever its name says."""

from __future__ import annotations

from typing import Literal

Kind = Literal["picture", "pages", "sound", "film"]

PDF_HEAD = 1_024
"""A PDF says within so many bytes that it is one."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_MP3_FRAMES = {0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"avif", b"avis", b"msf1"}

KINDS: dict[str, Kind] = {
    "image/png": "picture",
    "image/jpeg": "picture",
    "image/webp": "picture",
    "image/gif": "picture",
    "application/pdf": "pages",
    "audio/wav": "sound",
    "audio/mpeg": "sound",
    "audio/ogg": "sound",
    "audio/mp4": "sound",
    "video/mp4": "film",
    "video/webm": "film",
    "video/x-msvideo": "film",
}
"""What can be attached, by media type. What is inside of a container is seen when it is opened."""

TAKEN = "PNG, JPEG, WebP, GIF, PDF, WAV, MP3, OGG, M4A, MP4, WebM or AVI"
"""The same, for people."""


def media_type_of(content: bytes) -> str | None:
    """The media type of a file that can be attached; None for any other.

    Args:
        content: its bytes, or the first thousand of them.
    """
    for start, found in _STARTS:
        if content.startswith(start):
            return found
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in _PICTURE_BRANDS:
            return None
        return "audio/mp4" if brand in _SOUND_BRANDS else "video/mp4"
    if content[:1] == b"\xff" and len(content) > 1 and content[1] in _MP3_FRAMES:
        return "audio/mpeg"
    return "application/pdf" if b"%PDF-" in content[:PDF_HEAD] else None
