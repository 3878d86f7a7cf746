"""How calls, tokens and processor time grow with seats, rounds and turns, for each recipe that has them.

    python tests/benchmarks/growth.py [--strategies multiagent-debate,dylan]

Agents are scripted: they differ, find fault with all, and answer at once, so that a recipe goes as far as it can. Calls and
tokens are those that the recipe asks for; processor time is that of the whole process, with the ledger in a file. An exponent
is the slope of a straight line through logarithms: 1 is linear, 2 quadratic. What we add grows no faster than what the protocol
asks for, if the exponent of processor time is not above that of calls or of tokens, whichever is larger, but for what a
measurement errs by.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from contemplate import Budget, Catalogue, Orchestrator, Request, Settings
from contemplate.errors import InputError
from contemplate.orchestration.rehearsal import Cast, differing
from contemplate.types import AnswerKind
from printed import Rows, last_words, tell

GROWING = {
    "seats": (8, 16, 32, 64),
    "rounds": (4, 8, 16, 32),
    "turns": (8, 16, 32, 64),
    "attempts": (4, 8, 16, 32),
    "runs": (4, 8, 16),
}
"""Parameters of recipes, and the values that they are given."""
OTHERS: dict[tuple[str, str], tuple[int, ...]] = {
    ("chateval", "seats"): (2, 3, 4, 5),  # as many as it has personas
    ("deepconf", "seats"): (64, 128, 256),  # beyond the warm-up, whose traces are drawn at once
    ("early-stopping-consistency", "seats"): (10, 20, 40, 80),
    ("verify-refine", "rounds"): (8, 16, 32),
}
"""Other values, where a recipe needs them."""
QUADRATIC = {"rounds": (3, 6, 12), "seats": (6, 12, 24)}
"""Values for recipes whose calls grow faster, or that make ten rounds or more."""
LARGE = frozenset({"recursive-aggregation", "league", "contemplating-open", "council", "dylan"})
OPEN = frozenset({"contemplating-open", "parallel-refine", "council"})
"""Recipes for open questions."""
REPLY = 60
"""Tokens of a reply."""
TOLERANCE = 0.15
"""By which an exponent of processor time may err."""
SETTINGS = Settings(secret="the same for all")
AMPLE = Budget(calls=10**6, tokens=10**12)


def exponent(sizes: Sequence[float], amounts: Sequence[float]) -> float:
    """The slope of the line of least squares through the logarithms; 0 where nothing was there to grow."""
    if min(amounts) <= 0:
        return 0.0
    xs, ys = [math.log(size) for size in sizes], [math.log(amount) for amount in amounts]
    x, y = mean(xs), mean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def cases(strategies: Sequence[str], only: Sequence[str] = ()) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Each recipe with each of its parameters that can grow, and the values of it."""
    catalogue = Catalogue()
    for name in strategies or catalogue.names("strategies"):
        for parameter in catalogue.recipe(name).parameters:
            if parameter in (only or GROWING):
                usual = QUADRATIC if name in LARGE else GROWING
                yield name, parameter, OTHERS.get((name, parameter), usual[parameter])


def say(request: Request) -> str:
    """What an agent says: it finds fault with all, and has an answer of its own."""
    return differing([str(int(request.key[:12], 16))], REPLY)(request)


async def spent(name: str, parameter: str, size: int, folder: str) -> tuple[int, int, float]:
    """Calls, tokens and seconds of processor time of one run, all with a ledger on disk."""
    cast = Cast.playing(say, REPLY)
    kind: AnswerKind = "open" if name in OPEN else "text" if name == "chateval" else "number"
    ledger = Path(folder) / f"{len(list(Path(folder).iterdir()))}.db"  # a new one, so that the same is asked again
    async with Orchestrator(["m"], backend=cast.backend, ledger=ledger, budget=AMPLE, settings=SETTINGS) as stage:
        await stage.solve("Warm up: 1 + 1?", "single", answer=kind)
        cast.asked.clear()
        question = "Which is better, A: 1 or B: 2?"
        gc.collect()
        began = time.process_time()
        outcome = await stage.solve(question, name, answer=kind, parameters={parameter: size}, budget=AMPLE)
        taken = time.process_time() - began
    assert outcome.usage.calls == len(cast.asked), outcome
    return len(cast.asked), cast.tokens, taken


async def grown(name: str, parameter: str, sizes: Sequence[int], times: int) -> dict[str, float | str]:
    """The exponents of one recipe in one parameter; the least processor time of several runs of each size."""
    found = []
    with TemporaryDirectory() as folder:
        for size in (sizes[0], *sizes):  # the first time, to load what is loaded late
            try:
                runs = [await spent(name, parameter, size, folder) for _ in range(times)]
            except InputError as error:
                return {"failed": f"{parameter} {size}: {last_words(str(error))}"}
            found.append((runs[0][0], runs[0][1], min(taken for _, _, taken in runs)))
    calls, tokens, seconds = zip(*found[1:], strict=True)
    row = {
        "calls": exponent(sizes, calls),
        "tokens": exponent(sizes, tokens),
        "cpu": exponent(sizes, seconds),
        "last doubling": exponent(sizes[-2:], seconds[-2:]),
    }
    most = {"most": sizes[-1], "most calls": calls[-1], "most tokens": tokens[-1], "most seconds": seconds[-1]}
    return {**row, **most, "allowed": max(row["calls"], row["tokens"]) + TOLERANCE}


async def measured(strategies: Sequence[str], only: Sequence[str], times: int) -> Rows:
    """All recipes in all that can grow."""
    return {f"{name}, {what}": await grown(name, what, sizes, times) for name, what, sizes in cases(strategies, only)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strategies", default="", help="recipes; default: all")
    parser.add_argument("--parameters", default="", help=f"of {', '.join(GROWING)}; default: all")
    parser.add_argument("--times", type=int, default=3, help="runs of each size")

    def words(text: str) -> list[str]:
        """The words of a list."""
        return [one for one in text.split(",") if one]

    tell(parser, lambda given: asyncio.run(measured(words(given.strategies), words(given.parameters), given.times)))
