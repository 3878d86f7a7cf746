"""High stakes: an answer is worked out again by others, and held back where too little stands behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice

from contemplate.concurrency import task_group
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run import Run
from contemplate.run.state import RunState
from contemplate.steps import Verify
from contemplate.text import one_line
from contemplate.trace.outcome import Outcome
from contemplate.types import Answer, Decision, Found, Scrutiny, Stakes, Verification

VERIFIER = "verifier"
"""The card of whoever verifies."""
STEP = "end.stakes"
"""The turn of the trace that says what came of it."""
_CHECKS = "end.verify"
_SHOWN = 80

_FAMILIES = {
    "chatgpt": "gpt",
    "o": "gpt",
    "mixtral": "mistral",
    "ministral": "mistral",
    "magistral": "mistral",
    "codestral": "mistral",
    "pixtral": "mistral",
    "devstral": "mistral",
    "qwq": "qwen",
    "gemma": "gemini",
    "codellama": "llama",
}


def family(name: str) -> str:
    """The family of a model, by its name: "qwen" of `local/qwen2.5-1.5b`. Models of one family err alike more often."""
    last = name.rpartition("/")[2].lower()
    found = re.match(r"[a-z]+", last)
    word = found[0] if found else last
    return _FAMILIES.get(word, word)


async def scrutinise(spec: RunSpec, stakes: Stakes, state: RunState, outcome: Outcome) -> Outcome:
    """The outcome of a run on which much hangs: with its answer if that was verified and is sure enough, and else without.

    Args:
        spec: of the run.
        stakes: what is asked for.
        state: of the run, whose steps are done.
        outcome: what it came to.
    """
    verified, notes = list[Verification](), list[str]()
    answer = None if outcome.decision is None else outcome.decision.answer_to(outcome.question)
    if answer is not None and outcome.answer is not None:
        verified = await _verified(spec, stakes, state, answer, outcome.decision)
        if not any(one.other_family for one in verified):
            notes.append("no model of another family was there: verified by models like those that gave the answer")
    uncertain = tuple(_uncertain(stakes, outcome, verified))
    scrutiny = Scrutiny(
        floor=stakes.floor,
        confidence=round(outcome.confidence, 6),
        verifications=tuple(verified),
        given=not uncertain,
        uncertain=uncertain,
        disagree=tuple(_disagree(outcome)) if uncertain else (),
        notes=tuple(notes),
    )
    replace(Run(state), step=STEP).record_found(Found(scrutiny=scrutiny), [one.turn for one in verified])
    outcome = outcome.altered(usage=state.usage)
    if not uncertain or outcome.answer is None:
        return outcome
    return outcome.altered(answer=None, confidence=0.0, stopped="abstained", detail=f"held back: {'; '.join(uncertain)}")


async def _verified(
    spec: RunSpec, stakes: Stakes, state: RunState, answer: Answer, decision: Decision | None
) -> list[Verification]:
    run = replace(Run(state), step=_CHECKS)
    names = {model: spec.routes[model].name if model in spec.routes else model for model in spec.names}
    said = state.trace.positions()
    supporters = [seat for row in (decision.tally if decision else ()) if row.answer == answer.text for seat in row.seats]
    behind = {said[seat][-1].model for seat in supporters if seat in said} or set(spec.panel_models)
    families = {family(names.get(model, model)) for model in behind}
    there = list(dict.fromkeys((*spec.panel_models, *spec.fallbacks)))
    others = [model for model in there if family(names[model]) not in families]
    chosen = others or [model for model in there if model not in behind] or there
    models = list(islice(cycle(chosen), stakes.verifications))
    async with task_group() as tasks:
        state.tasks = tasks
        target = run.put_forward(answer, "answer")
        check = Verify(agent=VERIFIER)
        asked = [
            check.ask_one(run, target, run.played_by(VERIFIER, model), str(number)) for number, model in enumerate(models, 1)
        ]
        turns = [await one for one in asked]
    return [
        Verification(
            turn=turn.id,
            model=turn.model,
            other_family=family(names.get(turn.model, turn.model)) not in families,
            verdict="failed" if turn.failure is not None or turn.status != "said" else turn.verdict or "unclear",
        )
        for turn in turns
    ]


def _uncertain(stakes: Stakes, outcome: Outcome, verified: Sequence[Verification]) -> Iterator[str]:
    """What speaks against giving the answer, a line each."""
    if outcome.answer is None:
        yield f"the panel has no answer ({outcome.detail or outcome.stopped})"
        return
    if outcome.confidence < stakes.floor:
        yield f"the panel's confidence is {outcome.confidence:.2f}, and the floor {stakes.floor:.2f}"
    said = {"flawed": "rejects the answer", "unclear": "neither accepts nor rejects the answer", "failed": "brought nothing"}
    for number, one in enumerate(verified, 1):
        if one.verdict != "sound":
            yield f"verification {number} of {len(verified)}, by {one_line(one.model, 60)}, {said[one.verdict]}"
    if outcome.stopped in {"budget", "deadline"}:
        yield f"the {outcome.stopped} cut the panel short"
    for claim in outcome.disputed[:5]:
        yield f"claim {claim.id} is disputed: {one_line(claim.text, _SHOWN)}"


def _disagree(outcome: Outcome) -> Iterator[str]:
    """Who holds what, the heaviest answer first."""
    decision = outcome.decision or outcome.first_decision
    for row in () if decision is None else decision.tally:
        yield f"{', '.join(row.seats) or 'nobody'}: {one_line(row.answer, _SHOWN)}"
    if decision is not None and decision.abstentions:
        yield f"{', '.join(decision.abstentions)}: no answer"
