"""The runs behind the rows of a comparison: a page each, and one of the questions with what each strategy answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path

from contemplate.errors import InputError
from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report import lost
from contemplate.experiments.report.contents import Section
from contemplate.experiments.report.html import written
from contemplate.experiments.report.links import FOLDER, INDEX
from contemplate.experiments.report.table import NONE, Table, clean, percent
from contemplate.experiments.rows import Row
from contemplate.files import make_private_folder, write_private
from contemplate.ledger.base import Ledger
from contemplate.types import Question
from contemplate.viewer import page, page_model
from contemplate.viewer.loading import load

MOST = 50
"""So many runs have a page, unless more are asked for."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,150}", re.ASCII)
_QUESTION = 1_500
"""How much of a question is shown, in characters; it is whole in the pages of its runs."""

At = tuple[str, str]
"""A question set, and the id of a question in it."""


async def write_pages(comparison: Comparison, ledger: Ledger, folder: Path | str, *, most: int = MOST) -> dict[str, str]:
    """Write the pages of runs, those first that the report shows as lost, then those that failed, then the others.

    Args:
        comparison: what an experiment found.
        ledger: open; has the runs.
        folder: that of the report; gets pages/RUN.html, and pages/index.html with their questions. Others that are there stay.
        most: so many runs have a page, at most.

    Returns:
        The address of each page, relative to the folder, by run; of runs that the ledger has no more there is none.

    Raises:
        InputError: a file can't be written.
    """
    where = Path(folder) / FOLDER
    found: dict[str, str] = {}
    asked: dict[At, Question] = {}
    of = {row.run: (row.set, row.question) for row in comparison.rows if _NAME.fullmatch(row.run)}
    chosen = [run for run in _first(comparison, of) if run in of][: max(most, 0)]
    try:
        for run in chosen:
            if (record := await ledger.run(run)) is None:
                continue
            make_private_folder(where)
            stored = await load(ledger, record)
            write_private(where / f"{run}.html", page(page_model(stored, go_on=f"it is {stored.state}")))
            found[run] = f"{FOLDER}/{run}.html"
            asked.setdefault(of[run], stored.head.question)
        if found:
            write_private(where / INDEX, _index(comparison, asked, found))
    except OSError as error:
        raise InputError(f"{error.filename or where}: can't be written ({error.strerror or error})") from None
    return found


def _first(comparison: Comparison, of: Iterable[str]) -> Iterator[str]:
    """All runs, the most telling ones first, each once."""
    differ = chain.from_iterable(one.runs for one in lost.shown(lost.lost(comparison)))
    return iter(dict.fromkeys(chain(differ, (one.run for one in comparison.failures), of)))


def _index(comparison: Comparison, asked: Mapping[At, Question], found: Mapping[str, str]) -> str:
    """The questions of the runs that have a page, with the rows of all strategies."""
    rows: dict[At, list[Row]] = {at: [] for at in asked}
    total = 0
    for row in comparison.rows:
        total += 1
        if (row.set, row.question) in rows:
            rows[row.set, row.question].append(row)
    which = "those of lost questions first, then those that failed"
    told = (
        f"{len(found):,} of {total:,} runs have a page: {which}. contemplate compare --pages N writes more.",
        "An answer leads to the page of its run: who said what after reading whom, and how it was voted on.",
    )
    here = {run: address.removeprefix(f"{FOLDER}/") for run, address in found.items()}
    parts = [_section(at, asked[at], its) for at, its in rows.items()]
    return written("Questions, and what each strategy answered", told, parts, here)


def _section(at: At, question: Question, rows: Sequence[Row]) -> Section:
    key = "q-" + sha256("\n".join(at).encode()).hexdigest()[:12]
    lines = (clean(question.text, _QUESTION), *_choices(question))
    if question.gold is not None:
        lines = (*lines, f"Right: {clean(question.gold)}")
    return Section(key, clean(f"{at[0]}: {at[1]}", 120), lines, (_answers(rows),))


def _choices(question: Question) -> Iterator[str]:
    return (f"({chr(ord('A') + number)}) {clean(choice)}" for number, choice in enumerate(question.choices[:26]))


def _answers(rows: Sequence[Row]) -> Table:
    columns = ("strategy", "panel", "answer", "right", "repeat", "confidence", "calls")
    shown = tuple(
        (
            *(row.strategy, row.panel, _said(row), _right(row)),
            *(f"{row.repeat}", percent(row.confidence) if row.answer is not None else NONE, f"{row.calls:,}"),
        )
        for row in rows
    )
    runs = tuple(("", "", row.run, "", "", "", "") for row in rows)
    return Table("Answers", columns, shown, f"n = {len(rows):,} runs", 4, runs)


def _said(row: Row) -> str:
    if row.answer is not None:
        return row.answer
    return f"(its run failed: {row.failure or row.stopped})" if row.status == "failed" else "(no answer)"


def _right(row: Row) -> str:
    if row.score is None:
        return NONE if row.status != "failed" else "failed"
    return {0.0: "wrong", 1.0: "right"}.get(row.score, f"{row.score:.2g}")
