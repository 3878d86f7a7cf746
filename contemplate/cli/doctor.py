"""`contemplate doctor`: what works here, and what to do about the rest."""

from __future__ import annotations

import json
import os
import platform
import shlex
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Literal

import anyio

from contemplate._version import __version__
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.concurrency import task_group
from contemplate.errors import ContemplateError, InputError
from contemplate.ledger import open_ledger, public_location
from contemplate.models.backends.listing import served_models
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.settings import FILE, Settings, load_settings, user_file
from contemplate.text import printable

USUAL_PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
"""Where servers of models listen if nobody told them otherwise."""
_LOOK_SECONDS = 1.0
_MOST_NAMED = 5
"""How many models of one server are named."""
_LONGEST_NAME = 200
"""Longer names, and those that hold line ends, are not what people paste."""

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    state: State
    text: str


def examine(location: Location, *, base_url: str | None, as_json: bool) -> int:
    """Look at everything; return 0, or 2 if something is broken."""
    findings = run_async(_findings, location, base_url)
    if as_json:
        print(json.dumps([{"name": f.name, "state": f.state, "text": f.text} for f in findings], ensure_ascii=True))
    else:
        for finding in findings:
            print(f"{finding.state:<5} {finding.name:<16} {printable(finding.text)}")
    return Status.BAD_INPUT if any(finding.state == "bad" for finding in findings) else Status.DONE


async def _findings(location: Location, base_url: str | None) -> list[Finding]:
    found = [
        Finding(
            "contemplate", "ok", f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        )
    ]
    settings = Settings()
    try:
        settings = load_settings(location.project)
        file = user_file() if location.project is None else location.project / FILE
        source = str(file) if file.exists() else f"{file} is not there"
        found.append(Finding("settings", "ok", f"{source}; models: {', '.join(settings.models) or 'none, so the embedded one'}"))
    except InputError as error:
        found.append(Finding("settings", "bad", str(error)))
    found.append(_catalogue(location))
    found.append(_embedded())
    found.append(_programs())
    found += _keys()
    found.append(await _try("ledger", lambda: _ledger(location)))
    if (address := base_url or settings.base_url) is not None:
        found.append(await _try("server", lambda: _server(address)))
    for name, url in _servers(settings).items():
        found.append(await _try(f"server of {name}", partial(_server, url)))
    return found + await _running_here()


async def _try(name: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(name, "ok", await look())
    except ContemplateError as error:
        return Finding(name, "bad", str(error))


def _catalogue(location: Location) -> Finding:
    try:
        catalogue = location.catalogue()
        recipes = [catalogue.recipe(name) for name in catalogue.names("strategies")]
        cards = [catalogue.card(name) for name in catalogue.names("agents")]
    except InputError as error:
        return Finding("catalogue", "bad", str(error))
    return Finding("catalogue", "ok", f"{len(recipes)} strategies, {len(cards)} agents")


def _embedded() -> Finding:
    from contemplate.models.backends.published import SMOLLM2
    from contemplate.models.backends.weights import is_whole, place_of

    if find_spec("xllamacpp") is None:
        return Finding("embedded model", "note", "not installed: pip install 'contemplate-ai[local]'")
    file = place_of(SMOLLM2)
    return Finding(
        "embedded model", "ok", str(file) if is_whole(file, SMOLLM2) else "its weights (93 MB) are fetched on first use"
    )


def _programs() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    from contemplate.tools import available

    if not available():
        return Finding("programs", "note", "can't be run: pip install 'contemplate-ai[tools]'")
    try:
        which = f" {version('pydantic-monty')}"
    except PackageNotFoundError:  # its parts are packages of their own, and can be there without it
        which = ""
    return Finding("programs", "ok", f"run by pydantic-monty{which}, in a process of their own")


def _keys() -> Iterator[Finding]:
    from contemplate.models.backends.providers import PROVIDERS

    have = sorted({key for provider in PROVIDERS.values() for key in provider.keys if os.environ.get(key)})
    yield Finding(
        "keys", "ok" if have else "note", f"set: {', '.join(have)}" if have else "no provider's key is set in the environment"
    )


async def _ledger(location: Location) -> str:
    where = location.file()
    if "://" not in where and not await anyio.Path(where).exists():
        return f"{where} (made on first use)"
    ledger = await open_ledger(where)
    try:
        return f"{public_location(where)}, {len(await ledger.run_ids()):,} runs"
    finally:
        await ledger.aclose()


def _servers(settings: Settings) -> dict[str, str]:
    """The addresses of models that have one of their own, by what the models are called."""
    table = ModelTable(settings.model)
    table.names(settings.models)
    table.names(settings.fallbacks)
    return {name: spec.base_url for name, spec in table.specs.items() if spec.base_url is not None}


async def _running_here() -> list[Finding]:
    """The servers that run on this machine at their usual ports, each with a model of theirs, ready to paste."""
    found: dict[str, Finding] = {}

    async def look(name: str, port: int) -> None:
        address = f"http://127.0.0.1:{port}/v1"
        with anyio.move_on_after(_LOOK_SECONDS), suppress(ContemplateError):
            named = [name for name in await served_models(address) if name.isprintable() and len(name) <= _LONGEST_NAME]
            for model in named[:_MOST_NAMED]:
                said = f"{name} runs here: --base-url {address} --model {shlex.quote(model)}"
                found[f"{port} {model}"] = Finding("server here", "ok", said)

    async with task_group() as group:
        for name, port in USUAL_PORTS.items():
            group.start_soon(look, name, port)
    return [found[key] for key in sorted(found)]


async def _server(address: str) -> str:
    from contemplate.models.backends.openai import OpenAIBackend

    backend = OpenAIBackend(address)
    try:
        await backend.ping()
    finally:
        await backend.aclose()
    return f"{address} answers"
