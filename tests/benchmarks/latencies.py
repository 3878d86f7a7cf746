"""Wall time where latencies vary, against the time that the run's own dependencies allow.

    python tests/benchmarks/latencies.py --runs 20

Each reply takes a time that is drawn (lognormal, median 50 ms, sigma .8, seeded), and says which one it is; the server notes how
long it had each request. The ideal is the longest path through the graph of turns, each as long as the server had its requests:
nothing for sending, reading, keeping or deciding. Beside it stand what would be the ideal if everybody waited for each round, and
bare aiohttp that sends requests along the same graph, against its own ideal.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp

from contemplate import Budget, Orchestrator, Strategy
from contemplate.steps import Critique, Propose, Repeat, Revise, Vote
from contemplate.trace import Trace
from contemplate.types import Turn
from printed import Rows, tell
from server import counted, serving

MEDIAN, SIGMA = 0.05, 0.8
SAID = "Both numbers add up, but the second step is wrong.\nVerdict: flawed\nThe answer is 42."
ALONE = Strategy(
    name="propose-critique-revise",
    steps=[
        Propose(seats=5),
        Repeat(times=2, steps=(Critique(of="each", critics=1), Revise(sees="critiques", history="last"))),
        Vote(rule="plurality"),
    ],
)
_REPLY = re.compile(r"This is reply (\d+)\.")
PROTOCOLS: Mapping[str, tuple[Strategy | str, dict[str, object]]] = {
    "complete debate, 5 seats, 3 rounds": ("multiagent-debate", {"seats": 5, "rounds": 3}),
    "ring, 6 seats, 4 rounds": ("sparse-debate", {"seats": 6, "rounds": 4}),
    "propose, critique, revise (twice) for each of 5 seats": (ALONE, {}),
}


def longest_path(trace: Trace, took: Mapping[str, float]) -> float:
    """The seconds of the longest chain of turns that saw each other, each as long as `took` says; turns stand in layout order."""
    ends: dict[str, float] = {}
    for turn in trace:
        ends[turn] = max((ends[other] for other, _ in trace.saw(turn)), default=0.0) + took.get(turn, 0.0)
    return max(ends.values(), default=0.0)


def in_rounds(trace: Trace, took: Mapping[str, float]) -> float:
    """The seconds that it would take if every step of every round waited for the last turn of the one before."""
    longest: dict[tuple[str, int | None], float] = {}
    for turn in trace.turns:
        place = (turn.step, turn.round)
        longest[place] = max(longest.get(place, 0.0), took.get(turn.id, 0.0))
    return sum(longest.values())


def places_of(turn: Turn) -> list[str]:
    """Which replies of the server a turn is made of; none for one without a call."""
    found = _REPLY.findall(turn.text or "")
    assert len(found) == len(turn.calls), turn
    return found


async def once(orchestrator: Orchestrator, session: aiohttp.ClientSession, url: str, name: str, number: int) -> dict[str, float]:
    """One run, beside its ideal."""
    strategy, parameters = PROTOCOLS[name]
    counted(url)
    budget, began = Budget(calls=1000), time.perf_counter()
    outcome = await orchestrator.solve(
        f"What is {number} + {list(PROTOCOLS).index(name)}?",
        strategy,
        answer="number",
        parameters=parameters,
        budget=budget,
    )
    wall = time.perf_counter() - began
    seen = counted(url, took=True)
    assert outcome.usage.calls == seen["calls"], (outcome.usage, seen)
    took = {turn.id: sum(seen["took"][place] for place in places_of(turn)) for turn in outcome.trace.turns}
    ideal = longest_path(outcome.trace, took)
    rounds, bare = in_rounds(outcome.trace, took) / ideal, await by_hand(session, url, outcome.trace)
    return {"wall": wall, "ideal": ideal, "ratio": wall / ideal, "bare": bare, "rounds": rounds, "calls": seen["calls"]}


async def by_hand(session: aiohttp.ClientSession, url: str, trace: Trace) -> float:
    """Wall time against its own ideal of bare aiohttp, which sends one request for each call of a trace, along its edges."""
    counted(url)
    replies: dict[str, str] = {}
    tasks: dict[str, asyncio.Task[None]] = {}

    async def say(turn: Turn) -> None:
        for other, _ in trace.saw(turn.id):
            await tasks[other]
        texts = "\n".join(replies[other] for other, _ in trace.saw(turn.id))
        for _ in turn.calls:
            body = {"model": "a-model", "messages": [{"role": "user", "content": f"What is 6 * 7? {texts}"}]}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                texts = (await response.json())["choices"][0]["message"]["content"]
        replies[turn.id] = texts

    began = time.perf_counter()
    for turn in trace.turns:
        tasks[turn.id] = asyncio.create_task(say(turn))
    await asyncio.gather(*tasks.values())
    wall = time.perf_counter() - began
    seen = counted(url, took=True)
    took = {turn.id: seen["took"][found[1]] for turn in trace.turns if (found := _REPLY.search(replies[turn.id])) and turn.calls}
    return wall / longest_path(trace, took)


async def measured(runs: int, seed: int) -> Rows:
    """Each protocol in turn, the medians of what its runs took; the first run of each opens connections, and is not counted."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in PROTOCOLS}
    with serving(0.0, "--lognormal", str(MEDIAN), str(SIGMA), str(seed), "--text", SAID) as url, TemporaryDirectory() as folder:
        async with (
            Orchestrator(["a-model"], base_url=url, ledger=Path(folder) / "ledger.db") as orchestrator,
            aiohttp.ClientSession() as session,
        ):
            for number in range(runs + 1):
                for name, each in found.items():
                    each.append(await once(orchestrator, session, url, name, number))
    return {
        name: {**{field: median(one[field] for one in each[1:]) for field in each[0]}, "runs": runs, "seed": seed}
        for name, each in found.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each protocol")
    parser.add_argument("--seed", type=int, default=1, help="of the latencies")
    tell(parser, lambda given: asyncio.run(measured(given.runs, given.seed)))
