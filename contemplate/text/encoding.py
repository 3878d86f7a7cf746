"""JSON of what goes out and comes in: by orjson where the extra `fast` has brought it, else by Python's own `json`.

orjson takes no lone half of a surrogate pair, and reads no NaN; for these `json` does it. A whole number beyond 64 bits it reads
as a float, which nothing here asks for.
"""

from __future__ import annotations

import json
from types import ModuleType

orjson: ModuleType | None
try:
    import orjson
except ImportError:
    orjson = None


def encode(value: object) -> bytes:
    """The JSON text of plain data, as UTF-8."""
    if orjson is not None:
        try:
            text: bytes = orjson.dumps(value)
        except TypeError:
            return json.dumps(value).encode()
        return text
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def decode(text: bytes | str) -> object:
    """The plain data that a JSON text stands for.

    Raises:
        ValueError: it is no JSON text.
        RecursionError: it is nested deeper than Python can follow.
    """
    if orjson is not None:
        try:
            return orjson.loads(text)
        except ValueError:  # perhaps one that `json` reads
            return json.loads(text)
    return json.loads(text)
