"""Who checks an answer: the order of critics, by hand and against a search that looks at everybody each time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from contemplate.run import PendingTurn
from contemplate.steps.base import Panel
from contemplate.steps.critique import outside
from contemplate.types import Turn


def panel(seats: int) -> Panel:
    """A panel of so many seats, each with a position."""
    turns = [Turn(id=f"1.propose/seat-{n}", step="1.propose", verb="propose", seat=f"seat-{n}") for n in range(1, seats + 1)]
    return Panel(positions=tuple(map(PendingTurn, turns)))


def searched(held: set[int], seats: int, models: Sequence[str]) -> list[int]:
    """The same order, each critic found among all that are left."""
    author, used, ranked = min(held), Counter[str](), []
    left = [(author - 1 + step) % seats + 1 for step in range(1, seats)] or [author]
    rest = list(left)

    def model(seat: int) -> str:
        return models[(seat - 1) % len(models)]

    while rest:
        best = min(rest, key=lambda o: (used[model(o)], o in held, model(o) == model(author), left.index(o)))
        used[model(best)] += 1
        rest.remove(best)
        ranked.append(best)
    return ranked


@given(seats=st.integers(1, 9), models=st.integers(1, 4), data=st.data())
def test_critics_stand_in_the_order_that_is_told(seats: int, models: int, data: st.DataObject) -> None:
    """New models first, then who holds another answer, then other models than the author's, then the nearest."""
    held = data.draw(st.sets(st.integers(1, seats), min_size=1))
    names = [f"m{number}" for number in range(models)]
    asked = panel(seats)

    assert searched(held, seats, names) == outside([asked.positions[seat - 1] for seat in sorted(held)], asked, names)


def test_many_seats_are_no_trouble() -> None:
    """Two thousand seats are ranked at once; looking at all that are left for each would take minutes."""
    asked = panel(2000)
    began = time.process_time()

    assert 1999 == len(outside(asked.positions[:1], asked, ["m"]))
    assert time.process_time() - began < 5
