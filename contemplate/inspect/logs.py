"""Our runs as logs of Inspect's, which `inspect view` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from contemplate._version import __version__
from contemplate.errors import InputError
from contemplate.inspect.models import PACKAGE
from contemplate.installed import library
from contemplate.ledger.base import Ledger, RunRecord, StoredTurn
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Completion, Json, Request, Tokens, Turn

ENDINGS = (".eval", ".json")
"""How the names of Inspect's logs end."""

_STOPS = {"length": "max_tokens", "filter": "content_filter", "refusal": "content_filter", "other": "unknown"}


async def write_log(
    orchestrator: Orchestrator,
    runs: Sequence[str],
    path: Path | str,
    *,
    scores: Mapping[str, float] | None = None,
    task: str | None = None,
) -> Path:
    """Write stored runs as one log of Inspect's: a sample for each, with its model calls in spans of steps and turns.

    Args:
        orchestrator: open, on the ledger that holds the runs.
        runs: the ids of finished runs, or what they begin with; at least one. One that is named twice counts once.
        path: the file to write, `.eval` or `.json`.
        scores: of runs by id, in [0, 1], as the rows of a comparison have them. None: 1 or 0 where a question has a gold answer.
        task: what the log calls it; None: the strategy of the runs.

    Returns:
        The path.

    Raises:
        InputError: Inspect is not installed, the name ends otherwise, there is no such run, or one is not finished.
    """
    log = library("inspect_ai.log", package=PACKAGE)
    if Path(path).suffix not in ENDINGS:
        raise InputError(f"{path}: a log of Inspect's is a file {' or '.join(ENDINGS)}")
    found = [await orchestrator.stored(run) for run in runs]
    stored = list({record.run: (record, turns) for record, turns in found}.values())
    if not stored:
        raise InputError("name at least one run to write a log of")
    for record, _ in stored:
        record.check_finished()
    known = Counter(_sample_id(record) for record, _ in stored)
    samples = [await _Sample(record, turns, orchestrator.ledger).made(scores, known) for record, turns in stored]
    specs = [RunSpec.stored(record.run, record.spec) for record, _ in stored]
    written = _log(task or " + ".join(dict.fromkeys(spec.strategy.name for spec in specs)), specs, stored, samples)
    await log.write_eval_log_async(written, str(path))  # its other form changes asyncio.run for the whole process
    return Path(path)


def _log(task: str, specs: Sequence[RunSpec], stored: Sequence[tuple[RunRecord, Any]], samples: Sequence[Any]) -> Any:  # noqa: ANN401
    log = library("inspect_ai.log", package=PACKAGE)
    models = list(dict.fromkeys(model for spec in specs for model in spec.models))
    began = _time(min(record.created for record, _ in stored)).isoformat()
    spec = log.EvalSpec(
        created=began,
        task=task,
        task_id=task,
        run_id=stored[0][0].run,
        eval_id=stored[0][0].run,
        dataset=log.EvalDataset(name="contemplate", samples=len(samples), sample_ids=[sample.id for sample in samples]),
        model=" + ".join(models),
        solver=f"contemplate/{task}",
        config=log.EvalConfig(),
        packages={"contemplate-ai": __version__},
        metadata={"models": models, "runs": [record.run for record, _ in stored]},
    )
    values = [float(sample.scores["contemplate"].value) for sample in samples if sample.scores]
    results = log.EvalResults(total_samples=len(samples), completed_samples=len(samples), scores=_scores(values))
    ended = max((sample.events[-1].timestamp for sample in samples if sample.events), default=_time(stored[0][0].created))
    stats = log.EvalStats(started_at=began, completed_at=ended.isoformat())
    return log.EvalLog(status="success", eval=spec, results=results, stats=stats, samples=list(samples))


def _scores(values: Sequence[float]) -> list[Any]:
    """The mean over the samples that have a score."""
    log = library("inspect_ai.log", package=PACKAGE)
    if not values:
        return []
    mean = log.EvalMetric(name="mean", value=sum(values) / len(values))
    return [log.EvalScore(name="contemplate", scorer="contemplate", scored_samples=len(values), metrics={"mean": mean})]


