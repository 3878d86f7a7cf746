"""Where a report finds the pages of runs, and the one of their questions."""

from __future__ import annotations

from collections.abc import Mapping

from contemplate.experiments.report.contents import Section
from contemplate.experiments.report.table import Table

FOLDER = "pages"
"""Where pages of runs are, beside the report."""
INDEX = "index.html"
"""The page of the questions."""

_INDEX = "/index"
"""Stands for the page of the questions among runs; no run is called so."""


def behind(pages: Mapping[str, str]) -> tuple[Section, ...]:
    """The part of a report that leads to the page of the questions; none where no run has a page."""
    if not pages:
        return ()
    rows = (("Questions, and what each strategy answered",),)
    note = f"n = {len(pages):,} runs with a page each; answers in the tables above lead there, too"
    table = Table("Pages", ("page",), rows, note, 1, ((_INDEX,),))
    return (Section("runs", "The questions and the runs", tables=(table,)),)


def with_index(pages: Mapping[str, str]) -> Mapping[str, str]:
    """The addresses of runs, and that of the page of the questions."""
    return {**pages, _INDEX: f"{FOLDER}/{INDEX}"}
