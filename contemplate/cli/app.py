"""The commands. Each imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from contemplate._version import __version__

app = typer.Typer(
    help="An open contemplating mode: a panel of agents works on one problem and hands back one answer, with the whole trace.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Command = Callable[[], int]
"""What a command does. It is run when typer is done with the words, so that every error reaches us as it is."""

Ledger = Annotated[
    str | None, typer.Option("--ledger", metavar="FILE", help="The ledger. Default: the user's own.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else on standard output.")]
Project = Annotated[
    Path | None,
    typer.Option("--project", metavar="DIR", help="A folder with agents/, strategies/ and contemplate.toml of your own."),
]
TraceFile = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write the trace there, as JSON Lines.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")]


class Listed(StrEnum):
    """What can be listed."""

    strategies = "strategies"
    agents = "agents"
    rules = "rules"
    runs = "runs"


class Kind(StrEnum):
    """The kinds of answers."""

    number = "number"
    choice = "choice"
    math = "math"
    date = "date"
    set = "set"
    boolean = "boolean"
    json = "json"
    text = "text"


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        print(f"contemplate {__version__}")
        raise typer.Exit


@app.callback()
def contemplate(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,  # noqa: FBT002
) -> None:
    """Take the options that stand before a command."""


@app.command()
def ask(  # noqa: PLR0913, PLR0917 - the options of the command
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="The problem; @FILE reads it from a file, - from standard input.")
    ],
    strategy: Annotated[str, typer.Option(metavar="NAME|FILE", help="A recipe's name, or a .yaml file.")] = "contemplating",
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="M", help="A model, as provider/name; repeat it for several: seats take them in turn."),
    ] = None,
    fallback: Annotated[list[str] | None, typer.Option(metavar="M", help="A model to ask when one fails (repeatable).")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server; its key: CONTEMPLATE_API_KEY.")
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
    ledger: Ledger = None,
    project: Project = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the recipe, as rounds=3 (repeatable).")
    ] = None,
    json: Json = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Work on a question until there is one answer."""

    def work() -> int:
        from contemplate.cli.ask import Wish, ask
        from contemplate.cli.place import Place

        return ask(
            Wish(
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
                place=Place(ledger, project),
                json=json,
                trace=trace,
            )
        )

    return work


@app.command("list")
def list_(
    what: Annotated[Listed, typer.Argument(metavar="WHAT", help="strategies, agents, rules or runs.")],
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """List strategies, agents, rules or runs.

    Runs stand newest first.
    """

    def work() -> int:
        from contemplate.cli.place import Place
        from contemplate.cli.show import list_things

        return list_things(what.value, Place(ledger, project), as_json=json)

    return work


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|RUN", help="A strategy, an agent, a rule, or a run.")],
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Show a strategy, agent, rule or run.

    Of a run, all that was said in it.
    """

    def work() -> int:
        from contemplate.cli.place import Place
        from contemplate.cli.show import show_thing

        return show_thing(name, Place(ledger, project), as_json=json)

    return work


@app.command()
def resume(
    run: RunId,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Go on with a run that was cut short.

    What it paid for is not paid again.
    """

    def work() -> int:
        from contemplate.cli.again import resume
        from contemplate.cli.place import Place

        return resume(run, Place(ledger, project), as_json=json, trace=trace)

    return work


@app.command()
def replay(
    run: RunId,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Do a run again, without a call.

    From the ledger alone; says whether every turn came out the same.
    """

    def work() -> int:
        from contemplate.cli.again import replay
        from contemplate.cli.place import Place

        return replay(run, Place(ledger, project), as_json=json, trace=trace)

    return work


@app.command()
def reliability(ledger: Ledger = None, project: Project = None, json: Json = False) -> Command:  # noqa: FBT002
    """Say how far each model can be trusted.

    Learned from the answers in the ledger, without knowing which are right.
    """

    def work() -> int:
        from contemplate.cli.place import Place
        from contemplate.cli.reliability import say_reliability

        return say_reliability(Place(ledger, project), as_json=json)

    return work


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Cards (.md), recipes (.yaml) and settings (.toml).")],
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Check cards, recipes and settings.

    Says what is wrong with them, and at which line.
    """

    def work() -> int:
        from contemplate.cli.check import check_files
        from contemplate.cli.place import Place

        return check_files(files, Place(project=project), as_json=json)

    return work


@app.command()
def doctor(
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Also see whether this server answers.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """See what works here.

    The embedded model, keys, settings, the ledger, servers.
    """

    def work() -> int:
        from contemplate.cli.doctor import examine
        from contemplate.cli.place import Place

        return examine(Place(ledger, project), base_url=base_url, as_json=json)

    return work
