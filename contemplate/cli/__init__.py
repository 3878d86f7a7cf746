"""The command line. `main` is the entry point; errors become one line and an exit status here."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line, and exit: 0 done, 2 bad input, 3 no answer, 4 backend unreachable, 130 interrupted."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    import click

    from contemplate.cli.app import app
    from contemplate.errors import ContemplateError

    try:
        status = app(args=arguments, prog_name="contemplate", standalone_mode=False)
    except ContemplateError as error:
        return _said(str(error), error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 0
    except click.ClickException as error:
        return _said(_usage(error), 2)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at exit
        return 1
    return status if isinstance(status, int) else 0


def _usage(error: object) -> str:
    import click

    assert isinstance(error, click.ClickException)  # noqa: S101 - called from one place
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{message} ({context.command_path} --help says what it takes)" if context is not None else message


def _said(message: str, status: int) -> int:
    from contemplate.text import printable

    print(f"contemplate: {printable(message)}", file=sys.stderr)
    return status
