"""`contemplate resume` and `contemplate replay`: a stored run, again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contemplate.cli.approval import How, approver
from contemplate.cli.ask import check_writable, exit_status, finish, follow
from contemplate.cli.location import Location
from contemplate.cli.report import Form, check_output, deliver, form_of
from contemplate.cli.screen import JsonScreen, Silent, screen_for
from contemplate.cli.status import Status
from contemplate.errors import RunHeldError
from contemplate.orchestration.run_spec import RunSpec
from contemplate.trace.events import Observer
from contemplate.trace.outcome import Outcome


@dataclass(frozen=True)
class Wanted:
    """How an outcome is handed back."""

    form: Form | None = None
    output: Path | None = None
    overwrite: bool = False
    as_json: bool = False


@dataclass(frozen=True)
class Tools:
    """What is to become of calls of tools: of new ones, and of those that were at work when the run was cut short."""

    approve: How = "ask"
    again: bool = False


def resume(run: str, location: Location, wanted: Wanted, trace: Path | None, tools: Tools = Tools()) -> int:
    """Go on with a run; return the exit status of `ask`."""
    form = form_of(wanted.form, wanted.output, as_json=wanted.as_json)
    check_output(wanted.output, overwrite=wanted.overwrite)
    check_writable(trace, wanted.output)
    screen = screen_for(location, as_json=wanted.as_json, form="text" if wanted.output else form)
    approve = approver(tools.approve)

    async def work(observer: Observer) -> Outcome:
        async with location.orchestrator(run) as orchestrator:
            orchestrator.tools.approve = approve
            record = await orchestrator.run(run)
            if record.state != "finished":
                if (holder := (await orchestrator.ledger.holders()).get(record.run)) is not None:
                    raise RunHeldError.by(record.run, holder)
                await orchestrator.runner.prepare(RunSpec.stored(record.run, record.spec))
            with screen:
                return await orchestrator.resume(record.run, observer, tools_again=tools.again)

    outcome = follow(work, screen, location)
    finish(outcome, screen, trace, location)
    deliver(outcome, wanted.output, form, location, overwrite=wanted.overwrite)
    return exit_status(outcome)


def replay(run: str, location: Location, *, as_json: bool, trace: Path | None) -> int:
    """Do a run again without a call; return 0 if it came out the same, 1 if not."""
    check_writable(trace)
    difference: str | None = None

    async def work(observer: Observer) -> Outcome:
        nonlocal difference
        async with location.orchestrator(run) as orchestrator:
            replayed = await orchestrator.replay(run, observer)
            difference = replayed.difference
            return replayed.outcome

    outcome = follow(work, Silent(), location)
    verdict = {"identical": difference is None, "difference": difference}
    finish(outcome, JsonScreen(verdict) if as_json else Silent(), trace, location)
    if not as_json:
        same = "every turn came out the same" if difference is None else f"it differs at {difference}"
        print(f"replayed without a call: {same}")
    return Status.DONE if difference is None else Status.DIFFERENT
