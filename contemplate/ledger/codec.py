"""Values to JSON text and back, exactly, whatever characters a model wrote.

Text that UTF-8 can't hold (a lone half of a surrogate pair) is stored as bytes in UTF-8's "surrogatepass"
form: escaping it as ASCII would join two halves that stood side by side into one character.
"""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from contemplate.errors import StorageError
from contemplate.types import Json, Value

V = TypeVar("V", bound=Value)
Stored = str | bytes
_REPLACED = "\ufffd"


def dump_json(value: object) -> Stored:
    """The JSON of plain data.

    Raises:
        ValueError: it holds NaN or an infinity, which JSON has no word for.
    """
    return as_stored(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False))


def as_stored(text: str) -> Stored:
    """A text as it is stored: as bytes where UTF-8 can't hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def dump_value(value: Value) -> Stored:
    """The JSON of a value."""
    try:
        text = value.model_dump_json()
    except PydanticSerializationError:
        text = _REPLACED
    if _REPLACED in text:  # perhaps put there for what UTF-8 can't hold, as is done in the names of an object
        return dump_json(value.model_dump())
    return text


def load_value(kind: type[V], stored: Stored) -> V:
    """The value of that `kind` which `dump_value` made `stored` from.

    Raises:
        StorageError: it is none.
    """
    try:
        text = _as_text(stored)
        if isinstance(text, str):
            return kind.model_validate_json(text)
        return kind.model_validate(json.loads(text.decode("utf-8", "surrogatepass")))
    except (ValidationError, ValueError) as error:
        problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        msg = f"the ledger holds a {kind.__name__.lower()} that can't be read ({problem}): another program has changed it"
        raise StorageError(msg) from error


def load_json(stored: Stored) -> Json:
    """The plain data, an object, which `dump_json` made `stored` from.

    Raises:
        StorageError: it is none.
    """
    text = stored if isinstance(stored, str) else stored.decode("utf-8", "surrogatepass")
    try:
        value = json.loads(text)
    except ValueError as error:
        msg = f"the ledger holds an entry that can't be read ({error}): another program has changed it"
        raise StorageError(msg) from error
    if not isinstance(value, dict):
        msg = "the ledger holds an entry that is no JSON object: another program has changed it"
        raise StorageError(msg)
    return value


def _as_text(stored: Stored) -> Stored:
    """The text, also where the database took it as bytes; bytes only if UTF-8 can't hold it."""
    try:
        return stored if isinstance(stored, str) else stored.decode()
    except UnicodeDecodeError:
        return stored
