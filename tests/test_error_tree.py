"""The drawing of the tree of errors, held against the classes that there are."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import contemplate
from contemplate import errors
from contemplate.errors import ContemplateError, InputError, InvalidValueError, ProgramError, StorageError
from contemplate.errors.boundary import boundary, typed

SCRIPTS = {"contemplate.__main__", "contemplate.models.backends.llama_server"}
"""What does something, or needs something, when it is imported."""


def drawn() -> set[tuple[str, str]]:
    """The classes in the drawing, each with its base."""
    bases, found = {0: "ContemplateError"}, set()
    for line in str(errors.__doc__).splitlines():
        if match := re.match(r"    ([│ ├└─]+)(\w+Error)\b", line):
            depth = (len(match[1])) // 4
            bases[depth] = match[2]
            found.add((match[2], bases[depth - 1]))
    return found


def defined() -> set[tuple[str, str]]:
    """The classes below the root that the package defines, each with its first base."""
    for module in pkgutil.walk_packages(contemplate.__path__, "contemplate."):
        if module.name not in SCRIPTS:
            importlib.import_module(module.name)
    found, waiting = set(), [ContemplateError]
    while waiting:
        below = [kind for kind in waiting.pop().__subclasses__() if kind.__module__.startswith("contemplate.")]
        found |= {(kind.__name__, kind.__bases__[0].__name__) for kind in below}
        waiting += below
    return found


def test_every_error_is_drawn() -> None:
    """The drawing shows all the errors of the package, each below its base."""
    assert defined() == drawn()


def test_what_ends_a_run_goes_through() -> None:
    """A failure of the ledger is no data: no boundary of a turn holds it."""
    with pytest.raises(StorageError, match="the disk is full"), boundary("asking"):
        raise StorageError("the disk is full")


@pytest.mark.parametrize("error", [InputError("x"), StorageError("x"), ProgramError("x")])
def test_a_boundary_that_lets_nothing_through(error: ContemplateError) -> None:
    """It holds what ends a run elsewhere, too."""
    with boundary("telling", passes=()) as caught:
        raise error
    assert error is caught.error


def test_an_invalid_value_of_the_code_inside_is_a_fault_of_that_code() -> None:
    """A value that a backend or a step builds wrongly is no mistake of the caller's."""
    with boundary("asking") as caught:
        raise InvalidValueError("Tokens: prompt: input should be greater than or equal to 0, not -1")
    assert isinstance(caught.error, ProgramError)
    assert "asking: InvalidValueError: Tokens: prompt: " in str(caught.error)


def test_typed_raises_what_it_caught() -> None:
    """An error of the tree as it is, any other one wrapped, with its cause."""
    error = StorageError("the disk is full")
    with pytest.raises(StorageError) as same, typed("working"):
        raise error
    with pytest.raises(ProgramError, match="working: KeyError: 'x'") as wrapped, typed("working"):
        raise KeyError("x")
    assert error is same.value
    assert isinstance(wrapped.value.__cause__, KeyError)
