"""The rows of docs/benchmarks.md that have no peers: each beside its target, and below the figures that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Rows = Mapping[str, Mapping[str, Any]]

FLAT = 0.9
"""Of the rate at the smallest size, what the slowest one must be, to count as flat."""
BACKLOG = 128
"""Connections opened within a tenth of a second: as many as a usual server lets wait until it accepts them."""
WHY = {
    "latency": "our processor time between a reply and the next request (see a debate, above); bare aiohttp is the floor",
    "memory": "a run keeps its values, tasks and scopes while it waits; all are begun at once",
    "held": "Python's garbage collector, whose full passes look at all that so many runs keep alive",
    "connections": "a connection is opened when a request wants one; nothing paces that",
    "rate": "our processor time for a run: its turns, its row, and what the ledger writes",
    "flat": "the ledger grows to 850 MB, and with it what each of its writes takes; which part of that was not measured",
    "redecide": "every text is read anew, which takes nearly all of it",
    "report": "figures take most of it, and the bootstrap of the statistics",
    "ray": "to start Ray and its workers takes most of it; after that the cores are shared with them",
    "resume": "what is on record is gone through turn by turn, with prompts and keys, before the first new call",
    "replay": "every prompt is laid out anew and every reply read anew, to compare them with what is on record",
    "page": "each turn becomes values of the page, which are checked, and its prompt is read from the ledger",
    "growth": "see the table below",
    "stopping": "see the table below",
}


@dataclass(frozen=True)
class Line:
    """One row beside its target; `met` is None where it could not be measured, and `why` says why not."""

    what: str
    figure: str
    target: str
    met: bool | None
    why: str = ""


def _line(what: str, row: Mapping[str, Any], field: str, target: str, *, met: bool, why: str, form: str = "{:,.2f}") -> Line:
    return Line(what, form.format(row[field]), target, met, "" if met else WHY[why])


def _latency(rows: Rows) -> Iterator[Line]:
    for name, row in rows.items():
        what = f"latencies that vary, {name}: wall / ideal"
        yield _line(what, row, "ratio", "1.05", met=row["ratio"] <= 1.05, why="latency", form="{:.3f}")


def _flight(rows: Rows) -> Iterator[Line]:
    row = rows["contemplate"]
    what = f"{row['runs']:,} contemplations at once"
    if "failed" in row:
        yield Line(f"{what}: all finish", f"no: {row['failed']}", "all", met=False, why="see the table below")
        return
    yield Line(f"{what}: all finish", f"all {row['runs']:,}, in {row['wall']:,.0f} s", "all", met=True)
    yield _line(f"{what}: memory for each, kB", row, "memory", "60", met=row["memory"] <= 60, why="memory", form="{:.0f}")
    yield _line(f"{what}: longest hold of the loop, s", row, "held", "0.1", met=row["held"] <= 0.1, why="held")
    opened = f"{row['connections']:,} open at most, {row['burst']:,} opened within 0.1 s"
    met = row["burst"] <= BACKLOG
    why = "" if met else WHY["connections"]
    yield Line(f"{what}: connections opened gradually", opened, f"{BACKLOG} within 0.1 s", met, why)


def _rates(row: Mapping[str, Any]) -> dict[str, float]:
    """The rates along the way, by how many runs were done."""
    return {name.removeprefix("rate at "): row[name] for name in row if name.startswith("rate at ")}


def _experiment(rows: Rows) -> Iterator[Line]:
    whole = rows["whole"]
    found = _rates(whole)
    (first, *_), (*_, last) = found.values(), found.values()
    what = f"experiments, {whole['runs']:,} runs in one process"
    met = min(found.values()) >= 150
    yield Line(f"{what}: slowest runs a second", f"{min(found.values()):.0f}", "150", met, "" if met else WHY["rate"])
    met = min(found.values()) >= FLAT * first
    said = f"{first:.0f} at {next(iter(found))} runs, {last:.0f} at {whole['runs']:,}"
    yield Line(f"{what}: flat", said, f"{FLAT:.0%} of the first, up to 100,000", met, "" if met else WHY["flat"])


def _redecide(rows: Rows) -> Iterator[Line]:
    for name, row in rows.items():
        if name == "report":
            what, most = f"report of {row['rows']:,} rows, s", 5
        else:
            what, most = f"{name}, {row['samples']:,} recorded samples, s", 10
        met = row["seconds"] <= most
        yield _line(what, row, "seconds", str(most), met=met, why="report" if name == "report" else "redecide", form="{:.1f}")


def _ray(rows: Rows) -> Iterator[Line]:
    row = rows["ray"]
    what = f"Ray, two workers, {row['runs']:,} runs: wall, x local" if "runs" in row else "Ray, two workers: wall, x local"
    if "failed" in row:
        yield Line(what, "not measured", "1.2", None, row["failed"])
    else:
        yield _line(what, row, "x local", "1.2", met=row["x local"] <= 1.2, why="ray")


def _resume(rows: Rows) -> Iterator[Line]:
    row = rows["a run"]
    what = f"a run of {row['turns']:,.0f} turns"
    met = row["first call"] <= 1
    yield _line(f"{what}, resumed: s until the first call", row, "first call", "1", met=met, why="resume")
    for name, field, why in (
        ("replayed", "replayed a second", "replay"),
        ("trace page", "turns of the page a second", "page"),
    ):
        yield _line(f"{what}, {name}: turns a second", row, field, "5,000", met=row[field] >= 5000, why=why, form="{:,.0f}")


def grows_faster(row: Mapping[str, Any]) -> bool:
    """Whether processor time grows faster than calls and tokens do, by more than a measurement errs."""
    return bool(row["cpu"] > row["allowed"])


def _growth(rows: Rows) -> Iterator[Line]:
    known = {name: row for name, row in rows.items() if "failed" not in row}
    faster = [name for name, row in known.items() if grows_faster(row)]
    said = f"{len(known) - len(faster)} of {len(known)}"
    why = f"faster: {'; '.join(faster)}" if faster else ""
    yield Line("growth with seats, rounds, turns: no step grows faster than calls or tokens", said, "all", not faster, why)


def _stopping(rows: Rows) -> Iterator[Line]:
    what = "stopping early against 40 samples, recorded replies"
    drawn = [row for name, row in rows.items() if "failed" not in row and row["fixed"] == 40]
    if not drawn:
        yield Line(what, "not measured", "60 % fewer within 0.3 points", None, "the recorded replies were not there")
        return
    fewer, points = min(row["fewer"] for row in drawn), min(row["points"] for row in drawn)
    met = fewer >= 60 and points >= -0.3
    said = f"{fewer:.1f} % fewer at least, {points:+.2f} points at worst"
    yield Line(what, said, "60 % fewer within 0.3 points", met, "" if met else WHY["stopping"])


LINES: dict[str, Callable[[Rows], Iterator[Line]]] = {
    "latency": _latency,
    "flight": _flight,
    "experiment": _experiment,
    "redecide": _redecide,
    "ray": _ray,
    "resume": _resume,
    "growth": _growth,
    "stopping": _stopping,
}
_MET = {True: "met", False: "not met", None: "not measured"}


def beside_targets(rows: Mapping[str, Rows]) -> Iterator[str]:
    """The table of all that was measured, and what was not yet."""
    yield "## Further rows, each beside its target\n"
    yield "| what | measured | target | | why not |\n|---|---|---|---|---|"
    for name, lines in LINES.items():
        if name not in rows:
            yield f"| `--rows {name}` | not measured yet | | | |"
        elif any(set(row) == {"failed"} for row in rows[name].values()) and name not in {"ray", "stopping", "growth"}:
            why = next(row["failed"] for row in rows[name].values() if set(row) == {"failed"})
            yield f"| `--rows {name}` | failed | | not measured | {why} |"
        else:
            for one in lines(rows[name]):
                yield f"| {one.what} | {one.figure} | {one.target} | {_MET[one.met]} | {one.why} |"
