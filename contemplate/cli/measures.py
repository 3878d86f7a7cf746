"""The measures of a run, in words."""

from __future__ import annotations

from collections.abc import Iterator

from contemplate.analysis.measures import Change, Measures
from contemplate.cli.columns import aligned
from contemplate.cli.page import Page
from contemplate.text import one_line

_WIDTH = 40


def put_measures(page: Page, found: Measures) -> None:
    """Print what was measured of a run."""
    page.put("\n=== measures", "bold cyan")
    page.put("\n".join(aligned([(name, one_line(value, 200)) for name, value in _lines(found)])))


def _lines(found: Measures) -> Iterator[tuple[str, str]]:
    for one in found.rounds:
        name = f"round {one.step}" + (f"/{one.number}" if one.number else "")
        yield name, f"{one.answered} of {one.seats} answered, agreement {_share(one.agreement)}, entropy {_bits(one.entropy)}"
    yield "independence", f"{_share(found.independence)} of first answers saw nobody and are no copies"
    if found.diversity is not None:
        yield "diversity", f"of first answers {_share(found.diversity.answers)}, of their words {_share(found.diversity.wording)}"
    for change in found.flips:
        yield "flip", _flip(change)
    for one_moves in found.persuasion:
        yield "persuasion", f"{one_moves.source} moved {one_moves.reader} {one_moves.moved} of {one_moves.read} times"
    if found.uptake.faulted:
        taken = f"{found.uptake.taken} of {found.uptake.read} that were read"
        yield "critiques", f"{found.uptake.faulted} found fault, taken up: {taken}"
    for flag in found.flags:
        yield flag.kind, f"{flag.turn + ': ' if flag.turn else ''}{flag.why}"


def _flip(change: Change) -> str:
    words = {True: " (right)", False: " (wrong)", None: ""}
    was = f"{one_line(change.gave_up, _WIDTH)}{words[change.was_right]}"
    now = f"{one_line(change.took, _WIDTH)}{words[change.is_right]}"
    return f"{change.after}: {was} -> {now}, after reading {', '.join(change.read) or 'nobody'}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _bits(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} bits"
