"""`contemplate compare`: an experiment from a plan or from options, watched as it goes, and its report."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contemplate.catalogue.recipe import COMMON, settings_of
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import ContemplateError, InputError, UnknownNameError
from contemplate.experiments import Comparison, CostEstimate, Experiment, ExperimentPlan, Progress, estimate
from contemplate.experiments.engines.by_name import engine_named
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.text import one_line
from contemplate.types import Json

_OPTIONS = {"models": "model"}
"""Options that are called something else in a plan."""

_OF_QUESTIONS = ("limit", "skip", "mapping", "kind", "grader")
"""Options that hold for every question set."""

_EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal."""


class InterruptedExperimentError(ContemplateError):
    """Ctrl-C, or a signal to end."""

    kind = "interrupted"
    exit_status = Status.INTERRUPTED


@dataclass(frozen=True)
class Arguments:
    """What was typed. `given`: the words of a plan on the command line, and those of all its sets and strategies."""

    plan: Path | None
    given: Json
    base_url: str | None
    out: Path | None
    overwrite: bool
    retry_failed: bool
    dry_run: bool
    engine: str
    ray_address: str | None
    workers: int | None
    location: Location
    json: bool
    pages: int

    @property
    def folder(self) -> Path:
        """Where the experiment is kept: by default a folder with the plan's name, in the working directory."""
        return self.out or Path(self.plan.stem if self.plan else "comparison")

    @property
    def asked(self) -> Json:
        """What was said of all question sets, in the words of a plan."""
        words: Json = {name: self.given[name] for name in _OF_QUESTIONS if name in self.given}
        if "mapping" in words:
            words["mapping"] = _mapping(words["mapping"])
        return words

    def made(self) -> ExperimentPlan:
        """The plan.

        Raises:
            InputError: there is none, or it is wrong.
        """
        given = {name: value for name, value in self.given.items() if name not in {*_OF_QUESTIONS, "set"}}
        if self.plan is None:
            missing = [f"--{name}" for name in ("strategies", "questions") if name not in given]
            if missing:
                raise InputError(f"name a plan, or give {' and '.join(missing)}")
            given["questions"] = [{"source": source} for source in given["questions"]]
        else:
            plan = ExperimentPlan.read(self.plan)
            said = {"strategies", "questions", *(["models"] if plan.panels else [])}
            if clash := [name for name in given if name in said]:
                raise InputError(f"--{_OPTIONS.get(clash[0], clash[0])}: {self.plan} says that already")
            words = plan.words
            given = {**words, **given, "budget": {**words.get("budget", {}), **given.get("budget", {})}}
            if plan.pairwise is not None and "pairwise" in self.given:  # the card stays
                given["pairwise"] = {"card": plan.pairwise.card, "against": self.given["pairwise"]}
        if asked := self.asked:
            given["questions"] = [{**source, **asked} for source in given["questions"]]
        made = ExperimentPlan.checked(**given)
        return _with_settings(made, self.given["set"], self.location) if "set" in self.given else made


def _mapping(typed: Sequence[str]) -> Json:
    """Which field is what: `NAME=FIELD`, where a name that stands there several times has several fields."""
    found: dict[str, list[str]] = {}
    for one in typed:
        name, equals, field = one.partition("=")
        if not (equals and name.strip() and field.strip()):
            raise InputError(f"--mapping {one}: expected NAME=FIELD, as gold=answer")
        found.setdefault(name.strip(), []).append(field.strip())
    return {name: fields[0] if len(fields) == 1 else fields for name, fields in found.items()}


