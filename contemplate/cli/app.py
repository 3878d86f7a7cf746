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
    str | None, typer.Option("--ledger", metavar="FILE|URL", help="The ledger. Default: the user's own.", show_default=False)
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


class Engine(StrEnum):
    """Where the runs of an experiment are done."""

    local = "local"
    ray = "ray"


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
                location=Location(ledger, project),
                json=json,
                trace=trace,
            )
        )

    return work


@app.command()
def compare(  # noqa: PLR0913, PLR0917 - the options of the command
    plan: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="A YAML file that says what is compared.")] = None,
    strategies: Annotated[str | None, typer.Option(metavar="A,B", help="Recipes, instead of a plan.")] = None,
    questions: Annotated[
        str | None, typer.Option(metavar="FILE", help="Questions: a .jsonl or .csv file, builtin:..., gym:... or hf:...")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="M", help="A model, as provider/name or NAME@URL (repeatable: together they are one panel)."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server; its key: CONTEMPLATE_API_KEY.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(metavar="N", help="How often each question is asked.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="The first N questions of each set only.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Everything random comes from it.")] = None,
    at_once: Annotated[int | None, typer.Option(metavar="N", help="Runs under way at the same time.")] = None,
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many calls in all.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens in all.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars in all.")] = None,
    no_baselines: Annotated[bool, typer.Option("--no-baselines", help="Only the strategies that are named.")] = False,  # noqa: FBT002
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep it there. Default: named after the plan.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Write over another experiment in that folder.")] = False,  # noqa: FBT002
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do runs that failed once more.")] = False,  # noqa: FBT002
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,  # noqa: FBT002
    engine: Annotated[Engine, typer.Option(help="Where the runs are done: in this process, or on Ray.")] = Engine.local,
    ray_address: Annotated[
        str | None, typer.Option(metavar="ADDR", help="A Ray cluster, as HOST:6379. Default: a Ray of its own, here.")
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", help="Processes on Ray. Default: one for each processor.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Compare strategies on the same questions.

    The same command goes on where it stopped.
    """

    def work() -> int:
        from contemplate.cli.compare import Arguments, compare
        from contemplate.cli.location import Location

        budget = {"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd}
        given = {
            "strategies": None if strategies is None else [name.strip() for name in strategies.split(",")],
            "questions": questions,
            "limit": limit,
            "models": model or None,
            "repeats": repeats,
            "seed": seed,
            "at_once": at_once,
            "budget": {name: cap for name, cap in budget.items() if cap is not None} or None,
            "baselines": [] if no_baselines else None,
        }
        return compare(
            Arguments(
                plan=plan,
                given={name: value for name, value in given.items() if value is not None},
                base_url=base_url,
                out=out,
                overwrite=anew,
                retry_failed=retry_failed,
                dry_run=dry_run,
                engine=engine.value,
                ray_address=ray_address,
                workers=workers,
                location=Location(ledger, project),
                json=json,
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
        from contemplate.cli.location import Location
        from contemplate.cli.show import list_things

        return list_things(what.value, Location(ledger, project), as_json=json)

    return work


@app.command()
def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|RUN", help="A strategy, an agent, a rule, or a run.", show_default=False)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="The run in this trace file instead.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Show a strategy, agent, rule or run.

    Of a run, all that was said in it; it may stand in a trace file.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.show import show

        return show(name, trace, Location(ledger, project), as_json=json)

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
        from contemplate.cli.location import Location

        return resume(run, Location(ledger, project), as_json=json, trace=trace)

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
        from contemplate.cli.location import Location

        return replay(run, Location(ledger, project), as_json=json, trace=trace)

    return work


@app.command()
def reliability(ledger: Ledger = None, project: Project = None, json: Json = False) -> Command:  # noqa: FBT002
    """Say how far each model can be trusted.

    Learned from the answers in the ledger, without knowing which are right.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.reliability import say_reliability

        return say_reliability(Location(ledger, project), as_json=json)

    return work


@app.command()
def redecide(  # noqa: PLR0913, PLR0917 - the options of the command
    source: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECORDS|RUN...]",
            help="A file of recorded samples, or runs by the beginnings of their ids. Default: all finished runs.",
            show_default=False,
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(metavar="R", help="Rules (contemplate list rules), or best; several with commas. Default: plurality."),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(metavar="S", help="Stop tests, as beta(0.99),window(5); full draws all. Default: full."),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar="W", help="What votes weigh: equal, weight, score, softmax(T), recalibrated, learned."),
    ] = None,
    k: Annotated[list[str] | None, typer.Option("--k", metavar="K", help="Samples drawn at most, as 1,3,5,all.")] = None,
    ties: Annotated[
        str, typer.Option(metavar="T", help="What a tie comes to: first-seen, fraction, random, any or none.")
    ] = "first-seen",
    orders: Annotated[int, typer.Option(metavar="N", help="Random orders to average; 0 is the order on record.")] = 20,
    seed: Annotated[int, typer.Option(metavar="N", help="Everything random comes from it.")] = 0,
    no_gold: Annotated[bool, typer.Option("--no-gold", help="Go by agreement alone.")] = False,  # noqa: FBT002
    fields: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FIELD", help="Which field of the file is what, as samples.member=model (repeatable)."),
    ] = None,
    answer: Annotated[Kind | None, typer.Option(help="The kind of answer, where the file does not say it.")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="Only runs of this strategy.")] = None,
    questions: Annotated[
        str | None, typer.Option(metavar="SET", help="Only runs of these questions, with the gold answers of the set.")
    ] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Decide replies again by other rules.

    Recorded samples, or what runs sampled; no calls are made.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.redecide import Arguments, redecide_samples

        wanted = Arguments(
            sources=tuple(source or ()),
            rules=tuple(rule or ()),
            stops=tuple(stop or ()),
            weights=tuple(weights or ()),
            ks=tuple(k or ()),
            ties=ties,
            orders=orders,
            seed=seed,
            gold=not no_gold,
            fields=tuple(fields or ()),
            answer=answer.value if answer else None,
            strategy=strategy,
            questions=questions,
            location=Location(ledger, project),
        )
        return redecide_samples(wanted, as_json=json)

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
        from contemplate.cli.location import Location

        return check_files(files, Location(project=project), as_json=json)

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
        from contemplate.cli.location import Location

        return examine(Location(ledger, project), base_url=base_url, as_json=json)

    return work
