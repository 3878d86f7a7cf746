"""The command line, as typer knows it: the commands in the order in which `--help` lists them."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from contemplate._version import __version__
from contemplate.cli import many_commands, policy_commands, run_commands, serving_commands, what_if_commands
from contemplate.cli.options import spelled_out


class _WithWordsLeftOut(TyperCommand):
    """A command with an option whose word may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of whichever click typer uses
        """Read the words of a command line, in which such an option is written out first."""
        return super().parse_args(ctx, spelled_out(args))


app = typer.Typer(
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


app.command(cls=_WithWordsLeftOut)(run_commands.ask)
app.command()(run_commands.chat)
app.command()(serving_commands.serve)
app.command()(many_commands.compare)
app.command("list")(run_commands.list_)
app.command()(run_commands.show)
app.command()(run_commands.view)
app.command()(run_commands.resume)
app.command()(run_commands.replay)
app.command()(what_if_commands.fork)
app.command()(what_if_commands.diff)
app.command()(what_if_commands.credit)
app.command("audit-steps")(what_if_commands.audit_steps)
app.command()(what_if_commands.export)
app.command()(run_commands.delete)
app.command()(many_commands.reliability)
app.command()(many_commands.calibrate)
app.command()(many_commands.redecide)
app.command()(many_commands.check)
app.command("ledger")(many_commands.ledger_)
app.command()(serving_commands.mcp)
app.command()(policy_commands.policy)
app.command()(policy_commands.audit)
app.command()(many_commands.models)
app.command()(many_commands.doctor)
