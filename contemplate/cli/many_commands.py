"""The commands about many runs, and about what is installed. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contemplate.cli.options import Command, Engine, Json, Kind, Ledger, LedgerAction, ModelAction, Project


def compare(  # noqa: PLR0913, PLR0917 - the options of the command
    plan: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="A YAML file that says what is compared.")] = None,
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B",
            help="Recipes, instead of a plan (repeatable); NAME:KEY=VALUE sets a parameter, NAME@MODEL a model of its own.",
        ),
    ] = None,
    questions: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Questions: a .jsonl or .csv file, builtin:..., gym:... or hf:... (repeatable)."),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FIELD", help="Which field of the questions is what, as gold=answer (repeatable)."),
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="The kind of answer, where a question does not say it.")] = None,
    grader: Annotated[
        str | None, typer.Option(metavar="G", help="Who grades: kind, own, judge:CARD, module:function or file.py:function.")
    ] = None,
    pairwise: Annotated[
        str | None,
        typer.Option(
            metavar="AGAINST",
            help="A judge compares answers to open questions: against the baseline, all (every pair), or a strategy.",
        ),
    ] = None,
    judge: Annotated[
        str | None, typer.Option(metavar="M", help="The model that judges or grades; best one that is on no panel.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A parameter, of each strategy that has it (repeatable)."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="M", help="A model, as provider/name or NAME@URL (repeatable: together they are one panel)."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server; its key: CONTEMPLATE_API_KEY.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(metavar="N", min=1, help="How often each question is asked.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="The first N questions of each set only.")] = None,
    skip: Annotated[int | None, typer.Option(metavar="N", min=0, help="Leave out the first N questions of each set.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Everything random comes from it.")] = None,
    at_once: Annotated[int | None, typer.Option(metavar="N", min=1, help="Runs under way at the same time.")] = None,
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many calls in all.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens in all.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars in all.")] = None,
    no_baselines: Annotated[bool, typer.Option("--no-baselines", help="Only the strategies that are named.")] = False,  # noqa: FBT002
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep it there. Default: named after the plan.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Write over another experiment in that folder.")] = False,  # noqa: FBT002
    pages: Annotated[int, typer.Option(metavar="N", min=0, help="So many runs get a page, lost questions first.")] = 50,
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
        from contemplate.experiments.plan import entrants

        budget = {"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd}
        given = {
            "strategies": [one for typed in strategies or () for one in entrants(typed)] or None,
            "questions": questions or None,
            "mapping": mapping or None,
            "kind": kind.value if kind else None,
            "grader": grader,
            "pairwise": pairwise,
            "judge": judge,
            "set": settings or None,
            "limit": limit,
            "skip": skip,
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
                pages=pages,
                dry_run=dry_run,
                engine=engine.value,
                ray_address=ray_address,
                workers=workers,
                location=Location(ledger, project),
                json=json,
            )
        )

    return work


def reliability(
    kind: Annotated[Kind | None, typer.Option(help="Members and critics on questions of this kind only.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Say how far models can be trusted.

    As those who answer, audit, verify and judge. Learned from the ledger, without knowing which answers are right, and from
    calibration.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.reliability import say_reliability

        return say_reliability(Location(ledger, project), kind=kind.value if kind else None, as_json=json)

    return work


def calibrate(  # noqa: PLR0913, PLR0917 - the options of the command
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model, as provider/name or NAME@URL.")],
    questions: Annotated[
        str,
        typer.Option(metavar="SET", help="Questions with right answers: builtin:..., gym:... or a file."),
    ] = "builtin:arithmetic?level=5",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many questions.")] = 60,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the strategy calibration (repeatable)."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server; its key: CONTEMPLATE_API_KEY.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Other seeds give other questions.")] = 90_001,
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many calls in all.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens in all.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars in all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Try a model as critic and verifier.

    On questions whose right answers are known. What was paid for is kept, and the same command goes on where it stopped.
    """

    def work() -> int:
        from contemplate.cli.calibrate import Arguments, calibrate
        from contemplate.cli.location import Location

        budget = {"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd}
        return calibrate(
            Arguments(
                model=model,
                questions=questions,
                limit=limit,
                settings=tuple(settings or ()),
                base_url=base_url,
                seed=seed,
                budget={name: cap for name, cap in budget.items() if cap is not None},
                dry_run=dry_run,
                location=Location(ledger, project),
                json=json,
            )
        )

    return work


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


def ledger_(
    action: Annotated[LedgerAction, typer.Argument(metavar="export|import", help="What to do.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .jsonl or .jsonl.gz file of replies.")],
    run: Annotated[
        list[str] | None, typer.Option(metavar="RUN", help="Export what this run read, only (repeatable).", show_default=False)
    ] = None,
    experiment: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Export what the runs of an experiment in this folder read, only (repeatable)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Write a ledger's replies to a file, or take them from one.

    So that a run or an experiment can be repeated elsewhere without a call.
    """

    def work() -> int:
        from contemplate.cli.ledger import export_to, import_from
        from contemplate.cli.location import Location
        from contemplate.errors import InputError

        location = Location(ledger, project)
        if action == LedgerAction.export:
            return export_to(file, location, tuple(run or ()), tuple(experiment or ()), overwrite=force, as_json=json)
        if run or experiment or force:
            raise InputError("import takes all of a file, and no --run, --experiment or --force")
        return import_from(file, location, as_json=json)

    return work


def models(
    action: Annotated[ModelAction, typer.Argument(metavar="[list|fetch|rm]", help="What to do.")] = ModelAction.list,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A model, as local/smollm2 or local/hf:OWNER/REPO:FILE.", show_default=False),
    ] = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """List, fetch or remove embedded models.

    With sizes, licences, and the speed that was seen here.
    """

    def work() -> int:
        from contemplate.cli.models import fetch_model, list_models, remove_model
        from contemplate.errors import InputError

        if action == ModelAction.list:
            return list_models(name, as_json=json)
        if name is None:
            raise InputError(f"contemplate models {action.value} needs the NAME of a model (contemplate models lists them)")
        return fetch_model(name) if action == ModelAction.fetch else remove_model(name)

    return work


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
