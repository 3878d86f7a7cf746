"""Everything that is ours beside the leanest that others have, in one run: `python tests/benchmarks/side_by_side.py`.

For each load (`peers/load.py`) every client runs in a process of its own, in turn, again and again, against one server that
counts what it is asked; figures are medians of ratios to bare aiohttp in the same round, so that whatever else the machine does
falls on all alike. Peers are used through their own interfaces, in an environment that is made for them.

Rows that have no peers are measured by scripts of their own (`GROUPS`), each a process too.

What was measured is kept in docs/benchmarks.json, row by row. The page docs/benchmarks.md, the picture and the table of README.md
are written from that: `--rows none` does only this.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from group import Group
from peer_environment import Peers
from readme_figures import written_into
from server import counted, serving
from side_by_side_page import machine, page
from side_by_side_picture import picture
from startup import inside

ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).parent / "peers"
KEPT = ROOT / "docs" / "benchmarks.json"
DELAYS = {"votes": 0.02, "debate": 0.05, "held": 2.0}
OURS = {
    "contemplate": (),
    "contemplate, ledger in memory": ("memory",),
    "contemplate, uvloop": ("uvloop",),
    "contemplate, gc seldom": ("gc",),
}
HEAVY = 120
"""Seconds that a client is given before it counts as one that can't do a load."""

LONG = 3600
"""Seconds that a script of a row without peers is given."""
GROUPS = {
    "latency": Group("latencies.py", sizes={"runs": 20}),
    "flight": Group("flight.py", sizes={"runs": 10_000, "in-flight": 3000}),
    "experiment": Group("experiment.py", sizes={"questions": 10_000}),
    "redecide": Group("sizes.py", sizes={"samples": 100_000, "rows": 10_000}, repeats=5),
    "ray": Group("ray_experiment.py", "--no-kill", sizes={"questions": 500}),
    "resume": Group("large_run.py", sizes={"seats": 100, "rounds": 100}, repeats=3),
    "growth": Group("growth.py", sizes={"times": 3}),
    "stopping": Group("stopping.py", sizes={"orders": 20}),
}
"""The rows without peers. Each size is an option, as `--flight-runs`."""

Row = dict[str, float | None]


def measured(command: list[str], url: str) -> Row | None:
    """What one client prints of a load, and what the server counted meanwhile; None if it can't do it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "CONTEMPLATE_LOG": ""}
    counted(url)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HEAVY, env=environment, cwd=CLIENTS)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        return None
    return {**json.loads(done.stdout.strip().splitlines()[-1]), **counted(url)}


def in_turn(load: str, clients: dict[str, list[str]], times: int) -> dict[str, list[Row]]:
    """All clients on a load, `times` rounds; those that can't do it are asked once only."""
    found: dict[str, list[Row]] = {name: [] for name in clients}
    failed: set[str] = set()
    with serving(DELAYS[load]) as url:
        for number in range(times):
            for name, command in clients.items():
                if name in failed:
                    continue
                began, row = time.perf_counter(), measured([*command, load, url], url)
                if row is None:
                    failed.add(name)
                    print(f"  {load}, {name}: can't do it", flush=True)
                    continue
                found[name].append(row)
                took = time.perf_counter() - began
                print(f"  {load} {number + 1}/{times}, {name}: {row['cpu']:.3f} ms a call ({took:.0f} s)", flush=True)
    return found


def ratios(found: dict[str, list[Row]], rounds: int) -> dict[str, Row]:
    """For each client the medians of what it took, and of its ratios to bare aiohttp in the same round."""
    bare, rows = found["bare aiohttp"], {}
    for name, each in found.items():
        if not each:
            continue
        pairs = list(zip(each, bare, strict=False))
        rows[name] = {field: median(one[field] or 0.0 for one in each) for field in each[0]}
        rows[name]["cpu_ratio"] = median((one["cpu"] or 0) / (other["cpu"] or 1) for one, other in pairs)
        rows[name]["wall_ratio"] = median((one["wall"] or 0) / (other["wall"] or 1) for one, other in pairs)
        rows[name]["path_ratio"] = median((one["each"] or 0) / (rounds * (other["alone"] or 1)) for one, other in pairs)
    return rows


def started(times: int) -> dict[str, Row]:
    """Seconds and memory of imports, in fresh processes, in turn."""
    cases = {"bare Python": "pass", "import contemplate": "import contemplate", "solve": "from contemplate import solve"}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(times + 1):
        for name, code in cases.items():
            found[name].append(inside(code))
    floor = median(memory for _, memory in found["bare Python"][1:])
    return {
        name: {"seconds": median(one for one, _ in rows[1:]), "memory": median(one for _, one in rows[1:]) - floor}
        for name, rows in found.items()
    }


BARE_SCRIPT = """
import asyncio, aiohttp, json, sys
async def main():
    async with aiohttp.ClientSession() as session:
        body = {"model": "a-model", "messages": [{"role": "user", "content": "What is 17 * 23? Answer: NUMBER"}]}
        async with session.post(sys.argv[1] + "/chat/completions", json=body) as response:
            print((await response.json())["choices"][0]["message"]["content"])
asyncio.run(main())
"""