def _sample_id(record: RunRecord) -> str:
    return str(record.spec["question"].get("id") or record.run)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Sample:
    """One run as a sample."""

    def __init__(self, record: RunRecord, turns: Sequence[StoredTurn], ledger: Ledger) -> None:
        self._record, self._turns, self._ledger = record, [turn for turn, _ in turns], ledger
        self._question = RunSpec.stored(record.run, record.spec).question
        self._outcome: Json = record.outcome or {}
        self._events = library("inspect_ai.event", package=PACKAGE)
        self._models = library("inspect_ai.model", package=PACKAGE)

    async def made(self, scores: Mapping[str, float] | None, known: Mapping[str, int]) -> Any:  # noqa: ANN401
        """The sample; runs of one question are told apart by their ids."""
        log = library("inspect_ai.log", package=PACKAGE)
        question, outcome, name = self._question, self._outcome, _sample_id(self._record)
        models = self._models
        text = outcome["answer"] or ""
        output = models.ModelOutput.from_content(f"contemplate/{outcome['strategy']}", text)
        exchanges = await self._exchanges()
        usage = self._usage(exchanges)
        return log.EvalSample(
            id=name if known[name] == 1 else f"{name} ({self._record.run})",
            epoch=1,
            input=question.text,
            choices=list(question.choices) or None,
            target=list(question.golds) or "",
            messages=[models.ChatMessageUser(content=question.text), output.message],
            output=output,
            scores=self._score(scores),
            metadata=self._facts(),
            events=list(self._all_events(exchanges)),
            model_usage=usage,
            total_time=outcome["usage"]["seconds"],
            uuid=self._record.run,
        )

    def _facts(self) -> Json:
        """What Inspect shows as the sample's metadata."""
        names = ("run", "strategy", "models", "seed", "confidence", "stopped", "detail", "decision", "usage")
        return {name: self._outcome[name] for name in names if name in self._outcome}

    def _score(self, scores: Mapping[str, float] | None) -> Any:  # noqa: ANN401
        """The score by name; None where nobody knows."""
        score = library("inspect_ai.scorer", package=PACKAGE).Score
        value = None if scores is None else scores.get(self._record.run)
        if value is None and scores is None and self._question.gold is not None:
            from contemplate.trace.outcome import decided_right
            from contemplate.types import Decision

            decision = next((turn.decision for turn in reversed(self._turns) if turn.decision is not None), None)
            value = float(decided_right(decision if isinstance(decision, Decision) else None, self._question))
        return None if value is None else {"contemplate": score(value=value, answer=self._outcome["answer"])}

    async def _exchanges(self) -> dict[str, list[tuple[Request, Completion]]]:
        """What was asked and what came back, by turn."""
        found: dict[str, list[tuple[Request, Completion]]] = {}
        for turn in self._turns:
            for call in turn.calls:
                request, completion = await self._ledger.request(call.key), await self._ledger.completion(call.key)
                if request is not None and completion is not None:
                    found.setdefault(turn.id, []).append((request, completion))
        return found

    def _usage(self, exchanges: Mapping[str, Sequence[tuple[Request, Completion]]]) -> dict[str, Any]:
        """The tokens by model."""
        tokens: dict[str, Tokens] = {}
        for pairs in exchanges.values():
            for request, completion in pairs:
                tokens[request.model] = tokens.get(request.model, Tokens()) + completion.tokens
        return {model: self._counted(count) for model, count in tokens.items()}

    def _counted(self, tokens: Tokens) -> Any:  # noqa: ANN401
        return self._models.ModelUsage(
            input_tokens=tokens.prompt - tokens.cached,
            output_tokens=tokens.completion,
            total_tokens=tokens.total,
            input_tokens_cache_read=tokens.cached or None,
        )

    # --- events ---------------------------------------------------------------------------------------

    def _all_events(self, exchanges: Mapping[str, Sequence[tuple[Request, Completion]]]) -> Iterator[Any]:
        """The run as a transcript: steps in their order, in these turns, in these calls, and what was decided."""
        events, at = self._events, _time(self._record.created)
        for number, (step, turns) in enumerate(groupby(self._turns, key=lambda turn: turn.step)):
            within = f"{self._record.run}/{number}/{step}"
            yield events.SpanBeginEvent(id=within, name=step, type="step", timestamp=at)
            for turn in turns:
                inner = f"{self._record.run}/{turn.id}"
                yield events.SpanBeginEvent(id=inner, parent_id=within, name=turn.seat or turn.verb, type="agent", timestamp=at)
                for request, completion in exchanges.get(turn.id, ()):
                    yield self._call(request, completion, inner, at)
                yield events.InfoEvent(source="contemplate", data=_told(turn), span_id=inner, timestamp=at)
                yield events.SpanEndEvent(id=inner, timestamp=at)
            yield events.SpanEndEvent(id=within, timestamp=at)

    def _call(self, request: Request, completion: Completion, span: str, at: datetime) -> Any:  # noqa: ANN401
        """One call as Inspect writes a call of its own."""
        models = self._models
        roles = {"system": models.ChatMessageSystem, "user": models.ChatMessageUser, "assistant": models.ChatMessageAssistant}
        said = [roles.get(message.role, models.ChatMessageUser)(content=message.text) for message in request.messages]
        reply = models.ChatMessageAssistant(content=completion.text, source="generate", model=completion.model or request.model)
        choice = models.ChatCompletionChoice(message=reply, stop_reason=_STOPS.get(completion.finish, "stop"))
        output = models.ModelOutput(
            model=completion.model or request.model, choices=[choice], usage=self._counted(completion.tokens)
        )
        sampling = request.sampling
        config = models.GenerateConfig(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            stop_seqs=list(sampling.stop) or None,
            seed=request.seed,
        )
        return self._events.ModelEvent(
            model=request.model,
            input=said,
            tools=[],
            tool_choice="none",
            config=config,
            output=output,
            span_id=span,
            timestamp=at,
            completed=at,
        )


def _told(turn: Turn) -> Json:
    """What a turn came to, beside its calls."""
    row: Json = turn.model_dump(mode="json", exclude={"text", "calls", "tokens", "key", "repaired"})
    return {name: value for name, value in row.items() if value not in (None, "", [], {}, 0)}
