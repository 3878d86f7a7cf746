"""What the server does: questions, comparisons, stored runs. Whoever asks names words alone: no file, no address and no key."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from pydantic import BaseModel, Field

from contemplate.analysis.redecide import redecide, stored_samples
from contemplate.errors import InputError, UnknownNameError
from contemplate.mcp.progress import Tell, observed, told
from contemplate.mcp.results import (
    CompareResult,
    ContemplateResult,
    RedecisionRows,
    ShowResult,
    of_outcome,
    of_standing,
    of_stored,
)
from contemplate.models.budget import Budget
from contemplate.models.names import EMBEDDED
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Orchestrator
from contemplate.trace.events import Observers
from contemplate.types import AnswerKind, Document, Privacy, strictest
from contemplate.viewer import page, page_model
from contemplate.viewer.loading import load

_MOST_QUESTIONS = 200
_MOST_STRATEGIES = 20
_MOST_RUNS = 200


class AskedDocument(BaseModel):
    """A document that comes with a question, as words."""

    name: str = Field(max_length=200)
    text: str


class AskedQuestion(BaseModel):
    """A question of a comparison, with its right answer."""

    question: str
    answer: str = Field(description="the right answer")
    kind: AnswerKind = "text"
    choices: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """What whoever asks may not pass.

    Attributes:
        budget: caps on each question, and on each comparison.
        at_once: how many questions and comparisons are worked on at the same time; more wait.
        privacy: the label of all that is asked, if it does not say a stricter one.
    """

    budget: Budget = field(default_factory=Budget)
    at_once: int = 4
    privacy: Privacy = "any"


@dataclass
class Desk:
    """Answers what the server is asked.

    Attributes:
        orchestrator: open.
        rules: what whoever asks may not pass.
    """

    orchestrator: Orchestrator
    rules: Rules = field(default_factory=Rules)
    _free: anyio.CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        """Make room for as many as may be worked on at once."""
        self._free = anyio.CapacityLimiter(self.rules.at_once)

    @property
    def strategies(self) -> list[str]:
        """The names of the recipes that can be asked for."""
        return self.orchestrator.catalogue.names("strategies")

    @property
    def models(self) -> list[str]:
        """The names of the models that can be asked for: those that the server was started with, or has in its settings."""
        configured = (*self.orchestrator.models, *self.orchestrator.settings.model)
        return list(dict.fromkeys(configured)) or [EMBEDDED]

    async def contemplate(
        self,
        question: str,
        options: RunOptions,
        strategy: str | None,
        budget: Budget,
        tell: Tell,
    ) -> ContemplateResult:
        """Work on a question; say what each seat does.

        Raises:
            ContemplateError: something in it is wrong.
        """
        name = self._recipe(strategy or DEFAULT_STRATEGY)
        self._check_models(options.models)
        given = {**vars(options), "budget": self._within(budget), "privacy": strictest(options.privacy, self.rules.privacy)}
        limited = RunOptions(**given)

        async def work(observers: Observers) -> ContemplateResult:
            return of_outcome(await self.orchestrator.carry_out(question, name, limited, observers))

        async with self._free:
            return await observed(work, tell)

    async def compare(
        self, strategies: Sequence[str], questions: Sequence[AskedQuestion], repeats: int, seed: int, budget: Budget, tell: Tell
    ) -> CompareResult:
        """Let strategies answer the same questions, and compare.

        Raises:
            ContemplateError: something in it is wrong.
        """
        from contemplate.experiments import compare
        from contemplate.experiments.report.markdown import document

        if not 1 <= len(questions) <= _MOST_QUESTIONS or not 1 <= len(strategies) <= _MOST_STRATEGIES:
            raise InputError(f"a comparison has 1 to {_MOST_QUESTIONS} questions, and 1 to {_MOST_STRATEGIES} strategies")
        names = [self._recipe(name) for name in strategies]
        rows = [
            {
                "id": f"question-{number}",
                "question": one.question,
                "gold": one.answer,
                "kind": one.kind,
                **({"choices": one.choices} if one.choices else {}),
                **({"privacy": self.rules.privacy} if self.rules.privacy != "any" else {}),
            }
            for number, one in enumerate(questions, 1)
        ]

        async def work(put: Callable[[str], None]) -> CompareResult:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "questions.jsonl"
                file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
                one = self.orchestrator
                found = await compare(
                    {
                        "strategies": names,
                        "questions": str(file),
                        "panels": {"panel": list(one.models)} if one.models else {},
                        "repeats": repeats,
                        "seed": seed,
                        "baselines": [],
                        "budget": self._within(budget).model_dump(exclude_none=True),
                    },
                    base_url=one.base_url,
                    ledger=one.ledger,
                    settings=one.settings,
                    backends=one.backends,
                    project=one.catalogue.project,
                    on_progress=lambda progress: put(f"{progress.done} of {progress.cells} answers are there"),
                )
                return CompareResult(standings=[of_standing(row) for row in found.standings], report=document(found, drawn=False))

        async with self._free:
            return await told(work, tell)

    async def show(self, run: str, *, texts: bool) -> ShowResult:
        """A stored run."""
        record, turns = await self.orchestrator.stored(run)
        holder = (await self.orchestrator.ledger.holders()).get(record.run)
        state = "interrupted" if record.state == "running" and holder is None else record.state
        return of_stored(record, turns, texts=texts, state=state)

    async def redecide(
        self, runs: Sequence[str], strategy: str | None, rules: Sequence[str], weights: Sequence[str], ks: Sequence[int]
    ) -> RedecisionRows:
        """Decide the samples of stored runs by other rules; nothing is called."""
        found = [(await self.orchestrator.run(run)).run for run in runs]
        votes = await stored_samples(self.orchestrator.ledger, found, strategy=strategy)
        decided = redecide(votes, rule=list(rules) or "plurality", weights=list(weights), k=list(ks), gold=False)
        rows = [row.model_dump(mode="json") for row in decided.rows]
        return RedecisionRows(source=decided.source, questions=decided.questions, samples=decided.samples, rows=rows)

    # --- resources ------------------------------------------------------------------------------------

    async def runs(self) -> str:
        """The stored runs, newest first, as JSON."""
        rows = [
            {
                "run": record.run,
                "state": record.state,
                "strategy": record.spec["strategy"]["name"],
                "question": record.spec["question"]["text"][:500],
                "answer": (record.outcome or {}).get("answer"),
            }
            for record in await self.orchestrator.runs(_MOST_RUNS)
        ]
        return json.dumps(rows, ensure_ascii=False)

    async def page(self, run: str) -> str:
        """The trace page of a run."""
        return page(page_model(await load(self.orchestrator.ledger, await self.orchestrator.run(run))))

    def recipe(self, name: str) -> str:
        """The text of a recipe."""
        return self.orchestrator.catalogue.recipe(self._recipe(name)).text

    def summary(self, name: str) -> str:
        """What a recipe does, in one line."""
        return self.orchestrator.catalogue.recipe(name).summary

    # --- what may be asked for ------------------------------------------------------------------------

    def _recipe(self, name: str) -> str:
        if name not in self.strategies:
            raise UnknownNameError("strategy", name, self.strategies)
        return name

    def _check_models(self, models: Sequence[object]) -> None:
        for model in models:
            if model not in self.models:
                raise UnknownNameError("model", str(model), self.models, "(those that this server was started with)")

    def _within(self, budget: Budget) -> Budget:
        """A budget, within what the server allows."""
        caps = {}
        for name in ("calls", "tokens", "usd", "seconds"):
            both = [cap for cap in (getattr(budget, name), getattr(self.rules.budget, name)) if cap is not None]
            caps[name] = min(both, default=None)
        return Budget(**caps)


def documents_of(given: Sequence[AskedDocument]) -> tuple[Document, ...]:
    """Documents that were given as words."""
    return tuple(Document(name=one.name, text=one.text) for one in given)
