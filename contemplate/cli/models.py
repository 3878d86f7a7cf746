"""`contemplate models`: the embedded models, whether they are here, and how fast they are."""

from __future__ import annotations

import json
import sys

from contemplate.cli.columns import aligned
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.models.backends import speech
from contemplate.models.backends.local_models import LOCAL_MODELS, LocalModel, fetched, local_model
from contemplate.models.backends.speed import noted_speed
from contemplate.models.backends.weights import partial_of, remove
from contemplate.text import one_line, printable
from contemplate.types import Json


def list_models(only: str | None, *, as_json: bool) -> int:
    """Print what is known of each embedded model, or of one only."""
    if only == speech.NAME:
        rows = [_speech_row()]
    else:
        models = {**LOCAL_MODELS, **fetched()} if only is None else {only: local_model(only)}
        rows = [_row(name, model) for name, model in models.items()] + ([] if only else [_speech_row()])
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
        return Status.DONE
    for line in aligned([(row["name"], _facts(row)) for row in rows]):
        print(printable(line))
    return Status.DONE


def _facts(row: Json) -> str:
    size = _megabytes(row["bytes"]) if row["bytes"] else None
    return ", ".join(filter(None, (row["parameters"], size, row["licence"], _here(row), _speed(row))))


def _here(row: Json) -> str:
    if row["here"]:
        return "here"
    return f"{_megabytes(row['bytes_here'])} of it here" if row["bytes_here"] else "not here"


def _speed(row: Json) -> str:
    return "" if row["tokens_per_second"] is None else f"{row['tokens_per_second']:g} tokens/s"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def fetch_model(name: str) -> int:
    """Fetch the weights of a model, and print where they are.

    Raises:
        KeyboardInterrupt: it was cut short; says how to go on.
    """
    try:
        print(run_async(speech.speech_model if name == speech.NAME else local_model(name).file))
    except KeyboardInterrupt:
        message = "what came is kept, and the same command goes on from there"
        raise KeyboardInterrupt(message) from None
    return Status.DONE


def remove_model(name: str) -> int:
    """Remove the weights of a model from the cache."""
    if name == speech.NAME:
        return _said_of_removal(name, speech.forget())
    model = local_model(name)
    if model.path is not None:
        raise InputError(f"{one_line(name, 200)} is a file of your own, and no part of the cache; remove it yourself")
    weights = model.published()
    return _said_of_removal(name, 0 if weights is None else remove(weights))


def _said_of_removal(name: str, freed: int) -> int:
    print(f"{one_line(name, 200)}: {f'{_megabytes(freed)} are free' if freed else 'it was not here'}", file=sys.stderr)
    return Status.DONE


def _speech_row() -> Json:
    """What is known of the model that hears speech; it answers nothing, and is on no panel."""
    folder = speech.there()
    return {
        "name": speech.NAME,
        "parameters": "hears speech",
        "bytes": speech.size(),
        "licence": "MIT",
        "here": folder is not None,
        "bytes_here": speech.size() if folder is not None else 0,
        "path": None if folder is None else str(folder),
        "tokens_per_second": None,
    }


def _row(name: str, model: LocalModel) -> Json:
    weights, path = model.published(), model.there()
    there = 0 if path is None else path.stat().st_size
    return {
        "name": name,
        "parameters": model.parameters or None,
        "bytes": weights.size if weights is not None else there or None,
        "licence": model.licence or None,
        "here": path is not None,
        "bytes_here": there or (0 if weights is None else partial_of(weights).size),
        "path": None if path is None else str(path),
        "tokens_per_second": None if path is None else noted_speed(path),
    }
