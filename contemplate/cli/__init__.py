"""The command line. `main` is the entry point; errors become one line and an exit status here."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from contemplate.cli import signals
from contemplate.cli.status import Status

_GARBAGE = 50_000
"""After so many new objects garbage is looked for; Python's own 700 cost a tenth of the time in which a command starts."""


def main() -> None:
    """Run the command line, and exit with a `Status`."""
    signals.install()
    gc.set_threshold(_GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an answer that the terminal has no letters for is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:])
    if status == Status.INTERRUPTED:
        signals.ignore()
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    try:
        command = _parse(arguments or ["--help"])
        return _perform(command) if callable(command) else command
    except KeyboardInterrupt as error:
        return _said("; ".join(("interrupted", *map(str, error.args))), Status.INTERRUPTED)
    except OSError as error:
        return _failed(error)


def _parse(arguments: list[str]) -> Callable[[], int] | int:
    """The command that was typed, ready to run; or an exit status, if there is nothing to run."""
    import typer

    from contemplate.cli.app import app

    # typer brings its own copy of click, or uses the one installed, by its version; this is the usage error of either.
    usage_error = cast("type[Exception]", typer.BadParameter.__mro__[1])
    try:
        command: Callable[[], int] | int | None = app(args=arguments, prog_name="contemplate", standalone_mode=False)
    except usage_error as error:
        return _said(_usage(error), Status.BAD_INPUT)
    if command == Status.INTERRUPTED:  # what typer makes of Ctrl-C
        raise KeyboardInterrupt
    return command or Status.DONE


def _perform(command: Callable[[], int]) -> int:
    from contemplate.cli.logs import logged
    from contemplate.errors import ContemplateError

    try:
        with logged():
            return command()
    except ContemplateError as error:
        return _said(str(error), error.exit_status)


def _usage(error: BaseException) -> str:
    import pydantic

    from contemplate.explain import explain_word

    context, format_message = getattr(error, "ctx", None), getattr(error, "format_message", error.__str__)
    message = " ".join(str(format_message()).split()).replace("Value error, ", "").rstrip(".")
    if isinstance(cause := error.__cause__, pydantic.ValidationError) and ": " in message:
        message = f"{message.partition(': ')[0]}: {explain_word(cause)}"
    if message.startswith("Got unexpected extra argument"):
        message += "; a text of several words stands in quotes"
    return f"{message} ({context.command_path} --help says what it takes)" if context is not None else message


def _failed(error: OSError) -> int:
    """A file or the output failed under us. A reader that went away, as `head` does, is no error to speak of."""
    with suppress(OSError, ValueError):
        if sys.stdout is sys.__stdout__ and sys.stdout is not None:  # or Python fails over what is left when it exits
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return Status.INTERRUPTED
    return _said(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", Status.BAD_INPUT)


def _said(message: str, status: int) -> int:
    from contemplate.text import one_line

    with suppress(OSError):
        print(f"contemplate: {one_line(message, 2000)}", file=sys.stderr)
    return status
