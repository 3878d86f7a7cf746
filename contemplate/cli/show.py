"""`contemplate list` and `contemplate show`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import anyio

from contemplate.catalogue import Catalogue
from contemplate.cli.words import decided, said_of
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import RunRecord
from contemplate.orchestrator import Orchestrator, describe
from contemplate.text import one_line, printable
from contemplate.types import Json, Turn
from contemplate.voting import RULES


def list_things(what: str, *, ledger: Path | None, project: Path | None, as_json: bool) -> None:
    """Print the names of what there is, each with a line on it."""
    rows = anyio.run(_runs, ledger, project) if what == "runs" else _rows(what, Catalogue(project))
    if as_json:
        print(json.dumps(rows, ensure_ascii=True))
        return
    if not rows:
        print("no runs yet; contemplate ask QUESTION makes one", file=sys.stderr)
    for row in rows:
        if what == "runs":
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["created"]))
            state = row["stopped"] or row["state"]
            print(
                f"{row['run']}  {when}  {state:<11} {row['strategy']:<18} {one_line(row['question'], 40)} -> {one_line(str(row['answer']), 30)}"
            )
        else:
            print(f"{row['name']:<20} {row['summary']}{' (' + row['paper'] + ')' if row.get('paper') else ''}")


def _rows(what: str, catalogue: Catalogue) -> list[Json]:
    if what == "strategies":
        recipes = [catalogue.recipe(name) for name in catalogue.names("strategies")]
        return [{"name": r.name, "summary": r.summary, "paper": r.paper, "parameters": _parameters(r)} for r in recipes]
    if what == "agents":
        cards = [catalogue.card(name) for name in catalogue.names("agents")]
        return [{"name": card.name, "summary": card.summary} for card in cards]
    return [{"name": name, "summary": rule.summary} for name, rule in RULES.items()]


def _parameters(recipe: object) -> Json:
    return {name: parameter.default for name, parameter in recipe.parameters.items()}  # type: ignore[attr-defined]


async def _runs(ledger: Path | None, project: Path | None) -> list[Json]:
    async with Orchestrator(ledger=ledger, project=project) as orchestrator:
        return [describe(record) for record in await orchestrator.ledger.runs()]


def show_thing(name: str, *, ledger: Path | None, project: Path | None, as_json: bool) -> None:
    """Print a strategy, an agent, a rule or a run, whole."""
    catalogue = Catalogue(project)
    if name in catalogue.names("strategies") or name.endswith((".yaml", ".yml")):
        recipe = catalogue.recipe(name)
        row = {"name": recipe.name, "summary": recipe.summary, "paper": recipe.paper, "note": recipe.note}
        _put({**row, "parameters": _parameters(recipe), "digest": recipe.digest, "text": recipe.text}, as_json)
    elif name in catalogue.names("agents"):
        card = catalogue.card(name)
        _put({**card.model_dump(mode="json"), "text": card.instruction}, as_json)
    elif name in RULES:
        rule = RULES[name]
        _put({"name": name, "summary": rule.summary, "reference": rule.reference, "text": ""}, as_json)
    else:
        anyio.run(_show_run, name, ledger, project, as_json)


def _put(row: Json, as_json: bool) -> None:  # noqa: FBT001 - the flag of the command
    if as_json:
        print(json.dumps(row, ensure_ascii=True))
        return
    if rest := {key: value for key, value in row.items() if key in {"reference"} and value}:
        print(f"{row['name']}: {row['summary']} ({rest['reference']})")
    elif row["text"]:
        print(row["text"].rstrip())
    else:
        print(f"{row['name']}: {row['summary']}")


async def _show_run(name: str, ledger: Path | None, project: Path | None, as_json: bool) -> None:  # noqa: FBT001
    async with Orchestrator(ledger=ledger, project=project) as orchestrator:
        try:
            record = await orchestrator.find(name)
        except InputError:
            known = [*orchestrator.catalogue.names("strategies"), *orchestrator.catalogue.names("agents"), *RULES]
            raise UnknownNameError("strategy, agent, rule or run", name, known) from None
        turns = await orchestrator.ledger.turns(record.run)
    if as_json:
        rows = [{**turn.model_dump(mode="json"), "sees": [list(sight) for sight in sees]} for turn, sees in turns]
        print(json.dumps({**describe(record), "outcome": record.outcome, "turns": rows}, ensure_ascii=True))
        return
    _print_run(record, [(turn, [other for other, _ in sees]) for turn, sees in turns])


def _print_run(record: RunRecord, turns: list[tuple[Turn, list[str]]]) -> None:
    row = describe(record)
    print(f"run {record.run} ({record.state}): {row['strategy']} on {', '.join(row['models'])}\n\n{printable(row['question'])}")
    for turn, sees in turns:
        print(f"\n=== {turn.id}{'  saw ' + ', '.join(sees) if sees else ''}")
        if turn.decision is not None:
            print(decided(turn.decision))
            continue
        if turn.text:
            print(printable(turn.text.strip()))
        print(f"--- {turn.model}: {said_of(turn)}")
    if record.outcome is not None:
        print(f"\nanswer: {printable(str(row['answer']))} (confidence {record.outcome['confidence']:.2f}, {row['stopped']})")
    else:
        print(f"\nno outcome yet; go on with: contemplate resume {record.run}")
