"""`contemplate show`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contemplate.analysis.measures import Measures, measure
from contemplate.catalogue.recipe import Recipe
from contemplate.cli.claims import composed, lines_of, scores_of, stance_line
from contemplate.cli.location import Location
from contemplate.cli.measures import put_measures
from contemplate.cli.page import Page
from contemplate.cli.report import Form
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.trace_files import check_partial, read_trace
from contemplate.cli.words import decided, said_of, spent
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import Holder, RunRecord, StoredTurn
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.run.what_if import Changes
from contemplate.text import one_line, printable
from contemplate.trace import PartialTrace
from contemplate.trace.attached import shown
from contemplate.trace.claims import assessment_in, claims_in, composition_in
from contemplate.trace.course import turn_row
from contemplate.trace.enclosed import enclosed, lines
from contemplate.trace.governed import governed_lines
from contemplate.trace.grounds import rests_on
from contemplate.trace.markdown import Report
from contemplate.trace.markdown import page as markdown_page
from contemplate.trace.trace import Trace
from contemplate.types import Flip, Json, Message, Turn, Usage
from contemplate.viewer.loading import head_of
from contemplate.voting import find_rule, rule_names

Prompts = Mapping[str, Sequence[Sequence[Message]]]
"""By turn, the messages of each of its calls."""

_PATHS = (".yaml", ".yml")


def parameters(recipe: Recipe) -> Json:
    """What can be set of a recipe, and what it is otherwise."""
    return {name: parameter.default for name, parameter in recipe.parameters.items()}


def about(row: Json) -> str:
    """A line on a strategy, an agent or a rule, with where it comes from."""
    source = row.get("paper") or row.get("reference")
    return printable(f"{row['summary']}{f' ({source})' if source else ''}")


def state(row: Json) -> str:
    """Where a run stands, or how it ended."""
    return str(row["stopped"] if row["state"] == "finished" else row["state"])


@dataclass(frozen=True)
class Wanted:
    """What of a run is printed besides what was said in it.

    Attributes:
        form: how it is printed.
        prompts: what each agent was asked.
        measures: the measures of its trace.
        partial: of a trace file that is damaged, what is whole.
    """

    form: Form = "text"
    prompts: bool = False
    measures: bool = False
    partial: bool = False


def show(name: str | None, trace: Path | None, location: Location, wanted: Wanted) -> int:
    """Print what is named, or the run in a trace file.

    Raises:
        InputError: both are given, or neither; there is no such thing; the file is no trace file.
    """
    for option, asked in {"--measures": wanted.measures, "--prompts": wanted.prompts}.items():
        if asked and wanted.form == "markdown":
            raise InputError(f"{option} are printed as text or with --json, and not in Markdown")
    if name is not None and trace is not None:
        raise InputError(f"show either {one_line(name)!r} or the run in the file {trace} (--trace), not both at once")
    check_partial(trace, partial=wanted.partial)
    if name is not None:
        return show_thing(name, location, wanted)
    if trace is not None and wanted.prompts:
        raise InputError("a trace file has no prompts: they are in the ledger (contemplate show RUN --prompts)")
    if trace is not None:
        return show_trace(trace, wanted)
    raise InputError("name a strategy, an agent, a rule or a run (contemplate list ...), or a trace file (--trace FILE)")


def show_thing(name: str, location: Location, wanted: Wanted) -> int:
    """Print a strategy, an agent, a rule or a run, whole.

    Raises:
        InputError: there is no such thing, or something else than a run is wanted in Markdown.
    """
    catalogue, as_json = location.catalogue(), wanted.form == "json"
    things = {*catalogue.names("strategies"), *catalogue.names("agents"), *rule_names()}
    of_runs = {"--format markdown": wanted.form == "markdown", "--measures": wanted.measures, "--prompts": wanted.prompts}
    for option, asked in of_runs.items():
        if asked and (name in things or name.endswith(_PATHS)):
            raise InputError(f"{option}: {name} is no run")
    if name in catalogue.names("strategies") or name.endswith(_PATHS):
        recipe = catalogue.recipe(name)
        row = {"name": recipe.name, "summary": recipe.summary, "paper": recipe.paper, "note": recipe.note}
        _put({**row, "parameters": parameters(recipe), "digest": recipe.digest, "text": recipe.text}, as_json=as_json)
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
        _put({**row, "text": f"{name}: {about(row)}"}, as_json=as_json)
    else:
        run_async(_show_run, name, location, wanted)
    return Status.DONE


def _front(row: Json) -> str:
    """A card's settings: those that are set."""
    return "".join(f"{key}: {value}\n" for key, value in row.items() if value and key != "digest")


def _put(row: Json, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=True))
    else:
        Page().put(row["text"].rstrip())


