"""Accuracy by the length of a document, for the three ways in which a panel can read it, on any model.

::

    python tests/benchmarks/focus.py --model MODEL --lengths 2000,4000,8000,16000,24000 --size 20 --picture curve.png

asks the questions of `builtin:needles?tokens=LENGTH&size=SIZE` with the focus full, digest and split, and prints the table of
docs/focus.md. The replies stay in `--ledger`, so that a command that is given again goes on. `--dry-run` says what it would take.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import anyio

from concurrently import concurrently
from contemplate import Budget, Orchestrator, Outcome, Question, Sampling
from contemplate.analysis.statistics import wilson
from contemplate.answers import is_right
from contemplate.errors import InputError
from contemplate.experiments.questions import load_questions
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Answer, FocusMode

MODES: tuple[FocusMode, ...] = get_args(FocusMode)


@dataclass(frozen=True)
class Cell:
    """The runs of one way of reading at one length.

    Attributes:
        tokens: the length of the documents.
        mode: the way.
        right: how many answers are.
        size: how many questions there were; 0 where the documents are too long for it.
        calls: of a question, on average.
        prompt: the longest prompt, in tokens as the endpoint counts them.
        why: why there are none.
    """

    tokens: int
    mode: FocusMode
    right: int = 0
    size: int = 0
    calls: float = 0
    prompt: int = 0
    why: str = ""

    @property
    def row(self) -> str:
        """A row of the table."""
        if not self.size:
            return f"| {self.tokens:,} | {self.mode} | refused | | | {self.why} |"
        found = wilson(self.right, self.size)
        within = f"{100 * found.interval.low:.0f} to {100 * found.interval.high:.0f} %"
        return f"| {self.tokens:,} | {self.mode} | {self.right} of {self.size} | {within} | {self.calls:.1f} | {self.prompt:,} |"


async def cell(orchestrator: Orchestrator, arguments: argparse.Namespace, tokens: int, size: int, mode: FocusMode) -> Cell:
    """Ask so many questions of one length in one way."""
    source = f"builtin:needles?tokens={tokens}&size={size}&seed={arguments.seed}&facts={arguments.facts}"
    questions = load_questions(source).questions
    try:
        specs = [planned(orchestrator, arguments, question, mode) for question in questions]
        await orchestrator.runner.prepare(specs[0])
    except InputError as error:
        if "tokens" not in str(error):
            raise
        return Cell(tokens, mode, why=str(error).replace("|", "/"))
    outcomes = list(zip(questions, await concurrently(orchestrator.execute, specs, arguments.at_once), strict=True))
    right = sum(answered(question, outcome) for question, outcome in outcomes)
    turns = [turn for _, outcome in outcomes for turn in outcome.trace.turns if turn.calls]
    calls = sum(len(turn.calls) for turn in turns) / len(outcomes)
    return Cell(tokens, mode, right, len(outcomes), calls, max((turn.tokens.prompt for turn in turns), default=0))


def planned(orchestrator: Orchestrator, arguments: argparse.Namespace, question: Question, mode: FocusMode) -> RunSpec:
    """The spec of one run."""
    parameters: dict[str, object] = {} if arguments.seats is None else {"seats": arguments.seats}
    if arguments.focus_tokens is not None:
        parameters["focus_tokens"] = arguments.focus_tokens
    sampling = Sampling(max_tokens=arguments.max_tokens)
    return orchestrator.specify(
        question, arguments.strategy, RunOptions(parameters=parameters, focus=mode, sampling=sampling, seed=arguments.seed)
    )


def answered(question: Question, outcome: Outcome) -> bool:
    """Whether the answer is right."""
    decision = outcome.decision
    if outcome.answer is None or decision is None or decision.value is None:
        return False
    return is_right(Answer(kind=question.kind, text=outcome.answer, value=decision.value, how="stated"), question)


def draw(cells: Sequence[Cell], file: Path) -> None:
    """The curve with its 95 % intervals, as a picture; the ways stand a little apart. Needs the extra `report`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for aside, mode in zip((0.97, 1.0, 1.03), MODES, strict=True):
        its = [one for one in cells if one.mode == mode and one.size]
        found = [wilson(one.right, one.size) for one in its]
        below, above = [one.value - one.interval.low for one in found], [one.interval.high - one.value for one in found]
        places = [one.tokens * aside for one in its]
        axes.errorbar(places, [one.value for one in found], [below, above], marker="o", capsize=3, label=mode)
    axes.set(xlabel="length of the document, tokens", ylabel="share of right answers", ylim=(-0.03, 1.03))
    axes.legend(title="focus")
    figure.savefig(file, dpi=150)


async def measure(arguments: argparse.Namespace) -> list[Cell]:
    """All cells, one after the other, within the budget; each is printed once it is there."""
    where, budget = arguments.base_url, Budget(calls=arguments.budget_calls)
    project, ledger = arguments.project, arguments.ledger
    async with Orchestrator(
        [arguments.model], base_url=where, project=project, ledger=ledger, budget=budget, timeout=arguments.timeout
    ) as orchestrator:
        if arguments.dry_run:
            await rehearse(orchestrator, arguments)
            return []
        print("| tokens | focus | right | 95 % interval | calls a question | longest prompt |")
        print("|---|---|---|---|---|---|")
        cells = []
        sizes = arguments.size if len(arguments.size) > 1 else arguments.size * len(arguments.lengths)
        for tokens, size in zip(arguments.lengths, sizes, strict=True):
            for mode in arguments.modes:
                cells.append(await cell(orchestrator, arguments, tokens, size, mode))
                print(cells[-1].row, flush=True)
        return cells


async def rehearse(orchestrator: Orchestrator, arguments: argparse.Namespace) -> None:
    """Print what a question of each length takes in each way."""
    for tokens in arguments.lengths:
        question = load_questions(f"builtin:needles?tokens={tokens}&size=1&facts={arguments.facts}").questions[0]
        for mode in arguments.modes:
            spec = planned(orchestrator, arguments, question, mode)
            print(f"{tokens:,} {mode}: a question takes {await orchestrator.rehearsed([spec], question, ())}")


def _numbers(typed: str) -> list[int]:
    return [int(one) for one in typed.split(",")]


def main() -> None:
    """Print the table, and draw the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--base-url")
    parser.add_argument("--lengths", type=_numbers, default=[2000, 4000, 8000])
    parser.add_argument("--modes", type=lambda typed: typed.split(","), default=list(MODES))
    parser.add_argument("--size", type=_numbers, default=[20], help="questions of each length: one number, or one for each")
    parser.add_argument("--facts", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seats", type=int)
    parser.add_argument("--strategy", default="self-consistency")
    parser.add_argument("--focus-tokens", type=int)
    parser.add_argument("--max-tokens", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=1, help="questions under way at the same time")
    parser.add_argument("--timeout", type=float, help="seconds for one call; default: that of contemplate")
    parser.add_argument("--project", type=Path, help="a folder with a contemplate.toml of your own")
    parser.add_argument("--budget-calls", type=int)
    parser.add_argument("--ledger", type=Path, default=Path("focus.db"))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    cells = anyio.run(measure, arguments)
    if arguments.picture is not None and cells:
        draw(cells, arguments.picture)


if __name__ == "__main__":
    main()
