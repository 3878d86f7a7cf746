"""Ten thousand contemplations at once: whether all finish, memory for each, holds of the loop, how connections are opened.

    python tests/benchmarks/flight.py --runs 10000

The load "held" of `peers/load.py` (3 agents, 2 rounds, 2 s a reply), all begun at once, with so many requests in flight as
there may be; by contemplate with its ledger in a file, and by bare aiohttp. Each client is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))

from loopback import raise_open_files  # noqa: E402 - it stands beside the tests
from printed import Rows, last_words, tell  # noqa: E402
from server import counted, serving  # noqa: E402

CLIENTS = Path(__file__).parent / "peers"
CALLS = 6
"""Of each contemplation."""
SPARE = 200
"""Files and connections that are left to everything but requests."""
DELAY = 2.0
NAMES = {"bare aiohttp": "bare.py", "contemplate": "ours.py"}


def client(script: str, load: str, url: str, seconds: float) -> dict[str, float | str]:
    """What one client prints of a load, and what the server counted meanwhile; why, if it does not come to its end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONTEMPLATE_LOG": ""}
    counted(url)
    command = [sys.executable, str(CLIENTS / script), load, url]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds, env=environment, cwd=CLIENTS)
    except subprocess.TimeoutExpired:
        return {"failed": f"not through after {seconds:.0f} s", **counted(url)}
    if done.returncode != 0:
        return {"failed": last_words(done.stderr), **counted(url)}
    return {**json.loads(done.stdout.strip().splitlines()[-1]), **counted(url)}


def measured(runs: int, in_flight: int, seconds: float) -> Rows:
    """Both clients; with fewer requests in flight where this machine does not allow so many connections."""
    before, allowed = raise_open_files()
    in_flight = min(in_flight, allowed - SPARE)
    rows: Rows = {}
    with serving(DELAY) as url:
        for name, script in NAMES.items():
            found = client(script, f"held:runs={runs},in_flight={in_flight}", url, seconds)
            rows[name] = {**found, "runs": runs, "in_flight": in_flight, "open_files": allowed, "open_files_before": before}
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="contemplations, all begun at once")
    parser.add_argument("--in-flight", type=int, default=3000, help="requests in flight at most")
    parser.add_argument("--seconds", type=float, default=900, help="that each client is given")
    tell(parser, lambda given: measured(given.runs, given.in_flight, given.seconds))
