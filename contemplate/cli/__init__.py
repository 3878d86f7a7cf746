"""The command line. `main` is the entry point; errors become one line and an exit status here."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

BAD_INPUT, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line, and exit: 0 done, 1 different, 2 bad input, 3 no answer, 4 backend unreachable, 130 interrupted."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # `nohup` has it ignored
            signal.signal(number, _interrupt)
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        status = _nobody_reads()
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    try:
        return _run(arguments or ["--help"])
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()


def _run(arguments: list[str]) -> int:
    import typer

    from contemplate.cli.app import app
    from contemplate.errors import ContemplateError

    # typer brings its own copy of click or uses the one installed, by its version; this is the usage error of either.
    usage_error = typer.BadParameter.__mro__[1]
    try:
        status = app(args=arguments, prog_name="contemplate", standalone_mode=False)
    except ContemplateError as error:
        return _said(str(error), error.exit_status)
    except usage_error as error:
        return _said(_usage(error), BAD_INPUT)
    except typer.Abort:
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _usage(error: BaseException) -> str:
    context, format_message = getattr(error, "ctx", None), getattr(error, "format_message", error.__str__)
    message = " ".join(str(format_message()).split()).rstrip(".")
    return f"{message} ({context.command_path} --help says what it takes)" if context is not None else message


def _said(message: str, status: int) -> int:
    from contemplate.text import one_line

    print(f"contemplate: {one_line(message, 2000)}", file=sys.stderr)
    return status


def _nobody_reads() -> int:
    """Whoever read our output went away, as `head` does: end without complaint, also when Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return INTERRUPTED


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does at this moment."""
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)
