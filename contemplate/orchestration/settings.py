"""Settings: what a `contemplate.toml` says about models, limits and prices."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from contemplate.catalogue import read_text
from contemplate.errors import InputError, RecipeError
from contemplate.explain import explain
from contemplate.models.limiter import Limits
from contemplate.models.retry import Retry
from contemplate.types import Price, Value
from contemplate.yaml_file import Document

FILE = "contemplate.toml"


class Settings(Value):
    """What can be set once instead of with each run. Options of a run win over these.

    Attributes:
        models: the models that seats take in turn.
        fallbacks: the models asked when one of those fails.
        base_url: the OpenAI-compatible address of all models but `local/...`.
        ledger: the ledger's file.
        max_tokens: the most completion tokens of a reply, unless a card says otherwise.
        limits: by provider ("openai", "local", a host and port, or "default" for the rest).
        prices: US dollars for a million tokens, by model; they win over known prices.
        retry: how failed calls are tried again.
    """

    models: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    base_url: str | None = None
    ledger: str | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    limits: dict[str, Limits] = Field(default_factory=dict)
    prices: dict[str, Price] = Field(default_factory=dict)
    retry: Retry = Retry()


def load_settings(project: Path | None = None) -> Settings:
    """The settings in force: the project's file if one is named, else the user's own, else none.

    The user's own file is `contemplate.toml` in the user's settings folder. The environment variables
    `CONTEMPLATE_MODEL` (several: separated by commas) and `CONTEMPLATE_BASE_URL` win over both.

    Raises:
        InputError: the project is no folder, or a file is wrong.
    """
    settings = Settings()
    if project is not None:
        if not project.is_dir():
            msg = f"--project {project}: no such folder"
            raise InputError(msg)
        if (project / FILE).exists():
            settings = read_settings(project / FILE)
    elif (own := user_file()).exists():
        settings = read_settings(own)
    named = tuple(name.strip() for name in os.environ.get("CONTEMPLATE_MODEL", "").split(",") if name.strip())
    wanted = {"models": named, "base_url": os.environ.get("CONTEMPLATE_BASE_URL")}
    return settings.model_copy(update={name: value for name, value in wanted.items() if value})


def user_file() -> Path:
    """Where a user's own settings stand."""
    import platformdirs

    return Path(platformdirs.user_config_dir("contemplate", appauthor=False)) / FILE


def read_settings(file: Path) -> Settings:
    """Read one settings file.

    Raises:
        InputError: it can't be read, is not TOML, or says something that is not allowed.
    """
    try:
        value = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(str(file), f"not TOML: {error}") from None
    try:
        return Settings.model_validate(value)
    except ValidationError as error:
        raise explain(error, Document(str(file), value), _allowed) from None


def _allowed(location: tuple[int | str, ...]) -> list[str]:
    tables: dict[int | str, type[Value]] = {"limits": Limits, "prices": Price, "retry": Retry}
    model = tables.get(location[0], Settings) if len(location) > 1 else Settings
    return list(model.model_fields)
