"""A tool: what a model is told of it, and what is done when it is called."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn, get_type_hints

import anyio.to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic_core import to_json

from contemplate.errors import InputError
from contemplate.types import Json, Look, Privacy, ToolSpec


@dataclass(frozen=True)
class Sight:
    """A result that is a look at a picture.

    Attributes:
        text: in words.
        look: which part and region it was, as the trace keeps it.
        content: what is to be seen there; None where its caller is shown no pictures.
        media_type: what that is, as "image/png".
        width, height: of it, in pixels.
    """

    text: str
    look: Look
    content: bytes | None = None
    media_type: str = ""
    width: int = 0
    height: int = 0


Work = Callable[[Json], Awaitable[str | Sight]]
"""Does what a tool is called for: takes its arguments, and returns the text of its result, or a look at a picture."""

LONGEST_DESCRIPTION = 2_000
"""How much of a description a model is told, in characters."""

_ARGS = re.compile(r"^(?:Args|Arguments|Parameters):[ \t]*$", re.MULTILINE)
_SECTION = re.compile(
    r"^(?:Args|Arguments|Parameters|Returns|Raises|Yields|Example|Examples|References|Note|Notes):", re.MULTILINE
)
_ARGUMENT = re.compile(r"^(?P<indent>[ \t]+)(?P<name>\w+)(?:[ \t]*\([^)\n]*\))?:[ \t]*(?P<text>.*)$")


class BadArgumentsError(ValueError):
    """The arguments that a model wrote are not those that a tool takes."""


@dataclass(frozen=True)
class Tool:
    """A tool that agents can be granted.

    Attributes:
        spec: what a model is told of it, and what a run keeps.
        work: does it.
        seconds: how long one call may take; None for what the turn has left.
        check: sees before a run whether it can be used here, and raises an InputError if not.
        seen: does it for an agent that is shown pictures; None where that makes no difference.
    """

    spec: ToolSpec
    work: Work
    seconds: float | None = None
    check: Callable[[], None] = lambda: None
    seen: Work | None = None

    @property
    def name(self) -> str:
        """What it is called by."""
        return self.spec.name

    @classmethod
    def from_function(
        cls,
        function: Callable[..., object],
        *,
        name: str | None = None,
        description: str | None = None,
        pure: bool = False,
        version: str | None = None,
        privacy: Privacy = "local",
        seconds: float | None = None,
    ) -> Tool:
        """The tool that calls a function, plain or asynchronous; a plain one runs in a thread.

        The schema of its arguments comes from the signature, whose parameters all have types; what stands of them under `Args:`
        in its docstring goes into it. What it returns is shown as it is if it is a text, and else as JSON. An exception is told
        to the model in one line; `ToolError` is the one for what was foreseen.

        Args:
            function: takes arguments by name.
            name: instead of the function's own.
            description: instead of what its docstring says before the first section.
            pure: its result depends on its arguments alone, and it changes nothing: then results are taken from the ledger.
            version: of what it does; None for a digest of its source text, where there is one.
            privacy: how private a question's words may be that it is handed; "any" for one that hands them on to anybody.
            seconds: how long one call may take.

        Raises:
            InputError: its signature can't be told to a model.

        Example:
            >>> def weekday(year: int, month: int, day: int) -> str:
            ...     '''The day of the week of a date.'''
            ...     return datetime.date(year, month, day).strftime("%A")
            >>> outcome = await solve("Which weekday was 1969-07-20?", tools=[Tool.from_function(weekday, pure=True)])
        """
        called = name or str(getattr(function, "__name__", ""))
        said, arguments = _docstring(inspect.getdoc(function) or "")
        model = _arguments(function, called, arguments)
        source = _source(function) if version is None and pure else version or ""
        schema = {key: value for key, value in model.model_json_schema().items() if key not in {"title", "description"}}
        about = (description or said)[:LONGEST_DESCRIPTION]
        spec = ToolSpec(name=called, description=about, parameters=schema, pure=pure, version=source, privacy=privacy)

        async def work(given: Json) -> str | Sight:
            try:
                read = model.model_validate(given)
            except ValidationError as error:
                raise BadArgumentsError(_wrong(error)) from None
            return await _called(function, {key: getattr(read, key) for key in type(read).model_fields})

        return cls(spec, work, seconds)


async def _called(function: Callable[..., object], arguments: Json) -> str | Sight:
    if inspect.iscoroutinefunction(function):
        found = await function(**arguments)
    else:
        found = await anyio.to_thread.run_sync(lambda: function(**arguments), abandon_on_cancel=True)
        found = await found if inspect.isawaitable(found) else found
    return found if isinstance(found, Sight) else written(found)


def written(value: object) -> str:
    """A result as a model is shown it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else to_json(value, fallback=str).decode()


def _arguments(function: Callable[..., object], name: str, said: dict[str, str]) -> type[BaseModel]:
    """A model of the arguments of a function.

    Raises:
        InputError: it takes some that can't be named, or whose type is not said or has no schema.
    """
    fields: dict[str, Any] = {}
    try:
        hints = get_type_hints(function, include_extras=True)
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind not in {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}:
                raise InputError(f"the tool {name!r} takes {parameter}: a tool's arguments each have a name")
            if parameter.name not in hints:
                raise InputError(
                    f"the tool {name!r}: the parameter {parameter.name!r} has no type; write it, as {parameter.name}: str"
                )
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], Field(default, description=said.get(parameter.name)))
        model: type[BaseModel] = create_model(
            name or "tool", __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=False), **fields
        )
        model.model_json_schema()
    except (TypeError, NameError, ValueError, PydanticUserError) as error:
        raise InputError(f"the tool {name!r} can't be told to a model: {error}") from None
    return model


def _source(function: Callable[..., object]) -> str:
    """A digest of a function's text; empty where it has none."""
    try:
        return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]
    except (OSError, TypeError):
        return ""


def _wrong(error: ValidationError) -> str:
    """What is wrong with arguments, in one line."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, row['loc'])) or 'arguments'}: {row['msg']}" for row in found[:5])


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of a function, and of each of its arguments."""
    first = _SECTION.search(text)
    about = " ".join((text if first is None else text[: first.start()]).split())
    section = _ARGS.search(text)
    if section is None:
        return about, {}
    after = text[section.end() :]
    ends = _SECTION.search(after)
    found: dict[str, list[str]] = {}
    indent, name = "", ""
    for line in (after if ends is None else after[: ends.start()]).splitlines():
        argument = _ARGUMENT.match(line)
        if argument and (not indent or argument["indent"] == indent):
            indent, name = argument["indent"], argument["name"]
            found[name] = [argument["text"]]
        elif name and line.strip():
            found[name].append(line.strip())
    return about, {key: " ".join(words).strip() for key, words in found.items()}


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def read_arguments(text: str) -> Json:
    """The arguments that a model wrote; none at all count as an object without members.

    Raises:
        BadArgumentsError: they are no JSON object.
    """
    try:
        value = json.loads(text, strict=False, parse_constant=_no_number) if text.strip() else {}
    except (ValueError, RecursionError):
        raise BadArgumentsError("the arguments are no JSON") from None
    if not isinstance(value, dict):
        raise BadArgumentsError("the arguments are no JSON object")
    return value
