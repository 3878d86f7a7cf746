"""Events as JSON, for whoever follows a run: a page, or a program of somebody's own."""

from __future__ import annotations

import dataclasses
import re

from pydantic import BaseModel

from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.server.feed import Feed
from contemplate.server.problems import body_of, harmless
from contemplate.server.refused import RefusedError
from contemplate.trace.course import turn_row
from contemplate.trace.events import Event, Noted, RunEnded, RunStarted, TurnEnded
from contemplate.trace.words import brief
from contemplate.types import Json, Question

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_BRIEF = 160


def event_row(event: Event) -> Json:
    """An event: its `type` ("run_started", "turn_delta", ...), the run, its number from 1, the seconds since the run began.

    Beside that it has the fields of the event: those of a turn as the trace has them, with what it came to in a few words
    (`brief`); of the outcome as `Outcome.to_dict` gives it. Whole requests and completions of calls are left out.
    """
    row: Json = {"type": _CAPITAL.sub("_", type(event).__name__).lower()}
    match event:
        case RunStarted():
            fields = {**_stamp(event), "question": _question(event.question)}
            more = {"strategy": event.strategy, "models": list(event.models), "most_calls": event.most_calls}
            return {**row, **fields, **more}
        case TurnEnded():
            turn = {**turn_row(event.turn, event.sees), "brief": brief(event.turn, _BRIEF)}
            return {**row, **_stamp(event), "turn": turn, "cached": event.cached, "usage": event.usage.model_dump(mode="json")}
        case RunEnded():
            return {**row, **_stamp(event), "outcome": event.outcome.to_dict()}
    fields = {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event) if field.repr}
    if isinstance(event, Noted) or fields.get("error"):
        fields |= {name: harmless(str(fields[name])) for name in ("message", "error") if fields.get(name)}
    return {**row, **fields}


def end_row(feed: Feed) -> Json | None:
    """What is told of a run that ended without an outcome: "run_failed" or "run_stopped"; None for one that has one."""
    if feed.outcome is not None:
        return None
    stopped = feed.state == "stopped"
    problem = feed.problem or RefusedError("the run was stopped; what it paid for is kept", 409, code="stopped", retry=False)
    row = {"type": "run_stopped" if stopped else "run_failed", "run": feed.run}
    return {**row, "number": feed.events[-1].number + 1 if feed.events else 1, **body_of(problem)}


def stored_rows(record: RunRecord, turns: list[StoredTurn]) -> list[Json]:
    """A stored run told once more: its beginning, its turns as they are kept, and its end."""
    spec, run = record.spec, record.run
    question = record.question or Question(text=spec["question"]["text"])
    head = {"strategy": spec["strategy"]["name"], "models": list(spec["models"]), "most_calls": spec["budget"].get("calls")}
    rows: list[Json] = [{"type": "run_started", "question": _question(question), **head}]
    for turn, sees in turns:
        rows.append({"type": "turn_ended", "turn": {**turn_row(turn, sees), "brief": brief(turn, _BRIEF)}, "cached": True})
    if record.outcome is not None:
        rows.append({"type": "run_ended", "outcome": record.outcome})
    elif record.state != "running":
        problem = RefusedError(f"the run is {record.state}; what it paid for is kept", 409, code="stopped", retry=False)
        rows.append({"type": "run_stopped", **body_of(problem)})
    return [{**row, "run": run, "number": number, "at": 0.0} for number, row in enumerate(rows, 1)]


def run_row(record: RunRecord, *, live: bool) -> Json:
    """A stored run in a list."""
    spec, outcome = record.spec, record.outcome or {}
    usage = outcome.get("usage") or {}
    return {
        "run": record.run,
        "created": record.created,
        "state": record.state,
        "live": live,
        "strategy": spec["strategy"]["name"],
        "models": list(spec["models"]),
        "seed": spec["seed"],
        "kind": spec["question"].get("kind"),
        "question": spec["question"]["text"][:500],
        "answer": None if outcome.get("answer") is None else str(outcome["answer"])[:500],
        "confidence": outcome.get("confidence"),
        "stopped": outcome.get("stopped"),
        "usd": usage.get("usd"),
        "seconds": usage.get("seconds"),
        "calls": usage.get("calls"),
    }


def _question(question: Question) -> Json:
    documents = [{"name": one.name, "characters": len(one.text)} for one in question.documents]
    attachments = [{"name": one.name, "media_type": one.media_type} for one in question.attachments]
    head = {"text": question.text, "kind": question.kind, "choices": list(question.choices)}
    return {**head, "documents": documents, "attachments": attachments}


def _stamp(event: Event) -> Json:
    return {"run": event.run, "number": event.number, "at": round(event.at, 4)}


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [list(one) if isinstance(one, tuple) else one for one in value] if isinstance(value, tuple) else value
