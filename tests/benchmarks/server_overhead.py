"""What `contemplate serve` adds to a run: processor time a request at 64 streams, and the time to the first byte.

The same runs, with the same questions on ledgers of their own, are done twice in this process: by the orchestrator alone, 64 at
once, and by clients of a server that is in this process, too, while its clients and the model's server are in others. What the
second takes more, in processor time of this process, is the server's. Both are measured in turn; figures are medians. Clients
write to plain sockets, so that they take little time themselves; a first byte is counted from before its connection.

    python tests/benchmarks/server_overhead.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from contemplate import Limits, Orchestrator, Settings
from contemplate.server.serving import Serving, serve
from contemplate.server.settings import ServerSettings
from server import serving

STREAMS = 64
SETTINGS = Settings(limits={"default": Limits(concurrency=1024)})
STRATEGY, SEATS = "self-consistency", 5

CLIENT = """
import asyncio, json, sys, time
from urllib.parse import urlsplit

async def one(at, head, body):
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=2**20)
    writer.write(head % len(body) + body)
    said = await reader.readuntil(b"\\r\\n\\r\\n") + await reader.read(1)
    first = time.perf_counter() - began
    assert said.startswith(b"HTTP/1.1 200 "), said
    while await reader.read(2**16):
        pass
    writer.close()
    return first, time.perf_counter() - began

async def main(url, streams, rounds, apart, offset):
    at = urlsplit(url)
    head = f"POST {at.path} HTTP/1.1\\r\\nHost: {at.netloc}\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\n"
    head = head.encode() + b"Content-Length: %d\\r\\n\\r\\n"

    async def body_after(number, wait):
        extra = {"answer": "number", "seats": SEATS}
        said = [{"role": "user", "content": f"What is {number} + {number}?"}]
        body = json.dumps({"model": STRATEGY, "stream": True, "messages": said, "contemplate": extra}).encode()
        await asyncio.sleep(wait)
        return await one(at, head, body)

    found = []
    for round_ in range(rounds):
        numbers = range(offset + round_ * streams, offset + (round_ + 1) * streams)
        found += await asyncio.gather(*(body_after(n, place * apart) for place, n in enumerate(numbers)))
    print(json.dumps(found))

STRATEGY, SEATS = sys.argv[6], int(sys.argv[7])
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
"""


@dataclass
class Spent:
    """Milliseconds of processor time of this process for each run, and the seconds to the first bytes of its streams."""

    cpu: float
    first: Sequence[float] = ()


async def alone(url: str, ledger: Path, rounds: int, *, deltas: bool) -> Spent:
    """The runs by the orchestrator, as many at once as there are streams."""
    async with Orchestrator(["a-model"], base_url=url, ledger=ledger, settings=SETTINGS) as orchestrator:
        options: dict[str, Any] = {
            "answer": "number",
            "parameters": {"seats": SEATS},
            "on_event": lambda _: None,
            "deltas": deltas,
        }
        await orchestrator.solve("Warm up: 1 + 1?", STRATEGY, **options)
        began = time.process_time()
        for round_ in range(rounds):
            async with anyio.create_task_group() as tasks:
                for number in range(round_ * STREAMS, (round_ + 1) * STREAMS):

                    async def solve(number: int = number) -> None:
                        await orchestrator.solve(f"What is {number} + {number}?", STRATEGY, **options)

                    tasks.start_soon(solve)
        return Spent(1000 * (time.process_time() - began) / (rounds * STREAMS))


async def served(url: str, ledger: Path, rounds: int, apart: float) -> Spent:
    """The runs by clients of a server; each begins `apart` seconds after the one before."""
    found: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()
    orchestrator = Orchestrator(["a-model"], base_url=url, ledger=ledger, settings=SETTINGS)
    task = asyncio.create_task(serve(orchestrator, ServerSettings(port=0), found.set_result))
    server = await found
    address = f"{server.url}/v1/chat/completions"
    await _clients(address, 1, 1, 0, 10**6)
    began = time.process_time()
    rows = await _clients(address, STREAMS, rounds, apart, 0)
    spent = Spent(1000 * (time.process_time() - began) / (rounds * STREAMS), [first for first, _ in rows])
    server.stop()
    await task
    return spent


async def _clients(address: str, streams: int, rounds: int, apart: float, offset: int) -> list[list[float]]:
    """The times of so many clients in a process of their own."""
    words = [address, streams, rounds, apart, offset, STRATEGY, SEATS]
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CLIENT, *map(str, words), stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    found: list[list[float]] = json.loads(out)
    return found


def main() -> None:
    """Measure in turn, and print medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=5, help="measurements of each")
    parser.add_argument("--rounds", type=int, default=4, help="of 64 streams, in each")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds before each reply of the model's server")
    given = parser.parse_args()
    whole, pieces, at_once, apart = list[Spent](), list[Spent](), list[Spent](), list[Spent]()
    with serving(given.delay) as url, TemporaryDirectory() as folder:
        for number in range(given.times):
            where = Path(folder)
            whole.append(asyncio.run(alone(url, where / f"a{number}.db", given.rounds, deltas=False)))
            pieces.append(asyncio.run(alone(url, where / f"b{number}.db", given.rounds, deltas=True)))
            at_once.append(asyncio.run(served(url, where / f"c{number}.db", given.rounds, 0.0)))
            apart.append(asyncio.run(served(url, where / f"d{number}.db", 1, 0.05)))
            latest = {"alone": whole, "alone, with pieces": pieces, "served": at_once, "served, one by one": apart}
            print(", ".join(f"{name} {spent[-1].cpu:.2f} ms" for name, spent in latest.items()), flush=True)
    plain, told, over = (median(one.cpu for one in spent) for spent in (whole, pieces, at_once))
    first = sorted(wait for one in apart for wait in one.first)
    burst = sorted(wait for one in at_once for wait in one.first)
    print(f"\nmedians of {given.times}; {STREAMS} streams at once, {STRATEGY} with {SEATS} seats")
    print(
        f"  a run in this process:             {plain:.2f} ms of processor time, {told:.2f} ms where pieces of replies are told"
    )
    print(f"  a run by the server:               {over:.2f} ms; the server's own share {over - told:.2f} ms (target: at most 3)")
    print("  first bytes (target: under 50 ms):")
    for name, waits in {"a stream every 50 ms": first, "64 in one instant": burst}.items():
        best, middle, worst = (1000 * wait for wait in (waits[0], median(waits), waits[-1]))
        met = sum(wait < 0.05 for wait in waits) / len(waits)
        print(f"    {name + ':':22} best {best:.1f} ms, median {middle:.1f} ms, worst {worst:.1f} ms, {met:.0%} under 50 ms")


if __name__ == "__main__":
    main()