async def _show_run(name: str, location: Location, wanted: Wanted) -> None:
    record, turns, holder = await _find(name, location)
    asked = await _asked(turns, location) if wanted.prompts else None
    resume = f"go on with: {location.command('resume', record.run)}"
    go_on = f"no outcome yet; {resume if holder is None else holder}"
    if wanted.form == "markdown":
        if record.outcome is None:
            raise InputError(f"--format markdown: run {record.run} has {go_on}")
        print(markdown_page(Report.stored(head_of(record), record.outcome, turns)), end="")
        return
    found = measure(Trace.of(turns), record.question, (record.outcome or {}).get("stopped")) if wanted.measures else None
    row = describe(record, holder)
    _put_run(row, record.outcome, turns, go_on, as_json=wanted.form == "json", asked=asked, measures=found)


def show_trace(path: Path, wanted: Wanted) -> int:
    """Print the run in a trace file, as `show_thing` does one in the ledger."""
    file = read_trace(path, partial=wanted.partial)
    head, outcome = file.head, file.outcome
    if wanted.form == "markdown":
        if outcome is None:
            raise InputError(f"--format markdown: {path} has no outcome; show it as text")
        print(markdown_page(Report.stored(head, outcome, file.trace.stored)), end="")
        return Status.DONE
    row: Json = {
        "run": head.run,
        "created": None,
        "holder": None,
        "state": "finished" if outcome is not None else "cut off",
        "strategy": head.strategy,
        "models": list(head.models),
        "question": head.question.text,
        **enclosed(head.question.model_dump(mode="json")),
        "answer": None if outcome is None else outcome["answer"],
        "stopped": None if outcome is None else outcome["stopped"],
        **({"missing": list(file.missing)} if isinstance(file, PartialTrace) else {}),
    }
    found = measure(file.trace, head.question, row["stopped"]) if wanted.measures else None
    _put_run(row, outcome, file.trace.stored, "no outcome", as_json=wanted.form == "json", measures=found)
    return Status.DONE


async def _asked(turns: Sequence[StoredTurn], location: Location) -> Prompts:
    """What each turn's agent was asked: the messages of each of its calls that the ledger has."""
    async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
        requests = {turn.id: [await orchestrator.ledger.request(call.key) for call in turn.calls] for turn, _ in turns}
    return {turn: [request.messages for request in its if request is not None] for turn, its in requests.items()}


def _put_run(
    row: Json,
    outcome: Json | None,
    turns: Sequence[StoredTurn],
    go_on: str = "",
    *,
    as_json: bool,
    asked: Prompts | None = None,
    measures: Measures | None = None,
) -> None:
    """Print a run, whole.

    Args:
        row: it as one row (`describe`).
        outcome: what it came to; None if it is not over.
        turns: all that was said in it.
        go_on: what to do about a run that is not over.
        as_json: as one JSON object.
        asked: what agents were asked, where that is wanted.
        measures: of its trace, where they are.
    """
    if as_json:
        rows = [{**turn_row(turn, sees), **_prompts(turn, asked)} for turn, sees in turns]
        measured = {} if measures is None else {"measures": measures.to_dict()}
        print(json.dumps({**row, "outcome": outcome, "turns": rows, **measured}, ensure_ascii=True))
        return
    page = Page()
    page.put(f"run {row['run']} ({state(row)}): {row['strategy']} on {', '.join(row['models'])}", "bold")
    if row.get("forked_from"):
        page.put(f"fork of {row['forked_from']}: {Changes.model_validate(row['changes'])}")
    page.put(f"\n{row['question']}")
    if (turn := row.get("conversation")) is not None:
        page.put(f"turn {turn['number']} of conversation {turn['id']}", "dim")
    if (place := row.get("traceparent")) is not None:
        page.put(f"trace {place.split('-')[1]}", "dim")
    for line in lines(row):
        page.put(line, "dim")
    for turn, sees in turns:
        _put_turn(page, turn, [other for other, _ in sees], () if asked is None else asked[turn.id])
    if outcome is None:
        page.put(f"\n{go_on}")
    else:
        _put_outcome(page, outcome, [turn for turn, _ in turns])
    if measures is not None:
        put_measures(page, measures)


async def _find(name: str, location: Location) -> tuple[RunRecord, list[StoredTurn], Holder | None]:
    runs = []
    if location.exists():
        async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
            with suppress(UnknownNameError):
                record, turns = await orchestrator.stored(name)
                return record, turns, (await orchestrator.ledger.holders()).get(record.run)
            runs = await orchestrator.ledger.run_ids()
    catalogue = location.catalogue()
    known = [*catalogue.names("strategies"), *catalogue.names("agents"), *rule_names(), *runs]
    what = "strategy, agent, rule or run"
    raise UnknownNameError(what, name, known, "(contemplate list strategies|agents|rules|runs)")


