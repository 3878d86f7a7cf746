"""Two runs side by side, on the page of one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contemplate.analysis.run_difference import RunDifference, side_by_side
from contemplate.text.visible import clipped
from contemplate.trace.difference import Difference
from contemplate.trace.words import brief, spent
from contemplate.types import Turn
from contemplate.viewer.model import BesideView, TurnBeside
from contemplate.viewer.reading import Reading
from contemplate.viewer.stored import StoredRun
from contemplate.viewer.texts import BRIEF, Texts

MOST_TURNS = 400
"""How many turns that differ are shown."""
_CELL = 400
"""How long a setting is shown, in characters."""


@dataclass(frozen=True)
class Beside:
    """Another run, and how that of the page differs from it."""

    run: StoredRun
    found: RunDifference


def beside_view(reading: Reading, beside: Beside, texts: Texts) -> BesideView:
    """The other run beside that of the page.

    Args:
        reading: of the run of the page.
        beside: the other one; in its `found`, "this" is the run of the page.
        texts: of the page; gets the replies of the other run.
    """
    found = beside.found
    shown = found.differences[:MOST_TURNS]
    rows = [*side_by_side(found), ("used", spent(found.this.usage), spent(found.other.usage))]
    theirs = {turn.id: turn for turn, _ in beside.run.turns}
    return BesideView(
        run=clipped(found.other.run, 120),
        sides=tuple((name, _cell(this), _cell(other)) for name, this, other in rows),
        settings=tuple((clipped(name, 200), _cell(this), _cell(other)) for name, (this, other) in found.settings.items()),
        turns=tuple(_turns(reading, theirs, shown, texts)),
        more=len(found.differences) - len(shown),
    )


def _turns(reading: Reading, theirs: dict[str, Turn], shown: tuple[Difference, ...], texts: Texts) -> Iterator[TurnBeside]:
    for difference in shown:
        number = reading.numbers.get(difference.turn)
        this, other = None if number is None else reading.turns[number], theirs.get(difference.turn)
        said = this or other
        yield TurnBeside(
            id=clipped(difference.turn, 300),
            seat=clipped(said.seat if said else "", 60),
            turn=number,
            fields=difference.fields,
            this=None if this is None else brief(this, BRIEF),
            other=None if other is None else brief(other, BRIEF),
            texts=(_text(this, texts), _text(other, texts)),
        )


def _text(turn: Turn | None, texts: Texts) -> int | None:
    return None if turn is None or turn.text is None else texts.add(turn.text)


def _cell(value: object) -> str:
    return "–" if value in {None, ""} else clipped(str(value), _CELL)
