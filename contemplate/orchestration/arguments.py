"""What the arguments of `solve` and `Orchestrator` are called, and what they may be: anything else is refused at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import wraps
from os import PathLike
from typing import TypeVar, cast, get_args

from pydantic import BaseModel

from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Limits
from contemplate.models.backends.model import Model
from contemplate.models.budget import Budget
from contemplate.models.retry import Retry
from contemplate.policy.rules import Policy
from contemplate.tools import McpServer, Tool
from contemplate.types import (
    PRIVACY,
    AnswerKind,
    Attachment,
    Criterion,
    Document,
    Message,
    OutsideView,
    Price,
    Question,
    Sampling,
    Stakes,
)

F = TypeVar("F", bound=Callable[..., object])
Fits = Callable[[object], bool]

_NEEDED = {"question", "strategy"}

_KINDS: tuple[str, ...] = get_args(AnswerKind)


def spelled(function: F, *, like: Callable[..., object] | None = None) -> F:
    """A decorator for a function that is called with names of arguments: it is not begun with one that it does not have.

    Args:
        function: the function.
        like: another one, which has the arguments that `function` takes and hands on.

    Raises:
        TypeError: from the call itself, also where the function is a coroutine or a generator; it names the nearest argument.

    Example:
        >>> @spelled
        ... def ask(question: str, *, budget: int = 0) -> None: ...
        >>> ask("why?", bugdet=3)
        Traceback (most recent call last):
        TypeError: ask() has no argument 'bugdet'; did you mean 'budget'?
    """
    known = [
        name for name, one in inspect.signature(like or function).parameters.items() if _can_be_named(one) and name != "self"
    ]

    @wraps(function)
    def call(*arguments: object, **named: object) -> object:
        for name in named:
            if name not in known:
                raise TypeError(f"{function.__qualname__}() has no argument {name!r}; {_advice(name, known)}")
        return function(*arguments, **named)

    return cast("F", call)


def _can_be_named(one: inspect.Parameter) -> bool:
    return one.kind in {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


def _advice(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    of_strategy = f"; what a strategy takes is given as parameters={{{name!r}: ...}}" if "parameters" in known else ""
    return f"there are: {', '.join(known)}{of_strategy}"


def check_arguments(**given: object) -> None:
    """Refuse an argument that is not what one of its name may be. None stands for what was not given, where that can be.

    Args:
        **given: by the names that the caller knows.

    Raises:
        InputError: with the name, what may stand there, and what did.
    """
    for name, value in given.items():
        words, fits = _WANTED[name]
        if (value is not None or name in _NEEDED) and not fits(value):
            raise InputError(f"{name}: expected {words}, not {_said(value)}")
    kind = given.get("answer")
    if isinstance(kind, str) and kind not in _KINDS:
        raise UnknownNameError("kind of answer", kind, _KINDS)


def _a(*kinds: type) -> Fits:
    return lambda value: isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)


def _answers(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, type) and issubclass(value, BaseModel))


def _each(fits: Fits) -> Fits:
    """Several in a row; a text is no row of its letters."""
    return lambda value: isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping) and all(map(fits, value))


def _by_name(fits: Fits) -> Fits:
    return lambda value: isinstance(value, Mapping) and _all_texts(value) and all(map(fits, value.values()))


def _all_texts(value: Iterable[object]) -> bool:
    return all(isinstance(one, str) for one in value)


def _either(*alternatives: Fits) -> Fits:
    return lambda value: any(fits(value) for fits in alternatives)


def _said(value: object) -> str:
    """A value as an error names it."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."  # noqa: PLR2004 - what still reads as one word
    if isinstance(value, list | tuple | set | frozenset):
        kinds = ", ".join(dict.fromkeys(type(one).__name__ for one in value))
        return f"a {type(value).__name__} of {kinds}" if kinds else f"an empty {type(value).__name__}"
    return f"a value of {type(value).__name__}"


def _anything(_: object) -> bool:
    return True


_MODELS = "a model's name, a Model, or a list of these", _either(_a(str, Model), _each(_a(str, Model)))
_WHERE = "a path", _a(str, PathLike)
_TEXT = "a text", _a(str)

_WANTED: dict[str, tuple[str, Fits]] = {
    "question": ("a text or a Question", _a(str, Question)),
    "strategy": ("a recipe's name, a path to one, or a Strategy", _a(str, Strategy)),
    "answer": (f"the name of a kind ({', '.join(_KINDS)}) or a pydantic model", _answers),
    "choices": ("a list of texts", _each(_a(str))),
    "schema": ("a JSON Schema, which is a dict", _a(dict)),
    "parameters": ("a dict, as {'rounds': 3}", _by_name(_anything)),
    "seed": ("a whole number", _a(int)),
    "budget": ("a Budget, as Budget(calls=20)", _a(Budget)),
    "sampling": ("a Sampling, as Sampling(temperature=0.7)", _a(Sampling)),
    "criteria": ("a list of Criterion, 'panel', or a text as 'correct:3,short:1'", _either(_a(str), _each(_a(Criterion)))),
    "models": _MODELS,
    "fallbacks": _MODELS,
    "base_url": _TEXT,
    "api_key": _TEXT,
    "ledger": ("a path, an address or an open ledger", _a(str, PathLike, Ledger)),
    "project": _WHERE,
    "timeout": ("seconds, as a number or a timedelta", _a(int, float, timedelta)),
    "limits": ("Limits, or a dict of them by endpoint", _either(_a(Limits), _by_name(_a(Limits)))),
    "retry": ("a Retry, as Retry(attempts=2)", _a(Retry)),
    "prices": ("a dict of Price by model", _by_name(_a(Price))),
    "backends": ("a dict of backends by model", _by_name(_anything)),
    "on_event": ("a function of one event, or a list of these", _either(callable, _each(callable))),
    "documents": ("a list of Documents and paths of files", _each(_a(Document, str, PathLike))),
    "attachments": ("a list of Attachments, paths, bytes and data: URLs", _each(_a(Attachment, str, PathLike, bytes))),
    "history": ("a list of Messages, as [Message(role='user', content=...), ...]", _each(_a(Message))),
    "system": _TEXT,
    "privacy": (f"a label of privacy ({', '.join(PRIVACY)})", lambda value: value in PRIVACY),
    "policy": ("a Policy, the path or name of one, or 'off'", _a(str, PathLike, Policy)),
    "profile": _TEXT,
    "stakes": ("'high', or Stakes(floor=0.9)", lambda value: value == "high" or isinstance(value, Stakes)),
    "outside": (
        "'redact', 'digest' or an OutsideView",
        lambda value: value in ("redact", "digest") or isinstance(value, OutsideView),
    ),
    "hide": ("a list of names, or a function of a text", _either(callable, _each(_a(str)))),
    "focus": ("'full', 'digest' or 'split'", lambda value: value in ("full", "digest", "split")),
    "classifiers": ("a dict of functions by name", _by_name(callable)),
    "deltas": ("True or False", _a(bool)),
    "tools": ("a list of names, Tools, McpServers and functions", _each(_either(_a(str, Tool, McpServer), callable))),
    "approve": ("a function of one Approval", callable),
    "refine": ("True, False or a function of one Draft", _either(_a(bool), callable)),
    "progress": ("True or False", _a(bool)),
}
