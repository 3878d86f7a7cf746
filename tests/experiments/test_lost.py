"""Which questions a strategy lost against which, and the pages of the runs behind that."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from contemplate.errors import InputError
from contemplate.experiments import Comparison
from contemplate.experiments.disagreements import disagreements
from contemplate.experiments.report import document, page, write_pages, write_tables
from contemplate.experiments.report.lost import EACH, PAIRS, lost, shown
from contemplate.experiments.report.lost import tables as made
from contemplate.ledger import open_ledger

Compared = Callable[..., Comparison]


def pages_of(comparison: Comparison, folder: Path, most: int = 6) -> dict[str, str]:
    """The pages, out of the ledger that the comparison names."""

    async def write() -> dict[str, str]:
        async with aclosing(await open_ledger(comparison.head["ledger"])) as ledger:
            return await write_pages(comparison, ledger, folder, most=most)

    return anyio.run(write)


def test_they_are_what_mcnemar_counts(comparison: Comparison) -> None:
    """For each pair as many each way as b and c, and of each the scores of the rows."""
    rows = {(row.question, row.strategy): row for row in comparison.rows}
    counts = {(one.first, one.second): one.counts for one in lost(comparison)}
    for pair in comparison.pairs:
        assert pair.discordant is not None
        assert (pair.discordant.b, pair.discordant.c) == counts.get((pair.first, pair.second), (0, 0))
    for one in disagreements(comparison):
        assert rows[one.question, one.right].score == 1
        assert {rows[one.question, name].score for name in (one.first, one.second)} == {0, 1}
        assert (rows[one.question, one.first].answer, rows[one.question, one.first].gold) == (one.one.answer, one.gold)


def test_tables_are_bounded_and_say_so(comparison: Comparison) -> None:
    """At most so many pairs, and so many questions each way; the note has how many there are."""
    found = lost(comparison)
    tables = made(comparison, found)
    assert any(sum(pair.counts) > 2 * EACH for pair in found)
    assert PAIRS >= len(tables) > 1
    for pair, table in zip(found, tables, strict=False):
        assert len(table.rows) == sum(min(count, EACH) for count in pair.counts)
        assert f"n = {sum(pair.counts)} questions on which they differ" in table.note
        assert f"better on {pair.counts[0]}; second" in table.note
        assert ["first"] * min(pair.counts[0], EACH) == [row[-1] for row in table.rows][: min(pair.counts[0], EACH)]


def test_all_are_in_a_file(comparison: Comparison, tmp_path: Path) -> None:
    """A row each, with both answers and both runs."""
    write_tables(comparison, tmp_path)
    text = (tmp_path / "disagreements.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    expected = [(one.question, *one.runs, one.right) for one in disagreements(comparison)]
    keys = ("first_run", "second_run")
    assert [runs for _, *runs, _ in expected] == [[row[key] for key in keys] for row in rows]
    assert {row["right"] == row["first"] for row in rows} == {True, False}


def test_repeats_and_failures_are_told_apart(comparison: Comparison) -> None:
    """A run that failed has no answer, and says so."""
    found = lost(comparison)
    one = found[0].shown[0]
    failed = replace(one, other=replace(one.other, answer=None, failed=True))
    silent = replace(one, other=replace(one.other, answer=None))
    part = replace(one, one=replace(one.one, score=0.75), other=replace(one.other, score=0.5))
    table = made(comparison, [replace(found[0], shown=(failed, silent, part))])[0]
    assert ["(its run failed)", "(no answer)"] == [row[3] for row in table.rows[:2]]
    assert "first, 0.75 to 0.5" == table.rows[2][4]


def test_pages_are_of_lost_questions_first(comparison: Comparison, tmp_path: Path) -> None:
    """As many as were asked for; tables of the report lead there, and so does the page of the questions."""
    pages = pages_of(comparison, tmp_path)
    first = list(dict.fromkeys(run for one in shown(lost(comparison)) for run in one.runs))[:6]
    assert {run: f"pages/{run}.html" for run in first} == pages
    html, text = page(comparison, pages), document(comparison, pages)
    for run, address in pages.items():
        assert run in (tmp_path / address).read_text(encoding="utf-8")
        assert f'href="{address}"' in html
        assert f"]({address})" in text
    assert 'href="pages/index.html"' in html
    assert "](pages/index.html)" in text
    assert set(re.findall(r'href="(?!#)([^"]*)"', html)) == {*pages.values(), "pages/index.html"}


def test_the_page_of_the_questions(comparison: Comparison, tmp_path: Path) -> None:
    """Each question of a run with a page stands with its words, its gold answer and all answers, as text."""
    pages = pages_of(comparison, tmp_path, most=1)
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    row = next(row for row in comparison.rows if row.run in pages)
    assert f"1 of {sum(1 for _ in comparison.rows)} runs have a page" in index
    assert f"Right: {row.gold}" in index
    assert re.search(r"<p>What is (\d+)\+\1\?</p>", index)
    assert f'href="{row.run}.html"' in index
    assert index.count("<tr>") - 1 == len(comparison.standings)
    assert "<script" not in index
    assert set("\x1b\x07\u202e\u200f").isdisjoint(index)


def test_none_are_written_where_none_are_wanted_or_left(comparison: Comparison, tmp_path: Path) -> None:
    """No folder either; runs that the ledger has no more have none."""
    assert {} == pages_of(comparison, tmp_path, most=0)

    async def elsewhere() -> dict[str, str]:
        async with aclosing(await open_ledger(":memory:")) as ledger:
            return await write_pages(comparison, ledger, tmp_path)

    assert {} == anyio.run(elsewhere)
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_can_not_be_written_is_one_line(comparison: Comparison, tmp_path: Path) -> None:
    """A file in its way is named."""
    (tmp_path / "pages").write_text("in the way")
    with pytest.raises(InputError, match=r"pages.*can't be written"):
        pages_of(comparison, tmp_path)


def test_six_questions_without_a_difference_show_no_certainty(compared: Compared) -> None:
    """Two strategies that say the same have an interval from -39 to 39 points, and no lost questions."""
    one = {"use": "single", "name": "one"}
    found = compared(6, strategies=[one, {**one, "name": "two"}], baselines=[])
    pair = found.pairs[0]
    assert (0.0, 0.0) == (pair.difference.value, pair.difference.standard_error)
    for interval in (pair.difference.interval, pair.bootstrap.interval):
        assert (-0.3903, 0.3903) == pytest.approx((interval.low, interval.high), abs=1e-4)
    text = document(found, drawn=False)
    assert "-39.0, +39.0" in text
    assert "Wilson's of 0 of n may have missed" in text
    assert "Questions lost" not in text
    assert json.loads(json.dumps(found.to_dict()))["pairs"][0]["difference"]["interval"]["high"] > 0
