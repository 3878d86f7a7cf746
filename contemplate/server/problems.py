"""What goes wrong, as clients of OpenAI's protocol are told: a status, a type and one line, without a path, a key or a trace."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from math import ceil

from starlette.responses import JSONResponse

from contemplate import log
from contemplate.errors import (
    BudgetError,
    CallError,
    ContemplateError,
    EndpointError,
    InputError,
    LedgerError,
    MissingKeyError,
    RecipeError,
    RunHeldError,
    StorageError,
    UnknownNameError,
    redact,
)
from contemplate.server.refused import RefusedError
from contemplate.text import one_line
from contemplate.trace.outcome import Outcome
from contemplate.types import Json

_PATH = re.compile(r"(?<![\w/.:])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:'\",;()]+[/\\])+(?=[^\s/\\])|(?<![\w/.:])~?/(?:[^\s/:'\",;()]+/)+")
"""The folders of a path; what is left is the name of the file."""
_URL = re.compile(r"\bhttps?://[^\s'\",;()]+")
_SERVER = "server_error"


def harmless(message: str) -> str:
    """A message for somebody outside: one line, without the folders of paths, addresses and keys."""
    return one_line(_PATH.sub("", _URL.sub("its server", redact(message))), 600)


def body_of(error: RefusedError) -> Json:
    """An error in OpenAI's shape."""
    return {"error": {"message": harmless(str(error)), "type": error.type, "param": error.param, "code": error.code}}


def answer(error: RefusedError) -> JSONResponse:
    """The response that says it."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(ceil(error.retry_after), 1))
    if error.retry is not None:
        headers["X-Should-Retry"] = str(error.retry).lower()
    if error.status == 401:  # noqa: PLR2004 - the status
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body_of(error), error.status, headers)


def refusal(error: ContemplateError, param: str | None = None) -> RefusedError:  # noqa: PLR0911 - one for each kind
    """An error of ours as one for a client; what is none of his business is logged, and not told."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, UnknownNameError):
        return _unknown(error, param)
    if isinstance(error, RecipeError):
        return RefusedError(f"{error.where}: {error.problem}" if error.where else error.problem, param=param)
    if isinstance(error, CallError):
        return _DOWN() if error.kind in {"unreachable", "timeout", "overloaded"} else _failed(str(error))
    if (made := next((make for kind, make in _TOLD if isinstance(error, kind)), None)) is not None:
        return made()
    if isinstance(error, BudgetError):
        return _over(str(error))
    if isinstance(error, InputError):
        return RefusedError(str(error), param=param)
    log.warning("request failed", why=str(error))
    if isinstance(error, StorageError):
        return RefusedError("runs can't be stored here at present", 503, type=_SERVER, code="storage", retry_after=30)
    return RefusedError("something went wrong in the server; its log says what", 500, type=_SERVER, code="internal", retry=False)


def no_answer(outcome: Outcome) -> RefusedError | None:
    """The error for a run that came to no answer; None for one that has one."""
    if outcome.answer is not None:
        return None
    why = outcome.detail or (outcome.decision.reason if outcome.decision is not None else None) or ""
    said = f"run {outcome.run} came to no answer ({outcome.stopped}{f': {why}' if why else ''})"
    match outcome.stopped:
        case "unreachable":
            return _down(f"{said}: the server of its models does not answer", "backend_unreachable")
        case "budget":
            return _over(f"{said}: raise the budget")
        case "deadline":
            return RefusedError(f"{said}: give it more time", 504, type=_SERVER, code="deadline_exceeded", retry=False)
    failures = {turn.failure.kind: turn.failure.message for turn in outcome.course.turns if turn.failure is not None}
    detail = f"; {next(iter(failures.values()))}" if failures else ""
    return RefusedError(f"{said}{detail}", 502, type=_SERVER, code="no_answer", retry=False)


def _failed(message: str) -> RefusedError:
    return RefusedError(message, 502, type=_SERVER, code="backend_error", retry=False)


def _unknown(error: UnknownNameError, param: str | None) -> RefusedError:
    what = next((word for word in ("strategy", "model", "run") if str(error).startswith(f"no {word} called")), "")
    message = re.sub(r" \(contemplate list \w+\)", "", str(error))
    if what == "run":
        return RefusedError(message, 404, code="run_not_found", param=param)
    if what:
        return RefusedError(message, 404, code="model_not_found", param=param or "model")
    return RefusedError(message, param=param)


def _over(message: str) -> RefusedError:
    return RefusedError(message, 402, type="insufficient_quota", code="budget_exceeded", retry=False)


def _down(message: str, code: str, *, retry: bool | None = None) -> RefusedError:
    return RefusedError(message, 503, type=_SERVER, code=code, retry_after=None if retry is False else 5, retry=retry)


_DOWN = partial(_down, "the server of a model does not answer", "backend_unreachable")
_NO_KEY = "a model of this panel has no key on this server; its operator can set one"
_TOLD: tuple[tuple[type[ContemplateError], Callable[[], RefusedError]], ...] = (
    (MissingKeyError, partial(_down, _NO_KEY, "model_unavailable", retry=False)),
    (EndpointError, _DOWN),
    (RunHeldError, partial(RefusedError, "somebody is at work on that run", 409, code="run_held")),
    (LedgerError, partial(RefusedError, "there is no such run here", 404, code="run_not_found")),
)
"""What is told of errors whose own words are for the operator."""
