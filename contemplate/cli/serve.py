"""`contemplate serve`: from what was typed to a server that listens."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contemplate.cli.ask import budget_of
from contemplate.cli.location import Location
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.files import make_private_folder
from contemplate.installed import library
from contemplate.models.backends.address import is_loopback
from contemplate.models.budget import Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.types import Privacy

if TYPE_CHECKING:
    from contemplate.server.serving import Serving
    from contemplate.server.settings import ServerSettings, Token

_MEGABYTE = 2**20


@dataclass(frozen=True)
class Arguments:
    """What was typed; None, or nothing, where nothing was."""

    host: str
    port: int
    token_file: Path | None
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    allowed: tuple[str, ...]
    reasoning: Literal["both", "tags", "off"]
    fresh: bool
    caps: dict[str, float | None]
    daily: dict[str, float | None]
    privacy: Privacy
    max_runs: int
    queue: int
    max_body: int
    drain: float
    location: Location


def serve(arguments: Arguments) -> int:
    """Serve until the process is told to stop.

    Raises:
        InputError: the extra is not installed, a setting is wrong, or it can't listen there.
    """
    library("starlette", "server")
    library("uvicorn", "server")
    import anyio

    from contemplate.server import serving
    from contemplate.server.settings import ServerSettings

    tokens, shown = _tokens(arguments)
    daily = _daily(arguments)
    settings = ServerSettings(
        host=arguments.host,
        port=arguments.port,
        tokens=tokens,
        hosts=arguments.hosts,
        origins=arguments.origins,
        models=arguments.allowed,
        reasoning=arguments.reasoning,
        fresh=arguments.fresh,
        budget=budget_of(arguments.caps),
        daily=daily,
        spent=None if daily == Budget() else _spent(arguments),
        privacy=arguments.privacy,
        max_runs=arguments.max_runs,
        queue=arguments.queue,
        max_body=arguments.max_body * _MEGABYTE,
        drain=arguments.drain,
    )
    orchestrator = Orchestrator(
        arguments.models,
        base_url=arguments.base_url,
        ledger=arguments.location.ledger,
        fallbacks=arguments.fallbacks,
        project=arguments.location.project,
    )

    async def work() -> None:
        await serving.serve(orchestrator, settings, lambda ready: _say(ready, settings, shown), signals=True)

    anyio.run(work)
    print("contemplate: stopped; every run was finished, or is stored", file=sys.stderr)
    return Status.DONE


def _tokens(arguments: Arguments) -> tuple[tuple[Token, ...], str | None]:
    """The tokens that let somebody in, and the one that is made here, if one is, which is shown once."""
    from contemplate.server.settings import Token, new_token, read_tokens

    if arguments.token_file is not None:
        return read_tokens(arguments.token_file), None
    if is_loopback(arguments.host):
        return (), None
    made = new_token()
    return (Token.of(made, "printed"),), made


def _daily(arguments: Arguments) -> Budget:
    """What each token may take in a day.

    Raises:
        InputError: a cap is no number above 0.
    """
    for name, value in arguments.daily.items():
        if value is not None and not value > 0:
            raise InputError(f"--daily-{name} {value:g}: it must be a number above 0")
    return Budget(**arguments.daily)  # type: ignore[arg-type]  # it says itself what is wrong


def _spent(arguments: Arguments) -> Path:
    """The file of what was taken today; each port and ledger has its own."""
    import platformdirs

    folder = Path(platformdirs.user_state_dir("contemplate", appauthor=False))
    make_private_folder(folder)
    which = hashlib.sha256(f"{arguments.port} {arguments.location.file()}".encode()).hexdigest()[:12]
    return folder / f"serve-{which}.json"


def _say(serving: Serving, settings: ServerSettings, shown: str | None) -> None:
    """Say where it listens, and the token if it was made here."""
    print(f"contemplate: serving at {serving.url}; OpenAI clients take {serving.url}/v1 as their base URL", file=sys.stderr)
    if shown is not None:
        print(f"contemplate: the token, which is shown this once: {shown}", file=sys.stderr)
    elif not settings.tokens:
        print(
            "contemplate: no token is asked for, since only this machine can reach it (--token-file asks for one)",
            file=sys.stderr,
        )
    sys.stderr.flush()