def _with_settings(plan: ExperimentPlan, typed: Sequence[str], location: Location) -> ExperimentPlan:
    """The plan with parameters set for each strategy that has them.

    Raises:
        InputError: none has one of them.
    """
    settings, catalogue = settings_of(typed), location.catalogue()
    known = {spec.use: [*catalogue.recipe(spec.use).parameters, *COMMON] for spec in plan.strategies}
    for name in settings:
        if not any(name in parameters for parameters in known.values()):
            raise UnknownNameError("parameter of these strategies", name, sorted({one for its in known.values() for one in its}))
    specs = [
        spec.model_copy(update={"set": spec.set | {name: value for name, value in settings.items() if name in known[spec.use]}})
        for spec in plan.strategies
    ]
    return ExperimentPlan.checked(**{**plan.words, "strategies": [spec.model_dump(exclude_unset=True) for spec in specs]})


def compare(arguments: Arguments) -> int:
    """Do the experiment, or only say what it would take; return the exit status."""
    plan = arguments.made()
    engine = engine_named(
        arguments.engine, ray_address=arguments.ray_address, workers=arguments.workers, ledger=arguments.location.ledger
    )
    if not arguments.dry_run and (missing := _no_report()) is not None:
        print(f"contemplate: there will be tables, and no report: {one_line(missing, 500)}", file=sys.stderr)
    screen = screen_for(quiet=arguments.json)
    done: list[Comparison | CostEstimate] = []
    pages: dict[str, str] = {}

    async def work() -> None:
        orchestrator = Orchestrator(
            base_url=arguments.base_url, ledger=arguments.location.ledger, project=arguments.location.project, budget=plan.budget
        )
        async with orchestrator:
            experiment = await Experiment.of(plan, orchestrator, arguments.folder)
            if plan.on_configured and (said := orchestrator.runner.unnamed) is not None:
                print(f"contemplate: {one_line(said, 300)}", file=sys.stderr)
            _say_ungraded(experiment)
            expected = await estimate(experiment)
            if arguments.dry_run:
                done.append(expected)
                return
            expected.check(plan.budget)
            how = {"overwrite": arguments.overwrite, "retry_failed": arguments.retry_failed}
            with screen:
                done.append(found := await experiment.run(screen.tell, engine=engine, **how))
            pages.update(await _pages(found, orchestrator, arguments))

    with suppress(KeyboardInterrupt):
        run_async(work)
    if not done:
        raise InterruptedExperimentError("interrupted; what was paid for is kept, and the same command goes on from here")
    found = done[0]
    if isinstance(found, CostEstimate):
        _say_estimate(found, as_json=arguments.json)
    else:
        _say(found, arguments, pages)
    return Status.DONE


async def _pages(found: Comparison, orchestrator: Orchestrator, arguments: Arguments) -> dict[str, str]:
    """The pages of runs that were written; none, and a line on why, where they can't be: the tables matter more."""
    from contemplate.experiments.report import write_pages

    try:
        return await write_pages(found, orchestrator.ledger, arguments.folder, most=arguments.pages)
    except InputError as error:
        print(f"contemplate: no pages of runs were written: {one_line(str(error), 500)}", file=sys.stderr)
        return {}


def _say_ungraded(experiment: Experiment) -> None:
    for one in experiment.asked:
        if without := one.ungraded:
            said = (
                f"{one.questions.name}: {without:,} of {len(one.questions):,} questions have no gold answer, and are not graded"
            )
            print(f"contemplate: {one_line(said, 500)}", file=sys.stderr)


def _say(found: Comparison, arguments: Arguments, pages: dict[str, str]) -> None:
    from rich.console import Console

    from contemplate.experiments.report import terminal, write_report, write_tables

    try:
        written = (write_report if _no_report() is None else write_tables)(found, arguments.folder, pages)
    except InputError as error:  # the tables were paid for: they are shown whatever becomes of the report
        written = []
        print(f"contemplate: no report was written: {one_line(str(error), 500)}", file=sys.stderr)
    written += [arguments.folder / "pages" / "index.html"] if pages else []
    if arguments.json:
        files = [str(path) for path in written]
        print(json.dumps({**found.to_dict(), "files": files, "pages": len(pages)}, ensure_ascii=True))
        return
    Console(highlight=False, soft_wrap=False).print(terminal(found))
    if written:
        print(f"\nwritten: {', '.join(shlex.quote(str(path)) for path in written)}")
        runs = sum(one.calls.n for one in found.standings)
        print(f"{len(pages):,} of {runs:,} runs have a page (--pages N)")


