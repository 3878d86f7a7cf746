"""The commands that answer others, `serve` and `mcp`. Each imports what it needs when it runs."""

from __future__ import annotations

from enum import StrEnum
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


class Reasoning(StrEnum):
    """How the deliberation goes out."""

    both = "both"
    tags = "tags"
    off = "off"


def serve(  # noqa: PLR0913, PLR0917 - the options of the command
    host: Annotated[
        str, typer.Option(metavar="ADDR", help="Where to listen; others than this machine need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="The port; 0 takes one that is free.")] = 8642,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Tokens that let somebody in, one a line, a name after each. Default: one is made."),
    ] = None,
    model: Models = None,
    fallback: Fallbacks = None,
    base_url: BaseUrl = None,
    allow_model: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Further models that clients may name, as 'openai/*' (repeatable)."),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A further name that the server is called by (repeatable).")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Pages of this origin may call it, too (repeatable).")
    ] = None,
    reasoning: Annotated[
        Reasoning, typer.Option(help="The deliberation: as fields of its own, in <think> tags, or not at all.")
    ] = Reasoning.both,
    fresh: Annotated[bool, typer.Option("--fresh", help="Think anew about each request without a seed.")] = False,  # noqa: FBT002
    private: Private = False,  # noqa: FBT002
    privacy: PrivacyOption = PrivacyLabel.any,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    deadline: Deadline = None,
    daily_calls: Annotated[int | None, typer.Option(metavar="N", help="The most calls of each token in a day, UTC.")] = None,
    daily_tokens: Annotated[int | None, typer.Option(metavar="N", help="The most tokens.")] = None,
    daily_usd: Annotated[float | None, typer.Option(metavar="X", help="The most US dollars.")] = None,
    max_runs: Annotated[int, typer.Option(metavar="N", min=1, help="Runs under way at the same time.")] = 64,
    queue: Annotated[int, typer.Option(metavar="N", min=0, help="Runs that may wait; one more is refused.")] = 256,
    max_body: Annotated[int, typer.Option(metavar="MB", min=1, help="The largest request.")] = 16,
    drain: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="What runs have to end when it is told to stop.")] = 30,
    ledger: Ledger = None,
    project: Project = None,
) -> Command:
    """Serve panels to OpenAI's clients.

    At one address: chat completions, responses, runs to follow.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.serve import Arguments, serve

        return serve(
            Arguments(
                host=host,
                port=port,
                token_file=token_file,
                models=tuple(model or ()),
                fallbacks=tuple(fallback or ()),
                base_url=base_url,
                hosts=tuple(allow_host or ()),
                origins=tuple(allow_origin or ()),
                allowed=tuple(allow_model or ()),
                reasoning=reasoning.value,
                fresh=fresh,
                caps={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                daily={"calls": daily_calls, "tokens": daily_tokens, "usd": daily_usd},
                privacy="local" if private else privacy.value,
                max_runs=max_runs,
                queue=queue,
                max_body=max_body,
                drain=drain,
                location=Location(ledger, project),
            )
        )

    return work


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
