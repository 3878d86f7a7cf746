"""The commands about one question and its run. Each imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from contemplate.cli.options import Command, Form, Json, Kind, Ledger, Listed, OutputFile, Overwrite, Project, RunId, TraceFile


def ask(  # noqa: PLR0913, PLR0917 - the options of the command
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="The problem; @FILE reads it from a file, - from standard input.")
    ],
    strategy: Annotated[str, typer.Option(metavar="NAME|FILE", help="A recipe's name, or a .yaml file.")] = "contemplating",
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="M",
            help="A model, as provider/name; NAME@URL or LABEL=NAME@URL for one on a server of its own. "
            "Repeat it for several: seats take them in turn.",
        ),
    ] = None,
    fallback: Annotated[
        list[str] | None, typer.Option(metavar="M", help="A model to ask when one fails, written as --model (repeatable).")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="An OpenAI-compatible server for models without one; its key: CONTEMPLATE_API_KEY."),
    ] = None,
    answer: Annotated[
        Kind | None, typer.Option(help="The kind of answer. Default: choice if there are choices, else text.")
    ] = None,
    schema: Annotated[Path | None, typer.Option(metavar="FILE", help="The JSON Schema that a json answer must satisfy.")] = None,
    choice: Annotated[list[str] | None, typer.Option(metavar="C", help="One option of a multiple choice (repeatable).")] = None,
    seats: Annotated[int | None, typer.Option(metavar="N", help="Seats on the panel; short for --set seats=N.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Everything random comes from it.")] = 0,
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many model calls.")] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(metavar="N", help="At most so many tokens, prompts and replies together.")
    ] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars.")] = None,
    deadline: Annotated[float | None, typer.Option(metavar="SECONDS", help="Answer with what is there after so long.")] = None,
    max_tokens: Annotated[int | None, typer.Option(metavar="N", help="The most tokens of each reply.")] = None,
    temperature: Annotated[float | None, typer.Option(metavar="T", help="How freely replies are drawn, from 0 to 2.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the recipe, as rounds=3 (repeatable).")
    ] = None,
    json: Json = False,  # noqa: FBT002
    form: Annotated[
        Form | None, typer.Option("--format", help="How the outcome is printed, or written to a file.", show_default=False)
    ] = None,
    output: OutputFile = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Work on a question until there is one answer."""

    def work() -> int:
        from contemplate.cli.ask import Arguments, ask
        from contemplate.cli.location import Location

        return ask(
            Arguments(
                question=question,
                strategy=strategy,
                models=tuple(model or ()),
                fallbacks=tuple(fallback or ()),
                base_url=base_url,
                answer=answer.value if answer else None,
                choices=tuple(choice or ()),
                schema=schema,
                settings=tuple(settings or ()),
                seats=seats,
                seed=seed,
                caps={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                sampling={"max_tokens": max_tokens, "temperature": temperature},
                location=Location(ledger, project),
                json=json,
                form=form.value if form else None,
                output=output,
                overwrite=overwrite,
                trace=trace,
            )
        )

    return work


def list_(
    what: Annotated[Listed, typer.Argument(metavar="WHAT", help="strategies, agents, rules or runs.")],
    everything: Annotated[bool, typer.Option("--all", help="Of runs: those of experiments too.")] = False,  # noqa: FBT002
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="Of runs: those of this strategy.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Of runs: those since a day (2026-01-31), or the last 12h, 7d or 4w.")
    ] = None,
    question: Annotated[str | None, typer.Option(metavar="WORDS", help="Of runs: those whose question has these words.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """List strategies, agents, rules or runs.

    Runs stand newest first.
    """

    def work() -> int:
        from contemplate.cli.listing import Wanted, list_things
        from contemplate.cli.location import Location

        wanted = Wanted(experiments=everything, strategy=strategy, since=since, question=question)
        return list_things(what.value, wanted, Location(ledger, project), as_json=json)

    return work


def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|RUN", help="A strategy, an agent, a rule, or a run.", show_default=False)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="The run in this trace file instead.")] = None,
    prompts: Annotated[bool, typer.Option("--prompts", help="Of a run: what each agent was asked, too.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    form: Annotated[
        Form | None, typer.Option("--format", help="How it is printed; only a run can be in Markdown.", show_default=False)
    ] = None,
) -> Command:
    """Show a strategy, agent, rule or run.

    Of a run, all that was said in it; it may stand in a trace file.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.report import form_of
        from contemplate.cli.show import show

        wanted = form_of(form.value if form else None, None, as_json=json)
        return show(name, trace, Location(ledger, project), form=wanted, prompts=prompts)

    return work


def view(  # noqa: PLR0913, PLR0917 - the options of the command
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run's id, the beginning of it, or last.", show_default=False)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="The run in this trace file instead.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The page. Default: RUN.html in this folder.", show_default=False),
    ] = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,  # noqa: FBT002
    live: Annotated[bool, typer.Option("--live", help="Write it anew as long as the run goes on.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Write a run as one HTML page.

    It needs no network and no other file: who said what after reading whom, how it was voted on, when, and at what cost.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.view import Wanted, view

        wanted = Wanted(output=output, overwrite=overwrite, opened=opened, live=live, as_json=json)
        return view(run, trace, Location(ledger, project), wanted)

    return work


def _again(name: Literal["resume", "replay"], told: str) -> Callable[..., Command]:
    """A command that takes a stored run up again; `told` is its help."""

    def command(
        run: RunId,
        ledger: Ledger = None,
        project: Project = None,
        json: Json = False,  # noqa: FBT002
        trace: TraceFile = None,
    ) -> Command:
        def work() -> int:
            from contemplate.cli.again import replay, resume
            from contemplate.cli.location import Location

            do = resume if name == "resume" else replay
            return do(run, Location(ledger, project), as_json=json, trace=trace)

        return work

    command.__name__, command.__doc__ = name, told
    return command


resume = _again("resume", "Go on with a run that was cut short.\n\nWhat it paid for is not paid again.")
replay = _again("replay", "Do a run again, without a call.\n\nFrom the ledger alone; says whether every turn came out the same.")


def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs, by their ids or the beginnings of these.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Delete runs from the ledger.

    Replies stay, since other runs may have them.
    """

    def work() -> int:
        from contemplate.cli.delete import delete_runs
        from contemplate.cli.location import Location

        return delete_runs(tuple(dict.fromkeys(runs)), Location(ledger, project), sure=yes, as_json=json)

    return work
