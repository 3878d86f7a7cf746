"""`contemplate list` and `contemplate show`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import Recipe
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.words import decided, said_of, spent
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.text import one_line, printable
from contemplate.trace import TraceFile
from contemplate.trace.trace import turn_row
from contemplate.types import Json, Turn, Usage
from contemplate.voting import find_rule, rule_names

_PATHS = (".yaml", ".yml")


def list_things(what: str, location: Location, *, as_json: bool) -> int:
    """Print the names of what there is, each with a line on it."""
    rows = run_async(_runs, location) if what == "runs" else _rows(what, location.catalogue())
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
        return Status.DONE
    if not rows:
        print(f"no {what} yet; contemplate ask QUESTION makes a run", file=sys.stderr)
    for row in rows:
        print(_line_of_run(row) if what == "runs" else f"{row['name']:<20} {_about(row)}")
    return Status.DONE


def _rows(what: str, catalogue: Catalogue) -> list[Json]:
    if what == "strategies":
        recipes = [catalogue.recipe(name) for name in catalogue.names("strategies")]
        return [{"name": r.name, "summary": r.summary, "paper": r.paper, "parameters": _parameters(r)} for r in recipes]
    if what == "agents":
        cards = [catalogue.card(name) for name in catalogue.names("agents")]
        return [{"name": card.name, "summary": card.summary} for card in cards]
    return [{"name": name, "summary": find_rule(name).summary} for name in rule_names()]


def _parameters(recipe: Recipe) -> Json:
    return {name: parameter.default for name, parameter in recipe.parameters.items()}


def _about(row: Json) -> str:
    source = row.get("paper") or row.get("reference")
    return printable(f"{row['summary']}{f' ({source})' if source else ''}")


async def _runs(location: Location) -> list[Json]:
    if not location.exists():
        return []
    async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
        return [describe(record) for record in await orchestrator.runs()]


def _line_of_run(row: Json) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["created"]))
    answer = "-" if row["answer"] is None else one_line(row["answer"], 30)
    return f"{row['run']}  {when}  {_state(row):<11} {row['strategy']:<18} {one_line(row['question'], 40)} -> {answer}"


def _state(row: Json) -> str:
    return str(row["stopped"] if row["state"] == "finished" else row["state"])


def show(name: str | None, trace: Path | None, location: Location, *, as_json: bool) -> int:
    """Print what is named, or the run in a trace file.

    Raises:
        InputError: both are given, or neither; there is no such thing; the file is no trace file.
    """
    if name is not None and trace is not None:
        raise InputError(f"show either {one_line(name)!r} or the run in the file {trace} (--trace), not both at once")
    if name is not None:
        return show_thing(name, location, as_json=as_json)
    if trace is not None:
        return show_trace(trace, as_json=as_json)
    raise InputError("name a strategy, an agent, a rule or a run (contemplate list ...), or a trace file (--trace FILE)")


def show_thing(name: str, location: Location, *, as_json: bool) -> int:
    """Print a strategy, an agent, a rule or a run, whole."""
    catalogue = location.catalogue()
    if name in catalogue.names("strategies") or name.endswith(_PATHS):
        recipe = catalogue.recipe(name)
        row = {"name": recipe.name, "summary": recipe.summary, "paper": recipe.paper, "note": recipe.note}
        _put({**row, "parameters": _parameters(recipe), "digest": recipe.digest, "text": recipe.text}, as_json=as_json)
    elif name in catalogue.names("agents"):
        card = catalogue.card(name)
        row = {key: value for key, value in card.model_dump(mode="json").items() if key != "instruction"}
        _put(
            {**row, "text": f"{_front(row)}\n{card.instruction}"} if not as_json else {**row, "text": card.instruction},
            as_json=as_json,
        )
    elif name in rule_names():
        rule = find_rule(name)
        row = {"name": name, "summary": rule.summary, "reference": rule.reference}
        _put({**row, "text": f"{name}: {_about(row)}"}, as_json=as_json)
    else:
        run_async(_show_run, name, location, as_json)
    return Status.DONE


def _front(row: Json) -> str:
    """A card's settings: those that are set."""
    return "".join(f"{key}: {value}\n" for key, value in row.items() if value and key != "digest")


