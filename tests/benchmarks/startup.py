"""Start-up: seconds and memory of importing contemplate, and of its `--help`, each in a fresh process.

python tests/benchmarks/startup.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from statistics import median

MEASURED = """
import sys, time
began = time.perf_counter()
{code}
taken = time.perf_counter() - began
try:
    peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 2**10
except OSError:  # not Linux; here the figure may hold the parent's, which is small
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(taken, peak)
"""
CASES = {
    "bare Python": "pass",
    "import contemplate": "import contemplate",
    "from contemplate import solve": "from contemplate import solve",
}
HELP = [sys.executable, "-m", "contemplate", "--help"]


def inside(code: str) -> tuple[float, float]:
    """Seconds that `code` takes in a fresh process, and the most MB that the process ever had."""
    done = subprocess.run([sys.executable, "-c", MEASURED.format(code=code)], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def whole(command: list[str]) -> float:
    """Seconds that a command takes, from start to exit."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=11, help="processes for each figure")
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
    helps, bares = [], []
    for _ in range(given.times + 1):  # in turn, so that a busy machine is busy for all; the first ones warm the disk up
        for name, code in CASES.items():
            found[name].append(inside(code))
        helps.append(whole(HELP))
        bares.append(whole([sys.executable, "-c", "pass"]))
    floor = median(megabytes for _, megabytes in found["bare Python"][1:])
    print(f"medians of {given.times}; Python {sys.version.split()[0]}\n")
    for name, rows in found.items():
        seconds, megabytes = (median(column) for column in zip(*rows[1:], strict=True))
        print(f"{name:32} {seconds:.3f} s  {megabytes - floor:5.1f} MB over bare Python")
    print(f"{'contemplate --help':32} {median(helps[1:]):.3f} s, of which bare Python {median(bares[1:]):.3f} s")
    print("targets: import contemplate 0.25 s and 40 MB; contemplate --help 0.4 s")


if __name__ == "__main__":
    main()
