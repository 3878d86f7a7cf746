"""What a client asks, whichever way it asks: one question for one panel, or for several with seeds of their own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import anyio
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from contemplate.errors import InputError
from contemplate.orchestration.options import RunOptions
from contemplate.server.extras import Extras, explained, with_headers
from contemplate.server.naming import Names
from contemplate.server.parts import FileBody, read_files
from contemplate.server.refused import RefusedError
from contemplate.server.settings import ServerSettings
from contemplate.types import Json, Message, Sampling, strictest

B = TypeVar("B", bound=BaseModel)

_SEEDS = 2**63
_SECONDS_FOR_BODY = 60


@dataclass(frozen=True)
class Said:
    """A message of a client."""

    role: str
    text: str


@dataclass(frozen=True)
class Asked:
    """One question.

    Attributes:
        model: as the client named it.
        strategy: the panel.
        models: on it, where the client said which.
        text: of the question.
        history: what was said before, by a user and an assistant in turn.
        system: what every agent is told first.
        files: what it comes with.
        schema: the JSON Schema of the answer, if it is to satisfy one.
        sampling: how replies are drawn, where the client says so.
        seed: None where the client gives none.
        samples: how many answers are wanted, each of a run with a seed of its own.
        stop: texts that end an answer, before which it is cut off.
        user: whom the client asks for, in its own words.
    """

    model: str
    strategy: str
    text: str
    models: tuple[str, ...] = ()
    history: tuple[Message, ...] = ()
    system: str | None = None
    files: tuple[FileBody, ...] = ()
    schema: Json | None = None
    sampling: Sampling | None = None
    seed: int | None = None
    samples: int = 1
    stop: tuple[str, ...] = ()
    user: str | None = None
    extras: Extras = field(default_factory=Extras)

    async def options(self, settings: ServerSettings) -> RunOptions:
        """All that is said of the first run.

        Raises:
            RefusedError: what it comes with can't be read.
            InputError: something in it is wrong.
        """
        extras = self.extras
        files = await read_files((*self.files, *extras.documents))
        seed = self.seed if self.seed is not None else secrets.randbelow(_SEEDS) if settings.fresh else 0
        return RunOptions(
            answer="json" if self.schema is not None else extras.answer,
            choices=extras.choices,
            schema=self.schema,
            parameters=extras.settings(),
            seed=seed % _SEEDS,
            budget=extras.caps(settings.budget),
            sampling=self.sampling,
            models=self.models,
            criteria=extras.criteria,
            documents=files.documents,
            attachments=files.attachments,
            history=self.history,
            system=self.system,
            privacy=strictest(extras.privacy, settings.privacy),
            refine=extras.refine,
            focus=extras.focus,
        )


def seeds(first: RunOptions, samples: int) -> list[RunOptions]:
    """The options of several runs, each with a seed of its own."""
    return [replace(first, seed=(first.seed + number) % _SEEDS) for number in range(samples)]


def split(messages: Sequence[Said], names: str = "messages") -> tuple[str | None, tuple[Message, ...], str]:
    """A chat as a system prompt, a history and the question.

    What one side said in several messages is one; a chat that an assistant begins has its words in the system prompt's place.

    Raises:
        RefusedError: it does not end with what a user says.
    """
    system = [one.text for one in messages if one.role in {"system", "developer"} and one.text.strip()]
    merged: list[Said] = []
    for one in messages:
        if one.role in {"system", "developer"} or not one.text.strip():
            continue
        if merged and merged[-1].role == one.role:
            merged[-1] = Said(one.role, f"{merged[-1].text}\n\n{one.text}")
        else:
            merged.append(one)
    if not merged or merged[-1].role != "user":
        raise RefusedError(f"{names}: the last message is the user's question, and there is none", param=names)
    if merged[0].role == "assistant":
        system.append(f"You began the conversation with these words:\n{merged.pop(0).text}")
    *before, question = merged
    history = tuple(Message(role="user" if one.role == "user" else "assistant", content=one.text) for one in before)
    return "\n\n".join(system) or None, history, question.text


def sampling_of(*, max_tokens: int | None, temperature: float | None, top_p: float | None) -> Sampling | None:
    """How replies are drawn: only what the client says counts."""
    given: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "top_p": top_p}
    said = {name: value for name, value in given.items() if value is not None}
    return Sampling(**said) if said else None


def schema_of(form: Mapping[str, Any] | None, param: str) -> Json | None:
    """The JSON Schema that an answer is to satisfy: of `response_format`, or of `text.format`.

    Raises:
        RefusedError: it is of a type that there is not.
    """
    if form is None or form.get("type") in {"text", None}:
        return None
    if form["type"] == "json_object":
        return {"type": "object"}
    if form["type"] != "json_schema":
        raise RefusedError(f"{param}.type: one of text, json_object and json_schema is expected", param=f"{param}.type")
    inner = form.get("json_schema", form)
    schema = inner.get("schema") if isinstance(inner, dict) else None
    if not isinstance(schema, dict):
        raise RefusedError(f"{param}: there is no schema in it, which is an object", param=param)
    return schema


async def read_body(request: Request, kind: type[B]) -> B:
    """The body of a request.

    Raises:
        RefusedError: it is no JSON object, or something in it is wrong; or it does not come.
    """
    content = b""
    with anyio.move_on_after(_SECONDS_FOR_BODY) as late:
        try:
            content = await request.body()
        except ClientDisconnect:
            raise RefusedError("the client went away", 499, code="client_closed") from None
    if late.cancelled_caught:
        raise RefusedError("the body of the request did not come in time", 408, code="timeout")
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        raise RefusedError("the body is no JSON", code="invalid_json") from None
    if not isinstance(given, dict):
        raise RefusedError("the body is no JSON object", code="invalid_json")
    try:
        return kind.model_validate(with_headers(given, request.headers))
    except ValidationError as error:
        raise explained(error) from None
    except RecursionError:
        raise RefusedError("the body is nested too deep", code="invalid_json") from None


def named(names: Names, model: str) -> tuple[str, tuple[str, ...]]:
    """The strategy and models of a name; see `Names.read`."""
    try:
        return names.read(model)
    except RefusedError:
        raise
    except InputError as error:
        raise RefusedError(str(error), 404, code="model_not_found", param="model") from None