def _put(row: Json, *, as_json: bool) -> None:
    print(json.dumps(row, ensure_ascii=True) if as_json else printable(row["text"].rstrip()))


async def _show_run(name: str, location: Location, as_json: bool) -> None:  # noqa: FBT001 - anyio.run passes no names
    record, turns = await _find(name, location)
    go_on = f"no outcome yet; go on with: {location.command('resume', record.run)}"
    _put_run(describe(record), record.outcome, turns, go_on, as_json=as_json)


def show_trace(path: Path, *, as_json: bool) -> int:
    """Print the run in a trace file, as `show_thing` does one in the ledger."""
    file = TraceFile.read(path)
    head, outcome = file.head, file.outcome
    row: Json = {
        "run": head.run,
        "created": None,
        "state": "finished",
        "strategy": head.strategy,
        "models": list(head.models),
        "question": head.question.text,
        "answer": outcome["answer"],
        "stopped": outcome["stopped"],
    }
    _put_run(row, outcome, file.trace.stored, as_json=as_json)
    return Status.DONE


def _put_run(row: Json, outcome: Json | None, turns: Sequence[StoredTurn], go_on: str = "", *, as_json: bool) -> None:
    """Print a run, whole.

    Args:
        row: it as one row (`describe`).
        outcome: what it came to; None if it is not over.
        turns: all that was said in it.
        go_on: what to do about a run that is not over.
        as_json: as one JSON object.
    """
    if as_json:
        rows = [turn_row(turn, sees) for turn, sees in turns]
        print(json.dumps({**row, "outcome": outcome, "turns": rows}, ensure_ascii=True))
        return
    begins = f"run {row['run']} ({_state(row)}): {row['strategy']} on {', '.join(row['models'])}"
    print(f"{printable(begins)}\n\n{printable(row['question'])}")
    for turn, sees in turns:
        _print_turn(turn, [other for other, _ in sees])
    if outcome is None:
        print(f"\n{go_on}")
    else:
        _print_outcome(outcome)


async def _find(name: str, location: Location) -> tuple[RunRecord, list[StoredTurn]]:
    runs = []
    if location.exists():
        async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
            if (record := await orchestrator.ledger.run(name)) is not None:
                return record, await orchestrator.ledger.turns(record.run)
            runs = await orchestrator.ledger.run_ids()
    catalogue = location.catalogue()
    known = [*catalogue.names("strategies"), *catalogue.names("agents"), *rule_names(), *runs]
    what = "strategy, agent, rule or run"
    raise UnknownNameError(what, name, known, "(contemplate list strategies|agents|rules|runs)")


def _print_turn(turn: Turn, saw: list[str]) -> None:
    print(printable(f"\n=== {turn.id}{'  saw ' + ', '.join(saw) if saw else ''}"))
    if turn.decision is not None:
        print(printable(decided(turn.decision)))
        return
    if turn.text:
        print(printable(turn.text.strip()))
    print(f"--- {one_line(turn.model)}: {printable(said_of(turn))}")


def _print_outcome(outcome: Json) -> None:
    answer = "none" if outcome["answer"] is None else printable(outcome["answer"])
    print(f"\nanswer: {answer} (confidence {outcome['confidence']:.2f}, {one_line(outcome['stopped'])})")
    if outcome.get("detail"):
        print(f"because: {one_line(outcome['detail'], 300)}")
    print(f"used: {spent(Usage.model_validate(outcome['usage']))}")


def describe(record: RunRecord) -> Json:
    """A stored run as one row: what `contemplate list runs --json` prints."""
    outcome = record.outcome or {}
    return {
        "run": record.run,
        "created": record.created,
        "state": record.state,
        "strategy": record.spec["strategy"]["name"],
        "models": record.spec["models"],
        "question": record.spec["question"]["text"],
        "answer": outcome.get("answer"),
        "stopped": outcome.get("stopped"),
    }
