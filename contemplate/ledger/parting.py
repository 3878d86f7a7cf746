"""Requests as they are stored: their long messages apart, each once, however many requests hold it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from contemplate.errors import StorageError
from contemplate.ledger.codec import Stored, as_stored, dump_value, load_json
from contemplate.types import Request

LONG = 400
"""A message of so many characters, as JSON, is stored apart; what names it has 75."""


def parted(request: Request) -> tuple[Stored, dict[str, Stored]]:
    """The JSON of a request, with its long messages named by their digests, and these messages by digest."""
    long = {message.digest: message.canonical for message in request.messages if len(message.canonical) >= LONG}
    if not long:
        return dump_value(request), {}
    messages = [f'{{"sha256":"{one.digest}"}}' if one.digest in long else one.canonical for one in request.messages]
    rest = dump_value(request.model_copy(update={"messages": ()}))
    text = rest if isinstance(rest, str) else rest.decode("utf-8", "surrogatepass")
    whole = text.replace('"messages":[]', f'"messages":[{",".join(messages)}]', 1)
    return as_stored(whole), {digest: as_stored(message) for digest, message in long.items()}


def put_together(stored: Stored, message: Callable[[str], Stored | None]) -> Request:
    """The request that `parted` made `stored` of; also one that was stored whole.

    Args:
        stored: its JSON.
        message: gives the JSON of a message by its digest, or None.

    Raises:
        StorageError: it is none, or a message is not there.
    """
    row = load_json(stored)
    try:
        row["messages"] = [_whole(one, message) for one in _list(row["messages"])]
        return Request.model_validate(row)
    except (ValidationError, KeyError, TypeError) as error:
        raise StorageError(f"a stored request can't be read: {type(error).__name__}") from None


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _whole(one: dict[str, Any], message: Callable[[str], Stored | None]) -> object:
    if set(one) != {"sha256"}:
        return one
    if (found := message(one["sha256"])) is None:
        raise StorageError(f"the message {one['sha256'][:12]}... of a stored request is not in the ledger")
    return load_json(found)
