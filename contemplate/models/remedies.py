"""The end of a failed call's message: which attempt it was, until when the provider refuses, and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contemplate.errors import (
    CallError,
    FieldRefusedError,
    OverloadedError,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
)

_TOO_MANY = 429
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LONGEST = 10 * 365 * _DAY
_SAID = ("check", "is the base URL right", "give the final address", "resume", "name another model")


def attempt_words(error: CallError, attempt: int, attempts: int) -> str:
    """The number of the attempt that ended a call; empty for an error after which it goes on in another form."""
    return "" if isinstance(error, UnsupportedError | FieldRefusedError) else f" (attempt {attempt} of {attempts})"


def tell_remedy(error: CallError) -> None:
    """Say in the error of a call after which nothing else is asked what can be done, once: several who asked may share it."""
    remedy = "" if isinstance(error, UnsupportedError | FieldRefusedError) else _remedy(error)
    if remedy and "takes no calls until" not in str(error):
        error.add(f"; {remedy}")


def _remedy(error: CallError) -> str:
    match error:
        case OverloadedError() if error.status == _TOO_MANY:
            return "resume later, tell this endpoint's limits under [limits] in contemplate.toml, or name a fallback model"
        case OverloadedError():
            return "resume later, or name a fallback model"
        case TimedOutError():
            return "raise `timeout` in contemplate.toml, lower max_tokens, or name a fallback model"
        case UnreachableError():
            return "see with `contemplate doctor` whether the server answers, and resume then, or name a fallback model"
        case RejectedError() if not any(words in str(error) for words in _SAID):
            return "check the model's name, its key and its address, as with `contemplate doctor`"
        case _:
            return ""


def refused_until(seconds: float, deadline: float) -> str:
    """Until when a provider takes no calls, and what to do about it.

    Args:
        seconds: for which it wants to be left alone.
        deadline: seconds for all attempts together, which is less.
    """
    until = datetime.now(UTC) + timedelta(seconds=min(seconds, _LONGEST))
    return (
        f"it takes no calls until {until:%Y-%m-%d %H:%M} UTC ({_in(seconds)} from now), after the deadline of {deadline:g} s for "
        "all attempts: resume the run then, raise `deadline` under [retry] in contemplate.toml, or name another model"
    )


def _in(seconds: float) -> str:
    for size, unit in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
