"""How quickly the page of a large run is written, opens and answers.

    python tests/benchmarks/trace_page.py [SEATS ROUNDS READS]

The run is made up: SEATS agents in ROUNDS rounds, of which each reads READS others and its own last reply, and a vote. It is
opened from disk in this machine's chromium, without a network. Times are medians of several openings, in milliseconds.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import Opened, chromium, opened  # noqa: E402 - it stands beside the tests
from contemplate.ledger.base import StoredTurn  # noqa: E402
from contemplate.trace import Clock, TraceHead  # noqa: E402
from contemplate.types import Answer, CallRef, Decision, EdgeKind, Message, Question, Tally, Tokens, Turn  # noqa: E402
from contemplate.viewer import StoredRun, page, page_model  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPENINGS = 5
WORDS = [
    "the",
    "sum",
    "of",
    "both",
    "sides",
    "is",
    "even",
    "so",
    "the",
    "term",
    "on",
    "the",
    "left",
    "must",
    "be",
    "divisible",
    "by",
    "four",
    "and",
    "the",
    "claim",
    "follows",
    "from",
    "step",
    "two",
]

_FRAMES = """async (selector) => {
  const gaps = [];
  const box = selector === null ? document.scrollingElement : document.querySelector(selector);
  let last = performance.now();
  for (let step = 0; step < 90; step++) {
    box.scrollTop += 120;
    if (selector !== null) box.scrollLeft += 40;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return [gaps[45], gaps[85]];
}"""
_WORK = """async () => {
  const began = performance.now();
  WORK;
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  return performance.now() - began;
}"""
_CHOOSE = "document.querySelector('#view-graph .node').dispatchEvent(new MouseEvent('click', { bubbles: true }))"
_SEARCH = """const input = document.getElementById("search");
  input.value = "divisible by four and";
  input.dispatchEvent(new Event("input"));
  await new Promise((go) => setTimeout(go, 120))"""
_PAUSE = 120
"""How long a search waits for the next key, in milliseconds."""
_PLAIN = "<!doctype html><body>" + "".join(f"<p>{'word ' * 60}</p>" for _ in range(3000))
"""A page that does nothing, to compare with."""


def a_run(seats: int, rounds: int, reads: int) -> StoredRun:
    """A debate that nobody had."""
    draws = random.Random(0)
    turns: list[StoredTurn] = []
    clocks: dict[str, Clock] = {}
    prompts: dict[str, list[list[Message]]] = {}
    said: dict[str, str] = {}
    before: list[str] = []
    for number in range(1, rounds + 1):
        names = []
        for seat in range(1, seats + 1):
            name = f"1.revise/{number}/seat-{seat}"
            sees: list[tuple[str, EdgeKind]] = [(before[seat - 1], "revised")] if before else []
            sees += [(other, "saw") for other in draws.sample(before, min(reads, len(before)))]
            turns.append((_turn(name, number, seat, draws), tuple(sees)))
            text = said[name] = str(turns[-1][0].text)
            prompts[name] = [[Message(role="user", content=_prompt([said[other] for other, _ in sees]))]]
            clocks[name] = Clock(started=number * 3.0, ended=number * 3.0 + 0.5 + len(text) % 240 / 100)
            names.append(name)
        before = names
    decision = _decision([turn for turn, _ in turns[-seats:]])
    turns.append((Turn(id="2.vote", step="2.vote", verb="vote", decision=decision), tuple((name, "counted") for name in before)))
    clocks["2.vote"] = Clock(started=(rounds + 2) * 3.0, ended=(rounds + 2) * 3.0)
    usage = {
        "calls": seats * rounds,
        "prompt_tokens": 900 * seats * rounds,
        "completion_tokens": 300 * seats * rounds,
        "usd": 1.0,
    }
    row = decision.model_dump(mode="json", exclude={"winner", "value", "how", "confidence"})
    outcome = {"answer": decision.winner, "confidence": 0.5, "stopped": "completed", "decision": row, "usage": usage}
    question = Question(text="Is the sum of the first 5,000 turns even?", kind="number")
    head = TraceHead(format=1, run="large", question=question, strategy="debate", models=("m",), seed=0)
    return StoredRun(head=head, turns=turns, outcome=outcome, prompts=prompts, clocks=clocks)


def _turn(name: str, number: int, seat: int, draws: random.Random) -> Turn:
    value = str(draws.choice((42, 42, 41, 40, 12, 7)))
    text = " ".join(draws.choices(WORDS, k=draws.randint(100, 300))) + f"\nAnswer: {value}"
    return Turn(
        id=name,
        step="1.revise",
        verb="revise",
        round=number,
        seat=f"seat-{seat}",
        card="reviser",
        model="m",
        text=text,
        calls=(CallRef(key="k", model="m"),),
        tokens=Tokens(prompt=900, completion=300),
        answer=Answer(kind="number", text=value, value=value, how="stated"),
    )


def _prompt(quotes: list[str]) -> str:
    shown = "\n\n".join(
        f"--- Reply {place} [0123abcd] ---\n{text}\n--- end [0123abcd] ---" for place, text in enumerate(quotes, 1)
    )
    return f"Problem:\nIs it even?\n\n{shown}\n\nCheck each point, and answer again."


def _decision(last: list[Turn]) -> Decision:
    held: dict[str, list[str]] = {}
    for turn in last:
        held.setdefault(turn.answer.value if turn.answer else "", []).append(turn.seat)
    rows = sorted(held.items(), key=lambda one: -len(one[1]))
    tally = tuple(Tally(answer=answer, votes=len(seats), weight=len(seats), seats=tuple(seats)) for answer, seats in rows)
    dissent = tuple(seat for row in tally[1:] for seat in row.seats)
    return Decision(
        rule="plurality", winner=rows[0][0], value=rows[0][0], tally=tally, margin=0.1, dissent=dissent, confidence=0.5
    )


def took(it: Opened, work: str) -> float:
    """How long some work and the frame after it take, in milliseconds."""
    return float(it.page.evaluate(_WORK.replace("WORK", work)))


def tab(name: str) -> str:
    """The choice of a view."""
    return f"document.getElementById('tab-{name}').click()"


def heap(it: Opened) -> float:
    """What scripts hold, in megabytes."""
    return float(it.page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


def measured(browser: Browser, file: Path) -> dict[str, float]:
    """One opening of a page, and what a reader does first."""
    began = time.perf_counter()
    with opened(browser, file) as it:
        it.page.wait_for_selector("#view-story h2")
        row = {"opens: from the address to the story": (time.perf_counter() - began) * 1000, "heap after that, MB": heap(it)}
        for view in ("graph", "timeline", "transcript", "vote"):
            row[f"first look at the {view}"] = took(it, tab(view))
        it.view("graph")
        row["a turn is chosen in the graph"] = took(it, _CHOOSE)
        row["turn 4,000 in the transcript"] = took(it, f"{tab('transcript')}; location.hash = '#turn-4000'")
        row["first search of all replies"] = took(it, _SEARCH) - _PAUSE
        it.page.keyboard.press("Escape")
        it.page.keyboard.press("Escape")
        for view, selector in (("transcript", None), ("graph", "#view-graph .scene")):
            it.view(view)
            it.page.evaluate("scrollTo(0, 0)")
            row[f"a frame while the {view} scrolls, median"], row["95th percentile of these" + " " * (view == "graph")] = (
                it.page.evaluate(_FRAMES, selector)
            )
        row["heap after all of it, MB"] = heap(it)
        assert it.quiet(), (it.said, it.asked)
        return row


def plain(browser: Browser, folder: Path) -> dict[str, float]:
    """The frames of a page that does nothing."""
    file = folder / "plain.html"
    file.write_text(_PLAIN, encoding="utf-8")
    with opened(browser, file) as it:
        median, most = it.page.evaluate(_FRAMES, None)
        return {"a frame while a plain page scrolls, median": median, "95th percentile of those": most}


def main() -> None:
    """Print the table."""
    seats, rounds, reads = map(int, sys.argv[1:4] or (100, 50, 3))
    run = a_run(seats, rounds, reads)
    edges = sum(len(sees) for _, sees in run.turns)
    began = time.perf_counter()
    text = page(page_model(run))
    size = f"{len(text.encode()) / 1e6:.1f} MB, written in {time.perf_counter() - began:.2f} s"
    print(f"{len(run.turns):,} turns, {edges:,} edges: {size}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "page.html"
        file.write_text(text, encoding="utf-8")
        rows = [{**measured(browser, file), **plain(browser, Path(folder))} for _ in range(OPENINGS)]
    print(f"| what | median of {OPENINGS} | worst |\n|---|--:|--:|")
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"| {name} | {statistics.median(values):,.0f} | {max(values):,.0f} |")


if __name__ == "__main__":
    main()
