"""The benchmarks reckon rightly, and what they write shows every row: by hand, without timing anything."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contemplate.trace import Trace
from contemplate.types import Turn
from experiment import rates
from group import Group, medians
from growth import exponent
from latencies import in_rounds, longest_path
from loopback import Loopback, Seen, most_within, varying
from readme_figures import BEGIN, END, written_into
from server import counted
from side_by_side import GROUPS
from side_by_side_page import page
from side_by_side_picture import picture
from side_by_side_rows import LINES
from stopping import drawn

ROOT = Path(__file__).parents[2]
KEPT: dict[str, Any] = json.loads((ROOT / "docs" / "benchmarks.json").read_text(encoding="utf-8"))

# What each row could be, so that the page can be written before all of it was measured.
MADE_UP: dict[str, dict[str, dict[str, Any]]] = {
    "latency": {"a ring": {"wall": 0.5, "ideal": 0.4, "ratio": 1.25, "bare": 1.01, "rounds": 1.1, "calls": 24}},
    "flight": {
        "contemplate": {
            "runs": 10_000,
            "in_flight": 3000,
            "wall": 90.0,
            "cpu": 1.5,
            "memory": 100.0,
            "held": 0.05,
            "connections": 3000,
            "burst": 100,
            "calls": 60_000,
            "open_files": 20_000,
        }
    },
    "experiment": {
        "20,000 runs": {"runs": 20_000, "seconds": 100.0, "rate": 200.0, "memory": 90.0},
        "whole": {"runs": 20_000, "calls": 60_000, "seconds": 110.0, "megabytes": 155.0, "memory": 91.0}
        | {"rate at 2,000": 200.0, "rate at 20,000": 160.0},
    },
    "redecide": {
        "redecide, a vote": {"samples": 100_000, "seconds": 4.0, "right": 97.0},
        "report": {"rows": 10_000, "seconds": 7.0, "statistics": 2.0, "files": 11},
    },
    "ray": {"ray": {"failed": "Ray is not installed (extra `ray`)"}},
    "resume": {
        "a run": {
            "turns": 10_001,
            "calls again": 100,
            "first call": 0.9,
            "replay": 2.0,
            "replayed a second": 5000.5,
            "page": 3.0,
            "first call, from the start of the process": 1.5,
            "read from the ledger": 1.0,
            "page, MB": 7.0,
            "turns of the page a second": 3333.0,
        }
    },
    "growth": {
        "a recipe, seats": {"calls": 1.0, "tokens": 1.9, "cpu": 1.2, "allowed": 2.05, "most": 64, "most calls": 128}
        | {"most seconds": 0.3},
        "another, rounds": {"calls": 1.0, "tokens": 1.0, "cpu": 1.5, "allowed": 1.15, "most": 32, "most calls": 96}
        | {"most seconds": 0.4},
    },
    "stopping": {
        "a record, 40 drawn, beta(0.95)": {"questions": 369, "fixed": 40, "samples": 11.0, "fewer": 72.5}
        | {"right, fixed": 72.1, "right": 72.0, "points": -0.1}
    },
}


def a_trace(*edges: tuple[str, str]) -> Trace:
    """A trace of turns a to e, in this order; a turn is one round later than what it saw."""
    trace = Trace()
    for name in "abcde":
        sees = [(source, "saw") for source, reader in edges if reader == name]
        depth = 1 + max((known.round for source, _ in sees if (known := trace.turn(source))), default=0)
        trace.lay_out(name, sees)  # type: ignore[arg-type]  # the words are a kind of edge
        trace.record(Turn(id=name, step="1.revise", verb="revise", round=depth), None)
    return trace


def test_the_ideal_is_the_longest_path() -> None:
    """One chain takes 1 + 5 + 1, the other one 4 + 1 + 1; waiting for each round takes 4 + 5 + 1."""
    trace = a_trace(("a", "c"), ("b", "d"), ("c", "e"), ("d", "e"))
    took = {"a": 1.0, "b": 4.0, "c": 5.0, "d": 1.0, "e": 1.0}

    assert 7.0 == longest_path(trace, took)
    assert 10.0 == in_rounds(trace, took)
    assert 4.0 == longest_path(a_trace(), {"a": 1.0, "b": 4.0})  # nobody saw anybody
    assert 0.0 == longest_path(Trace(), {})


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0, 3.0])
def test_exponents_of_what_is_known_to_grow(power: float) -> None:
    """The power of a power law, whatever stands before it; and linear with something that stays is below 1."""
    sizes = [4, 8, 16, 32]

    assert power == pytest.approx(exponent(sizes, [3 * size**power for size in sizes]))
    assert 0.0 == exponent(sizes, [0, 0, 0, 0])
    assert 0.5 < exponent(sizes, [10 + size for size in sizes]) < 1


def test_rates_are_those_of_the_last_tenth() -> None:
    """Ten runs a second for a hundred runs, and five a second after that."""
    times = [*(number / 10 for number in range(1, 101)), *(10 + number / 5 for number in range(1, 101))]

    assert {"rate at 100": 10.0, "rate at 200": 5.0} == {
        name: pytest.approx(rate) for name, rate in rates(times, [100, 200, 400]).items()
    }


def test_medians_are_taken_figure_by_figure() -> None:
    """Words stay as they were found first."""
    found = [{"ray": {"seconds": seconds, "rows": "identical"}} for seconds in (3.0, 1.0, 2.0)]

    assert {"ray": {"seconds": 2.0, "rows": "identical"}} == medians(found)


def test_a_row_that_fails_says_why_and_the_page_says_it_too(tmp_path: Path) -> None:
    """The last line of the error, without the folders of this machine; the other rows stay."""
    script = tmp_path / "broken.py"
    script.write_text(f"raise SystemExit('no such file: {tmp_path}/deep/data.jsonl')", encoding="utf-8")
    found = Group(str(script)).measured(5, {}, 60)
    (row,) = found.values()
    text = page({**KEPT, "rows": {"latency": found}, "times": {"latency": 1}})

    assert {"failed": "no such file: data.jsonl"} == row
    assert "| `--rows latency` | failed | | not measured | no such file: data.jsonl |" in text
    assert [{"failed": "not through after 0 s"}] == list(Group(str(script)).measured(1, {}, 0).values())


def test_samples_drawn_again_are_those_of_the_record() -> None:
    """As often as on record, the same for the same seed."""
    from contemplate.analysis.records import Votes

    votes = Votes("q", (0, 0, 0, 1, None), frozenset({0}))
    classes = drawn(votes, 5000, seed=1).classes

    assert classes == drawn(votes, 5000, seed=1).classes
    assert {0: 0.6, 1: 0.2, None: 0.2} == {
        answer: pytest.approx(count / 5000, abs=0.03) for answer, count in Counter(classes).items()
    }


def test_latencies_are_drawn_by_place() -> None:
    """Lognormal with the median and the sigma that are asked for; the same for the same seed and place."""

    def delays(seed: int) -> list[float]:
        say = varying("Answer: 42", 0.05, 0.8, seed)
        return [say(Seen(place, "POST", "/", {}, {})).delay or 0.0 for place in range(2000)]

    first = sorted(delays(1))
    logs = [math.log(delay) for delay in first]
    mean = sum(logs) / len(logs)

    assert delays(1) == delays(1) != delays(2)
    assert first[1000] == pytest.approx(0.05, rel=0.1)
    assert math.sqrt(sum((one - mean) ** 2 for one in logs) / len(logs)) == pytest.approx(0.8, rel=0.1)


async def test_the_server_tells_what_it_saw(loopback: Loopback) -> None:
    """Calls, how long each took, and connections; from the beginning again each time it is asked."""
    import aiohttp
    import anyio

    loopback.delay = 0.02
    body = {"model": "m", "messages": [{"role": "user", "content": "1 + 1?"}]}
    async with aiohttp.ClientSession() as session:

        async def post() -> None:
            async with session.post(f"{loopback.url}/chat/completions", json=body) as response:
                await response.read()

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(post)
        await post()
    seen = await anyio.to_thread.run_sync(lambda: counted(loopback.url, took=True))
    again = await anyio.to_thread.run_sync(lambda: counted(loopback.url))

    assert (4, 3, 3, 3) == tuple(seen[name] for name in ("calls", "peak", "opened", "burst"))
    assert seen["connections"] >= 3
    assert all(seconds >= 0.02 for seconds in seen["took"].values())
    assert len(seen["took"]) == 4
    assert (0, 0) == (again["calls"], again["opened"])


def test_the_most_within_a_time() -> None:
    """Neighbours count, however far apart the others are."""
    assert 3 == most_within(0.1, [0.0, 0.5, 0.55, 0.6, 1.0])
    assert 0 == most_within(0.1, [])


def test_the_page_shows_every_row_beside_its_target() -> None:
    """All rows of the second table, met or not, and why not; nothing of it hangs on this machine."""
    kept = {**KEPT, "rows": {**KEPT["rows"], **MADE_UP}, "times": {**KEPT["times"], **dict.fromkeys(MADE_UP, 1)}}
    text = page(kept)
    rows = [line.split(" | ") for line in text.partition("## Further rows")[2].partition("###")[0].splitlines() if " | " in line]
    found = {row[0].removeprefix("| "): row[3] for row in rows[1:]}

    assert set(LINES) == set(GROUPS) == set(MADE_UP)
    assert 15 == len(found)
    assert {"met", "not met", "not measured"} == set(found.values())
    assert all(row[4].strip(" |") for row in rows[1:] if row[3] != "met")
    assert "not met" == found["growth with seats, rounds, turns: no step grows faster than calls or tokens"]
    assert text == page(json.loads(json.dumps(kept)))


def test_the_page_and_the_readme_are_what_was_measured() -> None:
    """Nobody wrote figures into them by hand; a row that was not measured says so."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert page(KEPT) == (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert written_into(readme, KEPT["rows"]) == readme
    with pytest.raises(ValueError, match="benchmarks: begin"):
        written_into("no marks here", KEPT["rows"])
    assert f"{BEGIN}\n\n| | contemplate |" in readme
    assert END in readme


def test_no_path_of_a_machine_is_kept() -> None:
    """Figures are for everybody."""
    text = (ROOT / "docs" / "benchmarks.json").read_text(encoding="utf-8")

    assert not [part for part in ("/tmp", "/home", "/root", "/work", "\\\\Users") if part in text]


def test_the_picture_is_the_same_for_the_same_figures() -> None:
    """In this process and in another one, and as it is kept; no letter is text, so that no font is asked for."""
    code = "import json, sys; from side_by_side_picture import picture; print(picture(json.load(sys.stdin)), end='')"
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": f"{ROOT}:{ROOT}/tests/benchmarks", "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        command, input=json.dumps(KEPT["rows"]), capture_output=True, text=True, check=True, env=environment
    ).stdout
    text = picture(KEPT["rows"])

    assert text == other
    assert "<text" not in text
    assert "font-family" not in text
    assert "currentColor" not in text
    assert text.count("<path") == (ROOT / "docs" / "benchmarks.svg").read_text(encoding="utf-8").count("<path")
