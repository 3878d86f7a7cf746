"""How fast an embedded model is with so many threads, and with so many calls at once.

    python tests/benchmarks/threads.py local/qwen2.5-coder-0.5b

Each way is measured in turn, again and again, so that whatever else the machine does falls on all of them alike. Figures are
medians, in tokens a second of all calls together, and against the first way.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from statistics import median
from time import perf_counter

from contemplate.models.backends.embedded import serve, stop_all
from contemplate.models.backends.local_models import local_model
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.types import Message, Request, Sampling

_TOKENS = 64


async def once(model: str, threads: int, slots: int) -> float:
    """Tokens a second of `slots` calls at once, on a server with so many threads."""
    path = await local_model(model).file()
    server = serve(path, slots=slots, context=1024, threads=threads)
    client = OpenAIBackend(server.url, api_key=server.key)

    def asked(seed: int) -> Request:
        text = f"Count from {seed} to one hundred, in words."
        sampling = Sampling(max_tokens=_TOKENS, temperature=0)
        return Request(model=model, messages=(Message(role="user", content=text),), sampling=sampling)

    try:
        await client.complete(asked(0))  # loads what is loaded late
        began = perf_counter()
        done = await asyncio.gather(*(client.complete(asked(seed)) for seed in range(1, slots + 1)))
        return sum(one.tokens.completion for one in done) / (perf_counter() - began)
    finally:
        await client.aclose()
        stop_all()


async def measure(model: str, rounds: int) -> None:
    """Print the table."""
    ways = [(threads, slots) for threads in range(1, (os.cpu_count() or 1) + 1) for slots in (1, 2, 4)]
    speeds: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            speeds[way].append(await once(model, *way))
    first = median(speeds[ways[0]])
    print("| threads | calls at once | tokens/s | ratio |\n|---|---|---|---|")
    for (threads, slots), seen in speeds.items():
        print(f"| {threads} | {slots} | {median(seen):.1f} | {median(seen) / first:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(measure(given.model, given.rounds))
