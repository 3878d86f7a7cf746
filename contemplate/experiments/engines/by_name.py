"""Engines by their names."""

from __future__ import annotations

from pathlib import Path

from contemplate.errors import InputError, UnknownNameError
from contemplate.experiments.engines.local import Engine, local
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Backend


def engine_named(
    name: str,
    *,
    ray_address: str | None = None,
    workers: int | None = None,
    ledger: Path | str | Ledger | None = None,
    backend: Backend | None = None,
) -> Engine:
    """The engine of that name: "local", or "ray", which works on the ledger at `ledger`.

    Raises:
        UnknownNameError: there is none.
        InputError: something else was given that does not go with it.
    """
    if name == "local":
        if ray_address is not None or workers is not None:
            raise InputError("a Ray address and a number of workers go with the engine ray (--engine ray)")
        return local
    if name == "ray":
        from contemplate.experiments.engines.ray import RayEngine

        return RayEngine(ray_address, workers, ledger, backend)
    raise UnknownNameError("engine", name, ["local", "ray"])
