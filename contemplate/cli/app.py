"""The command line, as typer knows it: the commands in the order in which `--help` lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from contemplate._version import __version__
from contemplate.cli import many_commands, policy_commands, run_commands, serving_commands, what_if_commands
from contemplate.cli.options import spelled_out


class _WithWordsLeftOut(TyperCommand):
    """A command with an option whose word may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of whichever click typer uses
        """Read the words of a command line, in which such an option is written out first."""
        return super().parse_args(ctx, spelled_out(args))


_COMMANDS: dict[str, Callable[..., Any]] = {
    "ask": run_commands.ask,
    "chat": run_commands.chat,
    "serve": serving_commands.serve,
    "compare": many_commands.compare,
    "list": run_commands.list_,
    "show": run_commands.show,
    "view": run_commands.view,
    "resume": run_commands.resume,
    "replay": run_commands.replay,
    "fork": what_if_commands.fork,
    "diff": what_if_commands.diff,
    "credit": what_if_commands.credit,
    "audit-steps": what_if_commands.audit_steps,
    "export": what_if_commands.export,
    "delete": run_commands.delete,
    "reliability": many_commands.reliability,
    "calibrate": many_commands.calibrate,
    "redecide": many_commands.redecide,
    "check": many_commands.check,
    "ledger": many_commands.ledger_,
    "mcp": serving_commands.mcp,
    "policy": policy_commands.policy,
    "audit": policy_commands.audit,
    "models": many_commands.models,
    "doctor": many_commands.doctor,
}


class _Commands(Mapping[str, Any]):
    """The commands by name, each made of its function when it is asked for: a process needs one, and all of them take a while."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a command of whichever click typer uses
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


@cache
def _command(name: str) -> Any:  # noqa: ANN401 - as above
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    alone.command(name, cls=_WithWordsLeftOut if name == "ask" else None)(_COMMANDS[name])
    return typer.main.get_command(alone)


class _Group(TyperGroup):
    """All commands."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - a library's
        """Take what typer knows of the group, whose commands it would all make."""
        super().__init__(**{**options, "commands": _Commands()})


app = typer.Typer(
    cls=_Group,
    help="An open contemplating mode: a panel of agents works on one problem and hands back one answer, with the whole trace.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        print(f"contemplate {__version__}")
        raise typer.Exit


@app.callback()
def contemplate(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,  # noqa: FBT002
) -> None:
    """Take the options that stand before a command."""
