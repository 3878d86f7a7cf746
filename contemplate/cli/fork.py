"""`contemplate fork`: a stored run again, with something changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from contemplate.catalogue import read_text
from contemplate.catalogue.recipe import settings_of
from contemplate.cli.ask import caps, check_writable, exit_status, finish, follow
from contemplate.cli.location import Location
from contemplate.cli.screen import JsonScreen, screen_for
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.orchestration.rehearsal import Estimate
from contemplate.orchestration.stored_runs import ChangeOptions
from contemplate.text import one_line
from contemplate.trace.events import Observer
from contemplate.trace.outcome import Outcome


@dataclass(frozen=True)
class Arguments:
    """What was typed."""

    run: str
    seats: tuple[int, ...]
    turns: tuple[str, ...]
    edit: tuple[str, Path] | None
    models: tuple[str, ...]
    rule: str | None
    settings: tuple[str, ...]
    budget: dict[str, float | None]
    estimate: bool
    location: Location
    json: bool
    trace: Path | None


def fork(arguments: Arguments) -> int:
    """Fork a run, or say what that would take; return the exit status of `ask`."""
    check_writable(arguments.trace)
    changes, budget = changes_of(arguments), caps(arguments.budget)
    location = arguments.location

    async def expected() -> Estimate:
        async with location.orchestrator(arguments.run) as orchestrator:
            return await orchestrator.estimate_fork(arguments.run, budget=budget, **changes)

    if arguments.estimate:
        found = run_async(expected)
        print(json.dumps(found.to_dict()) if arguments.json else f"it would take {found}; nothing was called")
        return Status.DONE
    screen = screen_for(location, as_json=arguments.json)

    async def work(observer: Observer) -> Outcome:
        async with location.orchestrator(arguments.run) as orchestrator:
            spec = await orchestrator.fork_spec(arguments.run, budget=budget, **changes)
            await orchestrator.runner.prepare(spec)
            with screen:
                return await orchestrator.fork(arguments.run, budget=budget, on_event=observer, **changes)

    outcome = follow(work, screen, location)
    if arguments.json:
        screen = JsonScreen({name: outcome.origin[name] for name in ("forked_from", "changes")})
    finish(outcome, screen, arguments.trace, location)
    if not arguments.json:
        parent = str(outcome.origin["forked_from"])
        print(f"{'compare:':<12} {location.command('diff', parent)} {outcome.run}")
    return exit_status(outcome)


def changes_of(arguments: Arguments) -> ChangeOptions:
    """The changes that were typed.

    Raises:
        InputError: one is not of its form, or a file can't be read.
    """
    edits = {} if arguments.edit is None else {arguments.edit[0]: read_text(arguments.edit[1])}
    parameters = {}
    for name, value in settings_of(arguments.settings).items():
        if not isinstance(value, str | int | float | bool):
            raise InputError(f"--set {name}: expected a word, a number, true or false")
        parameters[name] = value
    return ChangeOptions(
        without_seats=arguments.seats,
        without_turns=arguments.turns,
        edits=edits,
        models=dict(map(_model, arguments.models)),
        rule=arguments.rule,
        parameters=parameters,
    )


def _model(typed: str) -> tuple[int, str]:
    """`SEAT=MODEL`, where the model may have an equals sign of its own."""
    seat, equals, model = typed.partition("=")
    number = seat.strip().removeprefix("seat-")
    if not (equals and number.isascii() and number.isdigit() and model.strip()):
        raise InputError(f"--model {one_line(typed, 60)}: expected SEAT=MODEL, as 2=openai/gpt-5-mini")
    return int(number), model.strip()
