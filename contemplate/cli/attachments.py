"""`--attach` and `--allow-url`: the pictures, PDF files, sound and films that a question comes with."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from contemplate.attachments import MAX_FILE, is_address
from contemplate.errors import InputError
from contemplate.types import Attachment

_STANDARD_INPUT = "-"


def attached(typed: Sequence[str], hosts: Sequence[str], *, taken: bool = False) -> tuple[Attachment, ...]:
    """The attachments that were typed: files, `data:` URLs, addresses on allowed hosts, and `-` for standard input.

    Args:
        typed: what was typed after each `--attach`.
        hosts: what was typed after each `--allow-url`.
        taken: whether standard input is read for something else.

    Raises:
        InputError: one of them can't be read.
    """
    if typed.count(_STANDARD_INPUT) > 1 or (taken and _STANDARD_INPUT in typed):
        raise InputError("--attach -: standard input is read once, and for one thing")
    return tuple(_attachment(one, hosts) for one in typed)


def _attachment(typed: str, hosts: Sequence[str]) -> Attachment:
    if typed == _STANDARD_INPUT:
        return Attachment.from_bytes(_standard_input(), "standard input")
    if is_address(typed) or typed.startswith("data:"):
        return Attachment.from_url(typed, hosts)
    return Attachment.from_file(typed)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InputError("--attach -: standard input is closed, so nothing can be read from it")
    return sys.stdin.buffer.read(MAX_FILE + 1)