def asked_once(times: int) -> dict[str, Row]:
    """One question on the command line, as a whole process, beside a script that posts one request with aiohttp."""
    found: dict[str, list[Row]] = {"bare aiohttp script": [], "contemplate ask": []}
    with serving(0.0) as url, tempfile.TemporaryDirectory() as folder:
        for number in range(times + 1):
            ask = [sys.executable, "-m", "contemplate", "ask", f"What is {number} + 17 * 23?", "--strategy", "single"]
            ask += ["--base-url", url, "--model", "a-model", "--ledger", f"{folder}/ledger.db"]
            for name, command in (("bare aiohttp script", [sys.executable, "-c", BARE_SCRIPT, url]), ("contemplate ask", ask)):
                found[name].append({**_whole(command), **counted(url)})
    bare = list(found["bare aiohttp script"][1:])
    rows: dict[str, Row] = {}
    for name, each in found.items():
        rows[name] = {field: median(one[field] or 0.0 for one in each[1:]) for field in each[0]}
        for field in ("wall", "cpu"):
            rows[name][f"{field}_ratio"] = median((o[field] or 0) / (b[field] or 1) for o, b in zip(each[1:], bare, strict=True))
    return rows


def _whole(command: list[str]) -> Row:
    """Seconds of wall-clock and of processor time of a process, from start to exit."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": wall, "cpu": cpu}


def typed() -> argparse.Namespace:
    """What the command line says; `rows` as a list."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=5, help="rounds of each load")
    usual = [*DELAYS, "startup", "ask", *GROUPS]
    parser.add_argument("--rows", default=",".join(usual), help=f"which rows are measured anew: none, or of {', '.join(usual)}")
    parser.add_argument("--peers", default="all", help="all, none, or a Python whose environment has them")
    parser.add_argument("--no-page", action="store_true", help="measure and print, and keep nothing")
    for name, group in GROUPS.items():
        for size, default in group.sizes.items():
            parser.add_argument(f"--{name}-{size}", type=int, default=default, help=f"default: {default:,}")
    given = parser.parse_args()
    given.rows = [] if given.rows == "none" else given.rows.split(",")
    if unknown := set(given.rows) - set(usual):
        parser.error(f"--rows: {', '.join(sorted(unknown))}: not among {', '.join(usual)}")
    return given


def main() -> None:
    """Measure what is asked for, keep it, and write the page."""
    given = typed()
    rows: list[str] = given.rows
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"rows": {}, "peers": {}, "times": {}, "loads": {}}
    found: dict[str, object] = {}

    def keep(name: str, figures: object, times: int) -> None:
        """Keep a row as soon as it is there."""
        found[name] = figures
        kept["rows"][name] = figures
        kept["times"][name] = times
        kept["loads"][name] = os.getloadavg()[0]
        kept["machine"] = machine()
        if not given.no_page:
            write(kept)

    with Peers.of(given.peers, needed=bool({"votes", "debate", "held"} & set(rows))) as peers:
        kept["peers"] |= peers.versions
        clients = {"bare aiohttp": [sys.executable, str(CLIENTS / "bare.py")]}
        for load in [row for row in rows if row in DELAYS]:
            ours = {name: [sys.executable, str(CLIENTS / "ours.py")] for name in OURS}
            commands = {**clients, **ours, **peers.commands(CLIENTS)}
            rounds = 3 if load == "debate" else 2 if load == "held" else 1
            keep(load, ratios(in_turn(load, _with_options(commands), given.times), rounds), given.times)
    if "startup" in rows:
        keep("startup", started(given.times), given.times)
    if "ask" in rows:
        keep("ask", asked_once(given.times), given.times)
    for name in [row for row in rows if row in GROUPS]:
        group = GROUPS[name]
        print(f"{name} ...", flush=True)
        sizes = {size: getattr(given, f"{name}_{size}".replace("-", "_")) for size in group.sizes}
        keep(name, group.measured(given.times, sizes, LONG), min(group.repeats, given.times))
    if given.no_page:
        print(json.dumps(found, indent=1))
    elif not found:
        write(kept)


def write(kept: dict[str, Any]) -> None:
    """Write what was measured, and all that is made of it."""
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (ROOT / "docs" / "benchmarks.md").write_text(page(kept), encoding="utf-8")
    (ROOT / "docs" / "benchmarks.svg").write_text(picture(kept["rows"]), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(written_into(readme.read_text(encoding="utf-8"), kept["rows"]), encoding="utf-8")


def _with_options(commands: dict[str, list[str]]) -> dict[str, list[str]]:
    """The commands as they take a load and an address; what is ours has options behind them."""
    return {
        name: ["sh", "-c", f'exec "$0" "$1" "$2" "$3" {" ".join(OURS.get(name, ()))}', *command]
        for name, command in commands.items()
    }


if __name__ == "__main__":
    main()
