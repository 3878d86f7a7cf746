"""Structured concurrency: which error of several is raised, and that work beside a body ends with it."""

from __future__ import annotations

import anyio
import pytest

from contemplate.concurrency import owned, task_group
from contemplate.errors import InputError, OverloadedError


async def fails(error: Exception) -> None:
    """A task that raises."""
    raise error


async def all_of(errors: list[Exception]) -> None:
    """Tasks that raise these, in one group."""
    async with task_group() as tasks:
        for error in errors:
            tasks.start_soon(fails, error)


@pytest.mark.parametrize(
    ("errors", "raised"),
    [
        ([LookupError("a"), OverloadedError("b"), InputError("c")], InputError),
        ([LookupError("a"), OverloadedError("b")], OverloadedError),
        ([LookupError("a")], LookupError),
    ],
)
async def test_one_error_is_raised_the_caller_s_mistake_first(errors: list[Exception], raised: type[Exception]) -> None:
    """No group: a mistake in the input before a failure of the project's own, and that before any other."""
    with pytest.raises(raised):
        await all_of(errors)


async def test_errors_of_groups_in_groups_are_found() -> None:
    """The mistake may lie as deep as it likes."""
    nested = ExceptionGroup("inner", [LookupError("a"), ExceptionGroup("more", [InputError("deep")])])

    with pytest.raises(InputError, match="deep"):
        await all_of([nested])


async def test_work_ends_with_the_body() -> None:
    """Who leaves the body waits until the work has let go."""
    said: list[str] = []

    async def work() -> None:
        said.append("begun")
        try:
            await anyio.sleep_forever()
        finally:
            said.append("ended")

    async with owned(work):
        await anyio.wait_all_tasks_blocked()

    assert said == ["begun", "ended"]


async def test_an_error_of_the_work_is_raised_at_the_end() -> None:
    """It is not lost with the task."""

    async def broken() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        async with owned(broken):
            await anyio.wait_all_tasks_blocked()
