"""Where an exception of any kind becomes an error of contemplate's tree: held as a value, or let out as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from contemplate.errors import ContemplateError, InputError, InvalidValueError, ProgramError, StorageError

ENDS_A_RUN: tuple[type[ContemplateError], ...] = (InputError, StorageError)
"""The errors that are no data: whatever a run does, they end it."""


class boundary:  # noqa: N801 - read as a word: `with boundary("adding") as caught`
    """Turn whatever `doing` raises into one error of the tree, and hold it as a value.

    This is the only place of the project where any exception whatever is caught. What ends a run goes through, and so does
    cancellation, which belongs to the scope that asked for it. An `InvalidValueError` is no mistake of the caller's here: the
    code inside has built the value.

    Attributes:
        error: the error that was caught, if any: one of the tree.

    Example:
        >>> with boundary("adding") as caught:
        ...     1 / 0
        >>> caught.error
        ProgramError('adding: ZeroDivisionError: division by zero')
    """

    __slots__ = ("_doing", "_passes", "error")

    def __init__(self, doing: str, *, passes: tuple[type[ContemplateError], ...] = ENDS_A_RUN) -> None:
        """Say what is done inside, as the wrapped error says it, and which errors go through."""
        self._doing, self._passes = doing, passes
        self.error: ContemplateError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool | None:
        """Hold the error, unless it goes through."""
        if not isinstance(error, Exception):
            return False
        if isinstance(error, ContemplateError) and not isinstance(error, InvalidValueError):
            if isinstance(error, self._passes):
                return False
            self.error = error
        else:
            self.error = ProgramError(f"{self._doing}: {type(error).__name__}: {error}")
            self.error.__cause__ = error
        return True


@contextmanager
def typed(doing: str) -> Iterator[None]:
    """Let whatever `doing` raises out as an error of the tree.

    Raises:
        ContemplateError: as it was raised; a `ProgramError` for what was none.
    """
    with boundary(doing) as caught:
        yield
    if caught.error is not None:
        raise caught.error
