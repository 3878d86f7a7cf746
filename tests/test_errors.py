"""The tree of errors, and the one boundary."""

from __future__ import annotations

import anyio
import pytest

from contemplate.errors import (
    BudgetError,
    ContemplateError,
    InputError,
    OverloadedError,
    ProgramError,
    RejectedError,
    UnknownNameError,
    redact,
)
from contemplate.errors.boundary import boundary
from contemplate.types import Failure


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdefghijklmnop1234",
        "401 for Bearer abcdefgh12345678",
        "http://user:hunter22@host/v1",
        "https://host/v1?api_key=abcdefgh",
        "gsk_abcdefghijklmnopqrstuv",
        "AIzaSyA1234567890abcdefgh",
    ],
)
def test_keys_are_blotted_out(text: str) -> None:
    """Whatever looks like a key does not get into an error."""
    shown = str(ContemplateError(text))

    assert "[redacted]" in shown
    assert not any(secret in shown for secret in ("abcdefgh", "hunter22", "A1234567890"))


def test_known_secrets_are_blotted_out() -> None:
    """A key that looks like nothing is found because it is known."""
    assert redact("the key correct-horse is wrong", "correct-horse") == "the key [redacted] is wrong"


def test_an_error_is_one_line() -> None:
    """Line breaks in what a provider says do not get through."""
    assert str(InputError("a\n  b")) == "a b"


def test_the_boundary_holds_errors_as_values() -> None:
    """Ours as they are, others wrapped, with what was being done."""
    with boundary("calling") as caught:
        raise OverloadedError("slow down", retry_after=3)
    assert isinstance(caught.error, OverloadedError)

    with boundary("calling") as caught:
        raise KeyError("x")
    assert isinstance(caught.error, ProgramError)
    assert str(caught.error) == "calling: KeyError: 'x'"
    assert Failure.of(caught.error).kind == "program"


def test_the_callers_mistakes_go_through() -> None:
    """An InputError is never swallowed."""
    with pytest.raises(InputError, match="no strategy"), boundary("x"):
        raise UnknownNameError("strategy", "a", ["b"])


async def test_cancellation_goes_through() -> None:
    """A boundary does not hold up a cancelled task."""
    with anyio.move_on_after(0.01) as scope, boundary("sleeping"):
        await anyio.sleep(10)

    assert scope.cancelled_caught


def test_exit_statuses() -> None:
    """Those that the command line documents."""
    assert InputError("x").exit_status == 2
    assert BudgetError("calls", 3, 1, 0).exit_status == 3


def test_nothing_is_said_twice() -> None:
    """A backend may raise one and the same error each time."""
    error = RejectedError("no")
    for _ in range(3):
        error.add(" (attempt 1 of 1)")
        error.add("; ask  another")

    assert str(error) == "no (attempt 1 of 1); ask another"
