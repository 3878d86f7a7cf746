"""`contemplate redecide`: other rules, stop tests, weights and k over replies that are there already."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contemplate.analysis.records import Votes
from contemplate.analysis.redecide import Redecision, RedecisionRow, TieValue, configurations, redecide, stored_samples
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.experiments.questions import load_questions
from contemplate.ledger import open_ledger
from contemplate.text import one_line, printable
from contemplate.types import AnswerKind, Question

_SUFFIXES = (".jsonl", ".json", ".gz", ".csv", ".txt")
_PIPE_WIDTH = 160


@dataclass(frozen=True)
class Arguments:
    """What was typed; words may be several, separated by commas."""

    sources: tuple[str, ...]
    rules: tuple[str, ...]
    stops: tuple[str, ...]
    weights: tuple[str, ...]
    ks: tuple[str, ...]
    ties: str
    orders: int
    seed: int
    gold: bool
    fields: tuple[str, ...]
    answer: AnswerKind | None
    strategy: str | None
    questions: str | None
    location: Location


def redecide_samples(wanted: Arguments, *, as_json: bool) -> int:
    """Decide again, and print a row for each way."""
    configurations(
        wanted.rules, wanted.stops, wanted.weights, wanted.ks, wanted.ties
    )  # a wrong word is said before anything is read
    file = _file(wanted.sources)
    found = _decided(wanted, file) if file is not None else _of_runs(wanted)
    if as_json:
        print(json.dumps(found.model_dump(mode="json"), ensure_ascii=True))
    else:
        _print(found)
    return Status.DONE


def _file(sources: Sequence[str]) -> Path | None:
    """The file of recorded samples that was named; None if runs were, or nothing."""
    files = [name for name in sources if os.sep in name or name.endswith(_SUFFIXES) or Path(name).is_file()]
    if not files:
        return None
    if len(sources) > 1:
        raise InputError(f"one file of recorded samples at a time, or runs: {', '.join(sources[:4])} are {len(sources)} sources")
    return Path(files[0])


def _decided(wanted: Arguments, source: Path | Sequence[Votes]) -> Redecision:
    is_file = isinstance(source, Path)
    unused = {"--strategy": wanted.strategy, "--questions": wanted.questions} if is_file else {
        "--fields": wanted.fields or None, "--answer": wanted.answer
    }  # fmt: skip
    for option, value in unused.items():
        if value is not None:
            raise InputError(f"{option} is for {'runs, and a file of recorded samples was named' if is_file else 'files'}")
    ties: TieValue = wanted.ties  # type: ignore[assignment]  # checked above
    return redecide(
        source,
        rule=wanted.rules or "plurality",
        stop=wanted.stops,
        weights=wanted.weights,
        k=wanted.ks,
        ties=ties,
        orders=wanted.orders,
        seed=wanted.seed,
        gold=wanted.gold,
        fields=_fields(wanted.fields) if is_file else None,
        kind=wanted.answer,
    )


def _fields(typed: Sequence[str]) -> dict[str, str] | None:
    """The mapping that was typed, as `samples.member=model`; None if there was none."""
    pairs = [pair.strip().partition("=") for each in typed for pair in each.split(",") if pair.strip()]
    for name, equals, location in pairs:
        if not (name and equals and location):
            raise InputError(f"--fields {one_line(name + equals + location)}: it takes NAME=FIELD, as samples.member=model")
    return {name: location for name, _, location in pairs} or None


def _of_runs(wanted: Arguments) -> Redecision:
    questions = None if wanted.questions is None else load_questions(wanted.questions, gold=False).questions
    votes = run_async(_sampled, wanted, questions)
    missing = sorted({question.id or "" for question in questions or ()} - {one.id for one in votes})
    if missing:
        names = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")  # noqa: PLR2004
        count = f"{len(missing)} of {len(questions or ())} questions"
        print(f"contemplate: {count} have no finished run here, and are left out: {one_line(names, 200)}", file=sys.stderr)
    runs = f"runs {', '.join(wanted.sources)}" if wanted.sources else "all finished runs"
    of = f" of {wanted.strategy}" if wanted.strategy else ""
    return _decided(wanted, votes).model_copy(update={"source": f"{runs}{of} in {wanted.location.file()}"})


async def _sampled(wanted: Arguments, questions: Sequence[Question] | None) -> list[Votes]:
    if not wanted.location.exists():
        said = f"no file or run called {wanted.sources[0]!r}: " if wanted.sources else ""
        raise InputError(f"{said}there is no ledger yet, and so no runs to decide again; contemplate ask QUESTION makes one")
    ledger = await open_ledger(wanted.location.file())
    try:
        with wanted.location.naming():
            return await stored_samples(ledger, wanted.sources, strategy=wanted.strategy, questions=questions)
    finally:
        await ledger.aclose()


# --- on the screen ------------------------------------------------------------------------------------


def _print(found: Redecision) -> None:
    each = f"{found.fewest}" if found.fewest == found.most else f"{found.fewest} to {found.most}"
    questions = "1 question" if found.questions == 1 else f"{found.questions:,} questions"
    print(printable(f"{found.source}: {questions}, {each} samples each, {found.unreadable:,} unreadable"))
    how = f"the mean over {found.orders} random orders (seed {found.seed})" if found.orders else "samples in the order on record"
    print(f"{how}; ties: {found.rows[0].ties}; no calls were made")
    _print_table(found)
    if found.gold:
        print("right, with Wilson's 95 % interval, and its standard error over questions; none: decisions without an answer;")
        print("any: one of the k samples, at least, is right")
    else:
        print(
            "no gold answers: nothing can be called right. agree: samples behind the answer; one answer: decisions in which all"
        )
        print("samples drawn agree; as all: decisions with the answer of the plurality of all samples; none: without an answer")


def _print_table(found: Redecision) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    columns = [(head, cell) for head, cell in _columns(found) if head not in _spare(found.rows)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for head, _ in columns:
        words = head in {"rule", "weights", "stop"}
        table.add_column(head, justify="left" if words else "right", no_wrap=not words)
    for row in found.rows:
        table.add_row(*(cell(row) for _, cell in columns))
    width = None if sys.stdout is not None and sys.stdout.isatty() else _PIPE_WIDTH
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)


def _spare(rows: Sequence[RedecisionRow]) -> set[str]:
    """Columns that would say nothing."""
    empty = {"weights": all(row.weights is None for row in rows), "stop": all(row.stop == "full" for row in rows)}
    return {head for head, is_empty in empty.items() if is_empty}


def _columns(found: Redecision) -> list[tuple[str, Callable[[RedecisionRow], str]]]:
    first: list[tuple[str, Callable[[RedecisionRow], str]]] = [
        ("rule", lambda row: row.rule),
        ("weights", lambda row: row.weights or "-"),
        ("stop", lambda row: "-" if row.stop == "full" else row.stop),
        ("k", lambda row: "all" if row.k is None else str(row.k)),
    ]
    right: list[tuple[str, Callable[[RedecisionRow], str]]] = [
        ("right %", lambda row: _percent(row.accuracy)),
        ("95 %", lambda row: f"{_percent(row.low, 1)} - {_percent(row.high, 1)}"),
        ("±", lambda row: _percent(row.error)),
    ]
    drawn: list[tuple[str, Callable[[RedecisionRow], str]]] = [
        ("samples", lambda row: f"{row.samples:.2f}"),
        ("none %", lambda row: _percent(row.abstentions, 1)),
    ]
    together: list[tuple[str, Callable[[RedecisionRow], str]]] = [
        ("agree %", lambda row: _percent(row.agreement, 1)),
        ("one answer %", lambda row: _percent(row.unanimous, 1)),
        ("as all %", lambda row: _percent(row.as_all, 1)),
    ]
    if not found.gold:
        return [*first, *together, *drawn]
    return [*first, *right, *drawn, ("any %", lambda row: _percent(row.any_right, 1))]


def _percent(share: float | None, digits: int = 2) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f}"
