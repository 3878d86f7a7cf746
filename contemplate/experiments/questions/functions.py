"""A Python function of the user's own as a grader."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from numbers import Real
from pathlib import Path
from types import ModuleType
from typing import cast

import anyio
import anyio.to_thread

from contemplate.answers import typed
from contemplate.errors import InputError, ProgramError, TimedOutError
from contemplate.errors.boundary import boundary
from contemplate.experiments.questions.graders import GRADING_SECONDS, Grade
from contemplate.text import one_line
from contemplate.types import Answer, Question, digest

_FORM = "a function is named as 'module:function', or 'folder/file.py:function'"


class FunctionGrader:
    """Grades by a function that is called with the question, the text of the answer, and its Python value.

    It returns a bool, or a number in [0, 1]. A plain function runs in a thread, one call at a time, so that the other runs go
    on meanwhile; an `async def` is awaited.

    Args:
        name: as the user wrote it.
        function: the function.
        seconds: how long one call may take, > 0. A plain function that takes longer is left behind in its thread.
    """

    def __init__(self, name: str, function: Callable[..., object], *, seconds: float = GRADING_SECONDS) -> None:
        self.name = name
        self._function = function
        self._seconds = seconds
        self._one = anyio.CapacityLimiter(1)

    @classmethod
    def named(cls, name: str, folder: Path | None = None) -> FunctionGrader:
        """The grader for a function's name.

        Args:
            name: `module:function`, or `file.py:function`.
            folder: what the path of a file is relative to; the working directory if it is None.

        Raises:
            InputError: there is no such module, file or function, it can't be imported, or it takes other arguments.
        """
        function = function_named(f"grader {name!r}", name, folder)
        if not _takes_three(function):
            raise InputError(f"grader {name!r}: it must be a function of three arguments: question, answer, value")
        return cls(name, function)

    async def __call__(self, question: Question, answer: Answer) -> Grade:
        """The grade that the function gives.

        Raises:
            ProgramError: it returned neither a bool nor a number in [0, 1], or called `sys.exit`.
            TimedOutError: it took too long.
            Exception: whatever it raises.
        """
        value = typed(answer, question)
        with anyio.move_on_after(self._seconds):
            return self._grade(await self._call(question, answer.text, value))
        raise TimedOutError(f"it took longer than {self._seconds:g} seconds")

    async def _call(self, *arguments: object) -> object:
        try:
            if inspect.iscoroutinefunction(self._function):
                return await self._function(*arguments)
            return await anyio.to_thread.run_sync(self._function, *arguments, abandon_on_cancel=True, limiter=self._one)
        except SystemExit as error:
            raise ProgramError(f"grader {self.name}: it called sys.exit({error.code!r})") from None

    def _grade(self, given: object) -> Grade:
        given = getattr(given, "item", lambda: given)()  # numpy's bool is no bool
        if isinstance(given, Real) and 0 <= (score := float(given)) <= 1:
            return Grade(score=score)
        shown = one_line(repr(given), 60)
        raise ProgramError(f"grader {self.name}: it returned {shown}; a grader returns a bool or a number in [0, 1]")


def function_named(what: str, name: str, folder: Path | None = None) -> Callable[..., object]:
    """The function `module:function`, or `file.py:function`.

    Args:
        what: what it is wanted for, as an error begins.
        name: as the user wrote it.
        folder: what the path of a file is relative to; the working directory if it is None.

    Raises:
        InputError: there is no such module, file or function, or it can't be imported.
    """
    source, _, attribute = name.rpartition(":")
    if not source or not attribute.isidentifier():
        raise InputError(f"{what}: {_FORM}")
    with boundary(f"{what}: importing {source}") as caught:
        module = _from_file(Path(folder or ".") / source) if source.endswith(".py") else _imported(what, source)
    if caught.error is not None:
        raise InputError(str(caught.error))
    function = getattr(module, attribute, None)
    if function is None:
        raise InputError(f"{what}: there is no {attribute!r} in {source}")
    if not callable(function):
        raise InputError(f"{what}: {attribute!r} in {source} is no function")
    return cast("Callable[..., object]", function)


def _imported(what: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise InputError(f"{what}: there is no module {error.name!r}; for a file, {_FORM}") from None
        raise


def _from_file(path: Path) -> ModuleType:
    """The module in a file, under a name that no other file has."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    name = f"contemplate_grader_{digest(str(path.resolve()))[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: it can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def _takes_three(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind(None, None, None)
    except TypeError:
        return False
    except ValueError:  # some functions written in C do not say what they take
        return True
    return True
