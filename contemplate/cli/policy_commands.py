"""The commands about policies and what they decided. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contemplate.cli.options import AuditAction, Command, Json, Ledger, PolicyAction, Project


def policy(  # noqa: PLR0913, PLR0917 - the options of the command
    action: Annotated[PolicyAction, typer.Argument(help="What to do.")],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[POLICY]", help="A .yaml file, a folder, the name of one of ours; of use: a version.", show_default=False
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Of use: the folder with the versions.", show_default=False)
    ] = None,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="Under which it is used.", show_default=False)] = None,
    share: Annotated[
        float | None, typer.Option(metavar="X", help="Of use: for this share of runs, as 0.1; the others stay.")
    ] = None,
    runs: Annotated[int, typer.Option(metavar="N", help="Of try: so many runs, the newest.", min=1)] = 100,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Look at policies, try one, put one in force.

    list: those that contemplate brings. show: the rules of one. try: what it would have changed in stored runs,
    without a call. use: put a version in force, a new one for a share of runs or an earlier one again.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.policy import Wanted, policy

        return policy(Wanted(action.value, name, folder, profile, share, runs, Location(ledger, project), json))

    return work


def audit(
    action: Annotated[AuditAction, typer.Argument(help="What to do.")],  # noqa: ARG001 - there is one
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The log. Default: that of the settings.", show_default=False)
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A hash that a line must have: that of an earlier look.", show_default=False),
    ] = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Look through an audit log.

    Whether each line follows the one before, and none was changed.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.policy import audit

        return audit(file, head, Location(None, project), as_json=json)

    return work