def _no_report() -> str | None:
    """Why there can be no report here; None if there can."""
    from contemplate.experiments.report.canvas import need

    try:
        need()
    except InputError as error:
        return str(error)
    return None


def _say_estimate(found: CostEstimate, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"strategy": one.strategy, "panel": one.panel, "calls": one.calls, "tokens": one.tokens, "usd": one.usd}
            for one in found.expected
        ]
        print(
            json.dumps({"runs": found.runs, "calls": found.calls, "tokens": found.tokens, "usd": found.usd, "strategies": rows})
        )
        return
    print(f"{found.runs} runs; between all agents agreeing and none:\n")
    print(f"{'strategy':<40} {'calls':>17} {'tokens':>23} {'US dollars':>17}")
    everything = (*((one.strategy, one.panel, one.calls, one.tokens, one.usd) for one in found.expected),)
    for strategy, panel, calls, tokens, usd in (*everything, ("all", "", found.calls, found.tokens, found.usd)):
        name = one_line(f"{strategy} · {panel}" if panel else strategy, 40)
        print(f"{name:<40} {spread(calls):>17} {spread(tokens):>23} {spread(usd, 4) if usd else 'unknown':>17}")
    print("\nSelf-consistency at the same number of calls comes on top. Samples that strategies share are paid for once.")


def spread(found: tuple[float, float], digits: int = 0) -> str:
    """The least and the most of something, as one word where they are the same."""
    low, high = (f"{value:,.{digits}f}" for value in found)
    return low if low == high else f"{low} - {high}"


def words(progress: Progress) -> str:
    """How far an experiment has come, in one line."""
    rate = (progress.done - progress.found) / max(progress.seconds, 1e-9)
    failed = ", ".join(f"{number} {kind}" for kind, number in progress.failures.most_common())
    parts = [
        f"{progress.done:,} of {progress.cells:,} runs",
        f"{progress.found:,} were done before" if progress.found else "",
        f"{progress.judged:,} of {progress.judgements:,} pairs judged" if progress.judgements else "",
        f"{rate:.2f} a second" if progress.done > progress.found else "",
        f"{progress.calls:,} calls, {_money(progress)}",
        f"{_time(progress.left)} left" if progress.left is not None else "",
        f"failed: {failed}" if failed else "",
    ]
    return "; ".join(part for part in parts if part)


def _money(progress: Progress) -> str:
    known = f"${progress.usd:,.4g}"
    return known if not progress.unpriced else f"{known} and unknown prices" if progress.usd else "unknown price"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def screen_for(*, quiet: bool) -> Screen:
    """What shows how far an experiment has come: a bar on a terminal, else a line now and then, or nothing."""
    return Screen() if quiet else _Bar() if sys.stderr is not None and sys.stderr.isatty() else _Lines()


class Screen:
    """Shows nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, progress: Progress) -> None:
        """Show it, whenever a run is over."""


class _Lines(Screen):
    """A line now and then."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def tell(self, progress: Progress) -> None:
        if time.monotonic() - self._said >= _EVERY or (progress.done, progress.judged) == (
            progress.cells,
            progress.judgements,
        ):
            self._said = time.monotonic()
            print(words(progress), file=sys.stderr, flush=True)


class _Bar(Screen):
    """A bar on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(BarColumn(bar_width=20), TextColumn("{task.description}"), console=Console(stderr=True))
        self._task = self._bars.add_task("beginning")

    def __enter__(self) -> None:
        self._bars.start()

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def tell(self, progress: Progress) -> None:
        self._bars.update(
            self._task,
            completed=progress.done + progress.judged,
            total=progress.cells + progress.judgements,
            description=words(progress),
        )