def _prompts(turn: Turn, asked: Prompts | None) -> Json:
    """The prompts of a turn as JSON, where they are wanted."""
    if asked is None:
        return {}
    return {"prompts": [[message.model_dump(mode="json") for message in messages] for messages in asked[turn.id]]}


def _put_prompts(page: Page, prompts: Sequence[Sequence[Message]]) -> None:
    for messages in prompts:
        for message in messages:
            page.put(f">>> {message.role}", "magenta")
            page.put(message.told.strip(), "dim")
    if prompts:
        page.put("<<<", "magenta")


def _put_turn(page: Page, turn: Turn, saw: list[str], prompts: Sequence[Sequence[Message]]) -> None:
    page.put(f"\n=== {turn.id}{'  saw ' + ', '.join(saw) if saw else ''}", "bold cyan")
    if turn.views:
        page.put(f"shown: {shown(turn.views)}", "dim")
    _put_prompts(page, prompts)
    for claim in turn.found.claims or ():
        page.put(stance_line(claim))
        if claim.why:
            page.put(f"    {one_line(claim.why, 300)}", "dim")
    if turn.decision is not None:
        page.put(decided(turn.decision), "green")
        if turn.found.composition is not None:
            page.put(composed(turn.found.composition), "dim")
        return
    if turn.text:
        page.put(turn.text.strip())
    _put_done(page, turn)
    for line in rests_on(turn):
        page.put(line, "dim")
    page.put(f"--- {one_line(turn.model) or 'nobody'}: {said_of(turn)}", "red" if turn.failure is not None else "green")


def _put_done(page: Page, turn: Turn) -> None:
    """What was done for a turn: its program, and the tools that it called."""
    for program in turn.programs:
        page.put(f"--- its program {'printed' if program.failed is None else f'failed ({program.failed})'}:", "magenta")
        page.put("\n".join(part for part in (program.output.rstrip(), program.error) if part))
    for use in turn.tools:
        if use.said:
            page.put(use.said)
        came = "returned" if use.failed is None else f"failed ({use.failed})"
        outside = "" if use.pure else ", reaching outside"
        page.put(
            f"--- {one_line(use.tool) or 'a tool'}({one_line(use.arguments, 400)}) {came} in {use.seconds:g} s{outside}:",
            "magenta",
        )
        page.put("\n".join(part for part in (use.result.rstrip(), use.error) if part))


def _put_outcome(page: Page, outcome: Json, turns: Sequence[Turn]) -> None:
    answer = "none" if outcome["answer"] is None else outcome["answer"]
    sure = f"(confidence {outcome['confidence']:.2f}, {one_line(outcome['stopped'])})"
    claims, composition = claims_in(turns), composition_in(turns, outcome["answer"])
    if composition is not None:
        page.put(f"\nanswer {sure}:", "bold green")
        page.put(f"\n{answer}\n")
    else:
        page.put(f"\nanswer: {answer} {sure}", "bold red" if outcome["answer"] is None else "bold green")
    for name, line in (*lines_of(claims, composition), *scores_of(assessment_in(turns))):
        page.put(f"{name}: {line}" if name.strip() else line)
    flips = [Flip.model_validate(flip) for flip in outcome.get("would_change", ())]
    for line in governed_lines(turns, flips):
        page.put(line)
    if outcome.get("detail"):
        page.put(f"because: {one_line(outcome['detail'], 300)}")
    page.put(f"used: {spent(Usage.model_validate(outcome['usage']))}", "dim")


def describe(record: RunRecord, holder: Holder | None) -> Json:
    """A stored run as one row: what `contemplate list runs --json` prints.

    Args:
        record: of the run.
        holder: who is at work on it. A run that nobody is at work on was cut short, whatever is on record.
    """
    outcome = record.outcome or {}
    return {
        "run": record.run,
        "created": record.created,
        "state": "interrupted" if record.state == "running" and holder is None else record.state,
        "holder": None if holder is None else holder.model_dump(),
        "strategy": record.spec["strategy"]["name"],
        "models": record.spec["models"],
        "question": record.spec["question"]["text"],
        **enclosed(record.spec["question"]),
        **({"conversation": {"id": turn["id"], "number": turn["number"]}} if (turn := record.spec.get("conversation")) else {}),
        "answer": outcome.get("answer"),
        "stopped": outcome.get("stopped"),
        **({"traceparent": place} if (place := record.spec.get("traceparent")) else {}),
        **({"forked_from": record.spec["forked_from"], "changes": record.spec.get("changes", {})} if record.forked else {}),
    }
