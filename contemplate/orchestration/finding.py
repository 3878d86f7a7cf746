"""The model of a server, where nobody named one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import SecretStr

from contemplate.models.backends.routing import KEY_VARIABLE
from contemplate.models.names import EMBEDDED


async def found_at(base_url: str | None, key: SecretStr | None, given: Iterable[str]) -> str | None:
    """The one model of the server at `base_url`; None where calls of no named model go elsewhere, and nobody is asked.

    Args:
        base_url: the address of the run, if it has one.
        key: the key for it; None: the one in the environment.
        given: the patterns of backends that were given, which answer themselves.

    Raises:
        InputError: nothing answers there, or it has no model or several, so that one must be named.
    """
    if base_url is None or any(fnmatchcase(EMBEDDED, pattern) for pattern in given):
        return None
    from contemplate.models.backends.listing import only_model

    secret = os.environ.get(KEY_VARIABLE, "") if key is None else key.get_secret_value()
    return await only_model(base_url, secret.strip())
