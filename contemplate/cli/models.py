"""`contemplate models`: the embedded models, whether they are here, and how fast they are."""

from __future__ import annotations

import json
import sys

from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.models.backends.local_models import LOCAL_MODELS, LocalModel, fetched, local_model
from contemplate.models.backends.speed import noted_speed
from contemplate.models.backends.weights import remove
from contemplate.text import one_line
from contemplate.types import Json


def list_models(*, as_json: bool) -> int:
    """Print what is known of each embedded model."""
    rows = [_row(name, model) for name, model in {**LOCAL_MODELS, **fetched()}.items()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
        return Status.DONE
    for row in rows:
        here = "here" if row["here"] else "not here"
        speed = "" if row["tokens_per_second"] is None else f", {row['tokens_per_second']:g} tokens/s"
        facts = ", ".join(fact for fact in (row["parameters"], f"{row['bytes'] / 1e6:,.0f} MB", row["licence"], here) if fact)
        print(f"{row['name']:<26} {facts}{speed}")
    return Status.DONE


def fetch_model(name: str) -> int:
    """Fetch the weights of a model, and print where they are."""
    print(run_async(local_model(name).file))
    return Status.DONE


def remove_model(name: str) -> int:
    """Remove the weights of a model from the cache."""
    model = local_model(name)
    if model.path is not None:
        raise InputError(f"{one_line(name, 200)} is a file of your own, and no part of the cache; remove it yourself")
    weights = model.published()
    freed = 0 if weights is None else remove(weights)
    print(f"{name}: {f'{freed / 1e6:,.0f} MB are free' if freed else 'it was not here'}", file=sys.stderr)
    return Status.DONE


def _row(name: str, model: LocalModel) -> Json:
    weights, path = model.published(), model.there()
    return {
        "name": name,
        "parameters": model.parameters or None,
        "bytes": 0 if weights is None else weights.size,
        "licence": model.licence or None,
        "here": path is not None,
        "path": None if path is None else str(path),
        "tokens_per_second": None if path is None else noted_speed(path),
    }
