"""A model as a value: its name, where it is found, and how it is called."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_serializer, field_validator

from contemplate.errors import EndpointError, InputError, InvalidValueError, MissingKeyError
from contemplate.models.backends.address import check_base_url, is_loopback_url
from contemplate.models.backends.base import Limits
from contemplate.models.names import is_embedded
from contemplate.text import one_line
from contemplate.types import Json, Modality, Price, Privacy, Sampling, Value

_NAMED_WITH_URL = re.compile(r"(?:(?P<label>[^=@\s]*)=)?(?P<name>\S+?)@(?P<url>[a-z][a-z0-9+.-]*://.*)", re.I | re.DOTALL)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_WRITTEN_WITH_A_RUN = ("name", "base_url", "sampling", "timeout", "accepts", "local", "privacy")


def in_seconds(span: float | timedelta) -> float:
    """A span of time in seconds.

    Raises:
        InputError: it is not above 0, or has no end.
    """
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    if not 0 < seconds < math.inf:
        raise InputError(f"the timeout is {seconds:g}: it must be a number of seconds above 0")
    return seconds


def check_key_variable(variable: str) -> str:
    """Return the name of an environment variable; a key in its place is refused, and never shown.

    Raises:
        ValueError: it is written otherwise than such names are.
    """
    if not _VARIABLE.fullmatch(variable):
        raise ValueError(
            "key_variable names an environment variable, in capitals as MY_KEY; the key itself stands nowhere but there"
        )
    return variable


def _plain_seconds(span: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
    return span.total_seconds() if isinstance(span, timedelta) else span


class ModelSpec(Value):
    """The public facts of a model, for a settings file or a run: everything but its key.

    Attributes:
        name: as its server or its provider knows it: any name behind a base URL, else "provider/name".
        base_url: an OpenAI-compatible address of its own; None for that of its provider, or of the run.
        key_variable: the environment variable that holds its key.
        sampling: how its replies are drawn; only what is set in it counts.
        price: US dollars for a million tokens.
        limits: how fast it may be called; what goes to other models is counted apart.
        timeout: seconds for one attempt.
        accepts: what its messages may hold.
        local: whether it runs on machines of one's own, where a call costs nothing; None: see `stays_here`.
        privacy: where what it is told may end up; None: on one's own machines if it `stays_here`, else anywhere.
    """

    name: Annotated[str, Field(min_length=1, max_length=500)]
    base_url: str | None = None
    key_variable: str | None = None
    sampling: Sampling | None = None
    price: Price | None = None
    limits: Limits | None = None
    timeout: Annotated[float, BeforeValidator(_plain_seconds), Field(gt=0, allow_inf_nan=False)] | None = None
    accepts: frozenset[Modality] = frozenset({"text"})
    local: bool | None = None
    privacy: Privacy | None = None

    @field_validator("base_url")
    @classmethod
    def _normal(cls, url: str | None) -> str | None:
        try:
            return None if url is None else check_base_url(url, "name its environment variable: key_variable")
        except EndpointError as error:
            raise ValueError(str(error)) from None

    @field_validator("key_variable")
    @classmethod
    def _variable(cls, variable: str | None) -> str | None:
        return None if variable is None else check_key_variable(variable)

    @field_serializer("accepts")
    def _in_order(self, accepts: frozenset[Modality]) -> list[str]:
        return sorted(accepts)

    @classmethod
    def _refusal(cls, error: ValidationError, given: Mapping[str, object]) -> InvalidValueError:
        """The mistake as one line without the value: that may hold a key."""
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = str(first["msg"]).removeprefix("Value error, ")
        return InvalidValueError(f"model {one_line(str(given.get('name')), 100)!r}: {where}: {message[:1].lower()}{message[1:]}")

    @property
    def embedded(self) -> bool:
        """Whether it is one of the embedded models."""
        return self.base_url is None and is_embedded(self.name)

    @property
    def stays_here(self) -> bool:
        """Whether what it is told stays on one's own machines: as `local` says, else if it is embedded or on loopback."""
        if self.local is not None:
            return self.local
        return self.embedded or (self.base_url is not None and is_loopback_url(self.base_url))

    def secret(self, label: str) -> str | None:
        """Its own key, if it has one; `label` is what the model is called in errors.

        Raises:
            MissingKeyError: it is to come from the environment, which has none.
        """
        if self.key_variable is None:
            return None
        if not (key := os.environ.get(self.key_variable)):
            raise MissingKeyError(label, self.key_variable)
        return key

    def with_run(self) -> ModelSpec:
        """The facts that are stored with a run: what it takes to find the model again, and to draw from it in the same way.

        Prices, limits and keys are those of whoever goes on with the run. Not even the name of a key's variable is kept:
        whoever can write to a ledger could have a key sent to an address of his own.
        """
        return ModelSpec(**{name: getattr(self, name) for name in _WRITTEN_WITH_A_RUN if name in self.model_fields_set})

    def same_location(self, other: ModelSpec) -> bool:
        """Whether another one is the same model at the same address."""
        return (self.name, self.base_url) == (other.name, other.base_url)

    def to_dict(self) -> Json:
        """The fields that are set, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class Model(ModelSpec):
    """A model, wherever the name of one is taken: on a panel, or as a fallback.

    Attributes:
        label: what panel, trace and ledger call it; None: its name. Two models of one name at two addresses need two labels.
        key: is sent to its address only, and stands in no repr, JSON, trace, log, error or ledger.

    Example:
        >>> Model("qwen3", "http://localhost:8001/v1", timeout=30).called
        'qwen3'
    """

    label: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    key: SecretStr | None = Field(default=None, exclude=True, repr=False)

    def __init__(  # noqa: PLR0913 - all but two are named, and have defaults
        self,
        name: str,
        base_url: str | None = None,
        *,
        label: str | None = None,
        key: str | SecretStr | None = None,
        key_variable: str | None = None,
        sampling: Sampling | None = None,
        price: Price | None = None,
        limits: Limits | None = None,
        timeout: float | timedelta | None = None,
        accepts: Iterable[Modality] = (),
        local: bool | None = None,
        privacy: Privacy | None = None,
    ) -> None:
        """Describe a model; nothing is opened or called.

        Args:
            name: as its server or provider knows it.
            base_url: the address of an OpenAI-compatible server.
            label: what it is called here.
            key: sent as a bearer token, to its address or provider only.
            key_variable: the environment variable that holds the key, instead.
            sampling: how its replies are drawn, unless `solve` or a card says otherwise.
            price: US dollars for a million tokens.
            limits: how fast it may be called.
            timeout: seconds for one attempt.
            accepts: what its messages may hold; by default text.
            local: whether it runs on machines of one's own.
            privacy: where what it is told may end up: "local" (one's own machines), "eu", or "any".

        Raises:
            InputError: something in it is wrong.
        """
        optional: dict[str, Any] = {
            "base_url": base_url,
            "label": label,
            "key": key,
            "key_variable": key_variable,
            "sampling": sampling,
            "price": price,
            "limits": limits,
            "timeout": timeout,
            "accepts": frozenset(accepts) or None,
            "local": local,
            "privacy": privacy,
        }
        super().__init__(name=name, **{word: value for word, value in optional.items() if value is not None})

    def __str__(self) -> str:
        """The name of the model."""
        return self.called

    @property
    def called(self) -> str:
        """The name of the model in panel, trace and ledger."""
        return self.label or self.name

    def secret(self, label: str) -> str | None:
        """Its own key, if it has one."""
        return super().secret(label) if self.key is None else self.key.get_secret_value()

    def spec(self) -> ModelSpec:
        """The public facts of it, which may be written down."""
        return ModelSpec(**{name: getattr(self, name) for name in self.model_fields_set & set(ModelSpec.model_fields)})

    @classmethod
    def read(cls, text: str) -> Model | None:
        """The model that `NAME@URL` or `LABEL=NAME@URL` stands for, as `qwen3@http://localhost:8001/v1`; None for a plain name.

        Raises:
            InputError: the address is malformed.
        """
        found = _NAMED_WITH_URL.fullmatch(text.strip())
        return None if found is None else cls(found["name"], found["url"], label=found["label"])
