"""The limits of attachments: in bytes as files, then in pixels, pages and seconds, and of the processes that open them."""

from __future__ import annotations

import re

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")

MAX_ATTACHMENTS = 16
"""The most attachments of one question."""
MAX_FILE = 50 * 1024**2
"""The longest attachment, in bytes."""
MAX_FILES = 100 * 1024**2
"""The most that the attachments of one question may have together, in bytes."""

MAX_PIXELS = 64_000_000
"""The largest picture that is opened, in pixels."""
MAX_SIDE = 2_048
"""The longest side of a picture as it is kept and sent, in pixels; a larger one is made smaller."""
MAX_KEPT = 4 * 1024**2
"""The longest picture as it is kept, in bytes; providers take five million."""
MAX_PAGES = 20
"""The most pages of an attached PDF."""
MAX_FRAMES = 8
"""How many frames stand for a film, or for a picture that moves."""
MAX_SECONDS = 600
"""The longest sound or film, in seconds."""
SAMPLE_RATE = 16_000
"""Samples a second of sound as it is kept: mono, 16 bits each."""

THUMBNAIL = 240
"""The longest side of a thumbnail, in pixels."""
MAX_THUMBNAIL = 24_000
"""The longest thumbnail, in bytes as a `data:` URL."""
MAX_THUMBNAILS = 24
"""How many parts of one attachment have one."""

OPEN_SECONDS = 60
"""The longest that opening one attachment may last, in seconds, and the most processor time that it may take."""
OPEN_MEMORY = 3 << 30
"""The most memory of the process that does it, in bytes of address space."""
READ_SECONDS = 1_800
"""The longest that reading the attachments of one question aloud or by sight may last, in seconds."""
MAX_READING = 20_000
"""The longest reading of one part, in characters; a page of small print has some 6,000."""
CUT = "[... more stands there than is shown here ...]"
"""Stands at the end of a reading that was cut."""


def readable(text: str) -> str:
    """The words of a reading as they can be sent: not too long, and without what no provider takes."""
    kept = _UNSENDABLE.sub("\ufffd", text)
    return kept if len(kept) <= MAX_READING else f"{kept[:MAX_READING]}\n{CUT}"
