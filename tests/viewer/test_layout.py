"""Places: whatever the run, no turn lies over another, and who waited for whom is right."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contemplate.ledger.base import StoredCall, StoredTurn
from contemplate.trace import Clock
from contemplate.types import CallRef, Tokens, Turn
from contemplate.viewer.layout import HIGH, NODE, critical_path, lay_out
from contemplate.viewer.stored import worked_out


@st.composite
def runs(draw: st.DrawFn) -> list[StoredTurn]:
    """Turns of several seats in several rounds, each of which saw some earlier ones."""
    shapes = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(0, 5)), max_size=40))
    turns: list[StoredTurn] = []
    for number, (step, again, seat) in enumerate(shapes):
        earlier = draw(st.sets(st.sampled_from([turn.id for turn, _ in turns]), max_size=3)) if turns else set()
        name = f"seat-{seat}" if seat else ""
        turn = Turn(id=f"t{number}", step=f"{step}.say", verb="say", round=again, seat=name, calls=(CallRef(key=f"k{number}"),))
        turns.append((turn, tuple((other, "saw") for other in sorted(earlier))))
    return turns


def timed(turns: list[StoredTurn], took: list[float]) -> dict[str, Clock]:
    """Clocks of turns that each took so long from when all that they saw was there."""
    clocks: dict[str, Clock] = {}
    for (turn, sees), seconds in zip(turns, took, strict=False):
        started = max((clocks[other].ended for other, _ in sees if other in clocks), default=0.0)
        clocks[turn.id] = Clock(started=started, ended=started + seconds)
    return clocks


@given(runs())
def test_no_turn_lies_over_another(turns: list[StoredTurn]) -> None:
    """Each stands in its column and its row, within the whole, apart from all others."""
    layout = lay_out(turns, {})
    for (column, row), (x, y) in zip(layout.cells, layout.places, strict=True):
        assert layout.columns[column].x <= x <= layout.columns[column].x + layout.columns[column].width - NODE
        assert layout.rows[row].y <= y <= layout.rows[row].y + layout.rows[row].height - HIGH
        assert x + NODE < layout.size[0]
        assert y + HIGH < layout.size[1]
    places = layout.places
    apart = [abs(x - u) >= NODE or abs(y - v) >= HIGH for n, (x, y) in enumerate(places) for u, v in places[:n]]
    assert all(apart)
    assert all(one.x + one.width < other.x for one, other in pairwise(layout.columns))
    assert all(one.y + one.height < other.y for one, other in pairwise(layout.rows))


@given(runs(), st.lists(st.floats(0, 5), min_size=40, max_size=40))
def test_lanes_and_the_critical_path(turns: list[StoredTurn], took: list[float]) -> None:
    """Two turns of one lane don't overlap; the path leads along what was seen, from the start to the end of the run."""
    clocks = timed(turns, took)
    layout = lay_out(turns, clocks)
    lanes: dict[tuple[int, int], list[Clock]] = {}
    for (turn, _), (_, row), lane in zip(turns, layout.cells, layout.lanes, strict=True):
        assert lane < layout.rows[row].lanes
        lanes.setdefault((row, lane), []).append(clocks[turn.id])
    for held in lanes.values():
        ordered = sorted(held, key=lambda clock: (clock.started, clock.ended))
        assert all(one.ended <= other.started for one, other in pairwise(ordered))
    path = critical_path(turns, clocks)
    saw = {turn.id: {other for other, _ in sees} for turn, sees in turns}
    assert all(one in saw[other] for one, other in pairwise(path))
    if path:
        assert clocks[path[0]].started == 0
        assert clocks[path[-1]].ended == max(clock.ended for clock in clocks.values())


def test_times_from_what_was_stored() -> None:
    """A turn ends when its reply was stored; one whose reply was there before took no time."""
    first, second, third = (Turn(id=name, step="1.say", verb="say", seat="seat-1", calls=(CallRef(key=name),)) for name in "abc")
    turns: list[StoredTurn] = [(first, ()), (second, (("a", "saw"),)), (third, (("b", "saw"),))]
    calls = [
        StoredCall(turn="a", key="a", state="stored", tokens=Tokens(), usd=0.5, stored=103.0),
        StoredCall(turn="c", key="c", state="free", tokens=Tokens(), usd=0.0, stored=None),
        StoredCall(turn="c", key="c", state="stored", tokens=Tokens(), usd=None, stored=107.0),
    ]

    assert worked_out(turns, calls, 100.0) == {
        "a": Clock(started=0, ended=3),
        "b": Clock(started=3, ended=3, cached=True),
        "c": Clock(started=3, ended=7),
    }
