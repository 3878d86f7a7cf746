"""The models that an OpenAI-compatible server says it has."""

from __future__ import annotations

import json

from contemplate.errors import EndpointError
from contemplate.models.backends.address import check_base_url
from contemplate.models.backends.sessions import Sessions
from contemplate.text import one_line

_MOST_BYTES = 8 * 2**20
"""The longest list that is read."""
_OK = range(200, 300)
_NAMED = 12
"""How many models an error names."""


async def only_model(base_url: str, key: str = "") -> str:
    """The one model that the server at `base_url` has, by its own name.

    Args:
        base_url: the address before `/models`.
        key: sent as a bearer token; "" for none.

    Raises:
        EndpointError: nothing answers there, or it has no such list, none on it, or several: these are named.
    """
    found = await served_models(base_url, key)
    if len(found) == 1:
        return found[0]
    if not found:
        raise EndpointError(f"base URL {base_url}: its list of models is empty, so one must be named (--model)")
    names = ", ".join(one_line(name, 80) for name in found[:_NAMED]) + (", ..." if len(found) > _NAMED else "")
    raise EndpointError(f"base URL {base_url}: {len(found)} models are served there, so one must be named (--model): {names}")


async def served_models(base_url: str, key: str = "") -> tuple[str, ...]:
    """The models that the server at `base_url` lists, each once, in its order.

    Raises:
        EndpointError: nothing answers there, or it has no such list.
    """
    address = check_base_url(base_url)
    sessions = Sessions(address, key, 10.0)
    try:
        status, content = await sessions.models(_MOST_BYTES)
    finally:
        await sessions.aclose()
    found = _names(content) if status in _OK else None
    if found is None:
        why = "it is no list of models" if status in _OK else f"HTTP {status}"
        raise EndpointError(f"base URL {address}: it does not say which models it has ({why}), so one must be named (--model)")
    return tuple(dict.fromkeys(found))


def _names(content: bytes) -> list[str] | None:
    """The names in a list: OpenAI's `data` of rows with an `id`; a bare list or `models` with a `name`, as some have it."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    rows = next((value[word] for word in ("data", "models") if word in value), None) if isinstance(value, dict) else value
    if not isinstance(rows, list):
        return None
    names = [
        next((row[word] for word in ("id", "name", "model") if word in row), None) if isinstance(row, dict) else row
        for row in rows
    ]
    return [name for name in names if isinstance(name, str) and name.strip()]
