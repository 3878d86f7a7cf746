"""The report of an experiment: on a terminal, as one HTML file, and as Markdown with figures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from contemplate.errors import InputError
from contemplate.experiments.comparison import Comparison, write_records
from contemplate.experiments.disagreements import COLUMNS, disagreements
from contemplate.experiments.report.canvas import need, png
from contemplate.experiments.report.contents import sections
from contemplate.experiments.report.html import page, page_of
from contemplate.experiments.report.lost import FILE
from contemplate.experiments.report.markdown import FOLDER, document
from contemplate.experiments.report.pages import write_pages
from contemplate.experiments.report.terminal import terminal
from contemplate.files import make_private_folder, write_private

__all__ = ["document", "page", "terminal", "write_pages", "write_report", "write_tables"]


def write_report(comparison: Comparison, folder: Path | str, pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write the report of a comparison, over one that is there.

    Args:
        comparison: what an experiment found.
        folder: gets report.html, report.md, figures/*.png, rows.csv, disagreements.csv where there are pairs, judgements.csv
            where a judge compared answers, and, where polars is installed, rows.parquet.
        pages: the addresses of the pages of runs (`write_pages`), by run: tables lead there.

    Returns:
        The files that were written.

    Raises:
        InputError: matplotlib is not installed, and nothing was written; or a file can't be written.
    """
    need()
    return _all(_written(comparison, Path(folder), pages or {}), folder)


def write_tables(comparison: Comparison, folder: Path | str, pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write what of a report needs no figures, over what is there.

    Args:
        comparison: what an experiment found.
        folder: gets tables.md, rows.csv, disagreements.csv where there are pairs, judgements.csv where a judge compared
            answers, and, where polars is installed, rows.parquet.
        pages: the addresses of the pages of runs (`write_pages`), by run: tables lead there.

    Returns:
        The files that were written.

    Raises:
        InputError: a file can't be written.
    """
    return _all(_tables(comparison, Path(folder), pages or {}), folder)


def _all(written: Iterator[Path], folder: Path | str) -> list[Path]:
    try:
        return list(written)
    except OSError as error:
        raise InputError(f"{error.filename or folder}: can't be written ({error.strerror or error})") from None


def _tables(comparison: Comparison, folder: Path, pages: Mapping[str, str]) -> Iterator[Path]:
    make_private_folder(folder)
    write_private(folder / "tables.md", document(comparison, pages, drawn=False))
    yield folder / "tables.md"
    yield from _rows(comparison, folder)


def _written(comparison: Comparison, folder: Path, pages: Mapping[str, str]) -> Iterator[Path]:
    make_private_folder(folder / FOLDER)
    parts = sections(comparison)
    for name, text in (("report.html", page_of(comparison, parts, pages)), ("report.md", document(comparison, pages))):
        write_private(folder / name, text)
        yield folder / name
    for drawing in (one for part in parts for one in part.drawings):
        path = folder / FOLDER / f"{drawing.key}.png"
        write_private(path, png(drawing))
        yield path
    yield from _rows(comparison, folder)


def _rows(comparison: Comparison, folder: Path) -> Iterator[Path]:
    comparison.write_csv(folder / "rows.csv")
    yield folder / "rows.csv"
    if comparison.pairs:
        write_records(folder / FILE, COLUMNS, (one.record() for one in disagreements(comparison)))
        yield folder / FILE
    if comparison.pairwise is not None:
        comparison.write_judgements(folder / "judgements.csv")
        yield folder / "judgements.csv"
    if find_spec("polars"):
        comparison.write_parquet(folder / "rows.parquet")
        yield folder / "rows.parquet"
