"""The commands that answer others: each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contemplate.cli.options import (
    BaseUrl,
    BudgetCalls,
    BudgetTokens,
    BudgetUsd,
    Command,
    Deadline,
    Fallbacks,
    Ledger,
    Models,
    PrivacyLabel,
    PrivacyOption,
    Private,
    Project,
)


def mcp(  # noqa: PLR0913, PLR0917 - the options of the command
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP instead of the standard streams.")] = False,  # noqa: FBT002
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Of --http: where to listen. Others than loopback need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="Of --http: the port; 0 for any that is free.", min=0, max=65535)] = 8642,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of --http: a name by which clients call it (repeatable).")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of --http: the bearer token that clients send.")
    ] = None,
    model: Models = None,
    fallback: Fallbacks = None,
    base_url: BaseUrl = None,
    at_once: Annotated[int, typer.Option(metavar="N", help="How many questions are worked on at once; more wait.")] = 4,
    private: Private = False,  # noqa: FBT002
    privacy: PrivacyOption = PrivacyLabel.any,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    deadline: Deadline = None,
    ledger: Ledger = None,
    project: Project = None,
) -> Command:
    """Serve the panel to MCP clients.

    Over the standard streams, or with --http over HTTP. Budgets are for each question and each comparison.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.mcp import Arguments, serve

        return serve(
            Arguments(
                models=tuple(model or ()),
                fallbacks=tuple(fallback or ()),
                base_url=base_url,
                caps={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                privacy="local" if private else privacy.value,
                at_once=at_once,
                http=http,
                host=host,
                port=port,
                names=tuple(allow_host or ()),
                token_file=token_file,
                location=Location(ledger, project),
            )
        )

    return work
