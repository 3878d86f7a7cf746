"""JSON of what goes out and comes in, written and read by compiled code where it can be, with the same result where it can't.

orjson takes no lone half of a surrogate pair, and reads no NaN; for these Python's own `json` does it. A whole number beyond 64
bits is read as a float.
"""

from __future__ import annotations

import json

import orjson


def encode(value: object) -> bytes:
    """The JSON text of plain data, as UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


def decode(text: bytes | str) -> object:
    """The plain data that a JSON text stands for.

    Raises:
        ValueError: it is no JSON text.
        RecursionError: it is nested deeper than Python can follow.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
