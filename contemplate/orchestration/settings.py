"""Settings: what a `contemplate.toml` says about models, limits and prices."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from contemplate.catalogue import read_text
from contemplate.errors import InputError, RecipeError
from contemplate.explain import explain
from contemplate.models.backends.base import Limits
from contemplate.models.backends.model import ModelSpec, check_key_variable, in_seconds
from contemplate.models.retry import Retry
from contemplate.orchestration.policies import PolicySettings
from contemplate.text import one_line
from contemplate.tools import McpServer
from contemplate.trace.events import Observer
from contemplate.types import Price, Sampling, Value
from contemplate.yaml_file import Document

FILE = "contemplate.toml"


def _without_key(row: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
    """Refuse a key in a file, before its value could stand in an error."""
    if isinstance(row, dict):
        if "key" in row or "api_key" in row:
            raise ValueError(
                'a key does not belong in a file: put it in an environment variable, and name that: key_variable = "MY_KEY"'
            )
        if isinstance(variable := row.get("key_variable"), str):
            check_key_variable(variable)
    return row


ModelEntry = Annotated[ModelSpec, BeforeValidator(_without_key)]
"""A model as a settings file describes it."""


class Settings(Value):
    """The settings made once instead of with each run. Options of a run win over these.

    Attributes:
        models: the models that seats take in turn: names, or `NAME@URL`.
        fallbacks: the models asked when one of those fails.
        model: what is known of models, by what they are called here; their `name` is the same where it is left out.
        base_url: the OpenAI-compatible address of all models that have none of their own, but `local/...`.
        ledger: the ledger's file.
        max_tokens: the most completion tokens of a reply, unless a card says otherwise.
        limits: by provider ("openai", "local", a host and port, or "default" for the rest).
        prices: US dollars for a million tokens, by model; they win over known prices.
        retry: how failed calls are tried again.
        timeout: seconds for one attempt, where a model does not say.
        progress: whether `solve` and `solve_sync` show a run while it goes, in a Jupyter notebook.
        tool: MCP servers whose tools can be granted, by name.
        secret: what the tags of quotations hang on in every ledger, so that several give the same prompts; "public" for the seed
            alone. None: each ledger has a secret of its own.
        policy: the policy that all runs are under; its paths begin where the file stands.
        telemetry: whether runs are told to OpenTelemetry as spans and metrics: "off", "on", or "content" for their words, too.
    """

    models: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    model: dict[str, ModelEntry] = Field(default_factory=dict)
    base_url: str | None = None
    ledger: str | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    limits: dict[str, Limits] = Field(default_factory=dict)
    prices: dict[str, Price] = Field(default_factory=dict)
    retry: Retry = Retry()
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    progress: bool = True
    tool: dict[str, McpServer] = Field(default_factory=dict)
    policy: PolicySettings = PolicySettings()
    secret: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(default=None, repr=False)
    telemetry: Literal["off", "on", "content"] = "off"

    @field_validator("model", "tool", mode="before")
    @classmethod
    def _by_name(cls, table: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
        if not isinstance(table, dict):
            return table
        return {name: {"name": name, **row} if isinstance(row, dict) else row for name, row in table.items()}

    @property
    def observer(self) -> Observer | None:
        """Who tells runs to OpenTelemetry, where that is wanted.

        Raises:
            InputError: OpenTelemetry is not installed.
        """
        if self.telemetry == "off":
            return None
        from contemplate.telemetry import Telemetry

        return Telemetry(content=self.telemetry == "content")

    def with_options(
        self,
        *,
        limits: Limits | Mapping[str, Limits] | None = None,
        retry: Retry | None = None,
        prices: Mapping[str, Price] | None = None,
        timeout: float | timedelta | None = None,
    ) -> Settings:
        """These settings with what was given for a run over them.

        Args:
            limits: by provider, as in a file; or one for each endpoint, whatever the settings say.
            retry: instead of the settings' own.
            prices: by model, beside the settings' own.
            timeout: seconds for one attempt.

        Raises:
            InputError: the timeout is not above 0.
        """
        wanted: dict[str, object] = {}
        if limits is not None:
            wanted["limits"] = {"default": limits} if isinstance(limits, Limits) else {**self.limits, **limits}
        if retry is not None:
            wanted["retry"] = retry
        if prices is not None:
            wanted["prices"] = {**self.prices, **prices}
        if timeout is not None:
            wanted["timeout"] = in_seconds(timeout)
        return self.model_copy(update=wanted)


def load_settings(project: Path | None = None) -> Settings:
    """The settings in force: the project's file if one is named, else the user's own, else none.

    The user's own file is `contemplate.toml` in the user's settings folder. The environment variables
    `CONTEMPLATE_MODEL` (several: separated by commas), `CONTEMPLATE_BASE_URL` and `CONTEMPLATE_TELEMETRY` win over both.

    Raises:
        InputError: the project is no folder, a file is wrong, or a variable is.
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
    wanted = {"models": named, "base_url": os.environ.get("CONTEMPLATE_BASE_URL"), "telemetry": _telemetry_wanted()}
    return settings.model_copy(update={name: value for name, value in wanted.items() if value})


def _telemetry_wanted() -> str | None:
    """What the environment says of telemetry, if anything."""
    wanted, words = os.environ.get("CONTEMPLATE_TELEMETRY"), get_args(Settings.model_fields["telemetry"].annotation)
    if wanted and wanted not in words:
        raise InputError(f"CONTEMPLATE_TELEMETRY is {one_line(wanted, 40)!r}; it may be {', '.join(words)}")
    return wanted


def user_file() -> Path:
    """The file of a user's own settings."""
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
        settings = Settings.model_validate(value)
    except ValidationError as error:
        raise explain(error, Document(str(file), value), _allowed) from None
    return settings.model_copy(update={"policy": settings.policy.at(file.parent)})


def _allowed(location: tuple[int | str, ...]) -> list[str]:
    """The words of the table that a location stands in."""
    tables: dict[int | str, type[Value]] = {
        "limits": Limits,
        "prices": Price,
        "retry": Retry,
        "model": ModelSpec,
        "tool": McpServer,
        "policy": PolicySettings,
    }
    inside: dict[int | str, type[Value]] = {"limits": Limits, "price": Price, "sampling": Sampling}
    model = tables.get(location[0], Settings) if len(location) > 1 else Settings
    if model is ModelSpec:
        model = next((inside[part] for part in location[2:-1] if part in inside), ModelSpec)
    return list(model.model_fields)
