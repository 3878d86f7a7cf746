"""The first wrong step in recorded chains of thought: by arithmetic alone, which calls nobody, and by a model where one is named.

::

    python tests/benchmarks/cot_mistakes.py --data ../shared/data/cot_mistakes
    python tests/benchmarks/cot_mistakes.py --data ../shared/data/cot_mistakes --model NAME@URL --limit 10

prints the tables of docs/steps.md. `--data` is a folder with the files of BIG-Bench Mistake (arXiv:2311.08516). `--limit` takes
so many chains of each task, spread over its file. The ledger is kept: the same command again pays for nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from concurrently import concurrently
from contemplate import Orchestrator, Question, Strategy, answers
from contemplate.claims.reasoning import check_steps, first_wrong, steps_of
from contemplate.orchestration.options import RunOptions
from contemplate.steps.protocols.audit_steps import AuditedReply, AuditSteps
from contemplate.types import Answer, Sampling

TASKS = ("multistep_arithmetic", "tracking_shuffled_objects", "logical_deduction")
UNREAD = -1
"""The mark of a critic that can't be read."""


@dataclass(frozen=True)
class Chain:
    """A chain of thought.

    Attributes:
        problem: that it works on.
        steps: its steps.
        answer: its answer.
        right: whether that is right.
        mistake: the number of its first wrong step, 0 for none, as people marked it.
    """

    problem: str
    steps: tuple[str, ...]
    answer: str
    right: bool
    mistake: int

    @property
    def text(self) -> str:
        """The reply."""
        return "\n".join(f"Step {number}: {' '.join(step.split())}" for number, step in enumerate(self.steps, 1))


@dataclass
class Figures:
    """How one way to find first wrong steps did.

    Attributes:
        pairs: what people marked and what was found, 0 for none.
        right: of each chain, whether its answer is right.
    """

    pairs: list[tuple[int, int]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, chain: Chain, found: int) -> None:
        """Count one chain."""
        self.pairs.append((chain.mistake, found))
        self.right.append(chain.right)

    def row(self, name: str) -> str:
        """A line of the table."""
        wrong = [pair for pair in self.pairs if pair[0]]
        clean = [(found, right) for (mistake, found), right in zip(self.pairs, self.right, strict=True) if not mistake]
        cells = [
            name,
            _share(sum(mistake == found for mistake, found in wrong), len(wrong)),
            _share(sum(0 < found != mistake for mistake, found in wrong), len(wrong)),
            _share(sum(found > 0 for found, _ in clean), len(clean)),
            _share(sum(found > 0 for found, right in clean if right), sum(right for _, right in clean)),
            str(sum(found == UNREAD for _, found in self.pairs)),
        ]
        return f"| {' | '.join(cells)} |"


HEAD = "| by | first wrong step found | another step named | false alarms | of these, where the answer is right | not read |"


def _share(count: int, of: int) -> str:
    return f"{count}/{of}"


def chains(file: Path, limit: int | None) -> list[Chain]:
    """The chains of a file, or `limit` of them, spread over it."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    step = 1 if limit is None else max(len(rows) // limit, 1)
    return [_chain(row) for row in rows[::step][:limit]]


def _chain(row: dict[str, object]) -> Chain:
    steps, mistake = tuple(map(str, row["steps"])), row["mistake_index"]  # type: ignore[call-overload]
    answer = str(row["answer"])
    return Chain(str(row["input"]), steps, answer, answer == str(row["target"]), 0 if mistake is None else int(str(mistake)) + 1)


def by_arithmetic(file: Path) -> tuple[Figures, int, int]:
    """Every chain of a file computed again; and how many of its steps can be, of how many."""
    figures, computed, steps = Figures(), 0, 0
    for chain in chains(file, None):
        checks = check_steps(chain.steps)
        figures.add(chain, first_wrong(checks) or 0)
        computed, steps = computed + len(checks), steps + len(chain.steps)
    return figures, computed, steps


async def by_model(orchestrator: Orchestrator, found: Sequence[Chain], typed: argparse.Namespace) -> tuple[Figures, Figures]:
    """What one critic marks; and together with arithmetic, the earlier step of the two."""
    alone, together = Figures(), Figures()

    async def ask(chain: Chain) -> int:
        return await _marked(orchestrator, chain, typed.max_tokens)

    for chain, marked in zip(found, await concurrently(ask, found, typed.at_once), strict=True):
        computed = first_wrong(check_steps(chain.steps)) or 0
        alone.add(chain, marked)
        together.add(chain, min((step for step in (marked, computed) if step > 0), default=marked))
    return alone, together


async def _marked(orchestrator: Orchestrator, chain: Chain, tokens: int) -> int:
    question = Question(text=chain.problem, kind="text")
    answer = answers.read(f"Answer: {chain.answer}", question)
    answer = answer or Answer(kind="text", text=chain.answer, value=chain.answer, how="stated")  # one of 900 has none
    assert len(steps_of(chain.text)) == len(chain.steps), chain.text
    reply = AuditedReply(turn="recorded", model="", text=chain.text, answer=answer)
    strategy = Strategy(name="audit-steps", steps=[AuditSteps(replies=(reply,), check="critics")])
    outcome = await orchestrator.carry_out(question, strategy, RunOptions(sampling=Sampling(temperature=0, max_tokens=tokens)))
    marks = [turn.found.wrong_step for turn in outcome.trace.turns if turn.card == "step-critic"]
    return UNREAD if not marks or marks[0] is None else marks[0]


def arithmetic_table(data: Path) -> Iterator[str]:
    """The lines of the table that calls nobody."""
    yield from (HEAD, "|---|---|---|---|---|---|")
    shares = []
    for task in TASKS:
        figures, computed, steps = by_arithmetic(data / f"{task}.jsonl")
        yield figures.row(f"arithmetic, {task}")
        shares.append(f"{task}: {computed} of {steps} steps can be computed again")
    yield from ("", *shares)


def differences(data: Path) -> Iterator[str]:
    """A line for each chain in which arithmetic finds another first wrong step than people marked."""
    for task in TASKS:
        for number, chain in enumerate(chains(data / f"{task}.jsonl", None), 1):
            checks = check_steps(chain.steps)
            found = first_wrong(checks)
            if found not in (None, chain.mistake):
                why = next(check.reason for check in checks if check.step == found)
                yield f"{task} {number}: marked {chain.mistake or 'none'}, computed {found}: {why}"


async def model_table(typed: argparse.Namespace) -> None:
    """Print the table of a model."""
    print(f"\n{HEAD}\n|---|---|---|---|---|---|")
    async with Orchestrator([typed.model], ledger=typed.ledger, project=typed.project, timeout=600) as orchestrator:
        for task in TASKS:
            alone, together = await by_model(orchestrator, chains(typed.data / f"{task}.jsonl", typed.limit), typed)
            print(alone.row(f"critic, {task}"))
            print(together.row(f"critic and arithmetic, {task}"), flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--differences", action="store_true", help="also where arithmetic and people differ, and why")
    parser.add_argument("--model", help="as for --model of contemplate: NAME, or NAME@URL")
    parser.add_argument("--limit", type=int, help="so many chains of each task")
    parser.add_argument("--max-tokens", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=8, help="chains under way at the same time")
    parser.add_argument("--project", type=Path, help="a folder with a contemplate.toml of your own")
    parser.add_argument("--ledger", default="cot_mistakes.db")
    typed = parser.parse_args()
    print("\n".join(arithmetic_table(typed.data)))
    if typed.differences:
        print("", *differences(typed.data), sep="\n")
    if typed.model:
        anyio.run(model_table, typed)


if __name__ == "__main__":
    main()
