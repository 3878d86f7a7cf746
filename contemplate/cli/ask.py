"""`contemplate ask`: from what was typed to an answer on the screen."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import anyio

from contemplate.catalogue import read_text
from contemplate.catalogue.recipe import settings_of
from contemplate.cli.approval import approver
from contemplate.cli.attachments import attached
from contemplate.cli.criteria import given_criteria
from contemplate.cli.location import Location
from contemplate.cli.refining import Refining, reviewer
from contemplate.cli.report import Form, check_output, deliver, form_of
from contemplate.cli.screen import Screen, screen_for
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.terms import Terms
from contemplate.errors import ContemplateError, InputError, InvalidValueError, UnknownNameError
from contemplate.files import beside
from contemplate.models.budget import Budget
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.trace.events import Event, Observer, Observers, RunStarted
from contemplate.trace.outcome import Outcome
from contemplate.types import MAX_QUESTION, AnswerKind, Attachment, Document, FocusMode, Json, Privacy, Sampling, ToolLimits

Job = Callable[[Observer], Awaitable[Outcome]]
"""Carries out a run, telling an observer."""

_CAPS = {"calls": "--budget-calls", "tokens": "--budget-tokens", "usd": "--budget-usd", "seconds": "--deadline"}
_TRACE = b'{"type": "run"'
"""What trace files begin with."""
_MAX_BYTES = 4 * MAX_QUESTION


class InterruptedRunError(ContemplateError):
    """Ctrl-C, a signal to end, or a reader of our output that went away."""

    kind = "interrupted"
    exit_status = Status.INTERRUPTED


@dataclass(frozen=True)
class Arguments:
    """What was typed."""

    question: str
    strategy: str
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    answer: AnswerKind | None
    choices: tuple[str, ...]
    schema: Path | None
    settings: tuple[str, ...]
    seats: int | None
    seed: int
    caps: dict[str, float | None]
    sampling: dict[str, float | None]
    location: Location
    json: bool
    trace: Path | None
    form: Form | None = None
    output: Path | None = None
    overwrite: bool = False
    criteria: str | None = None
    files: tuple[Path, ...] = ()
    system: str | None = None
    documents: tuple[Document, ...] = ()
    privacy: Privacy = "any"
    terms: Terms = field(default_factory=Terms)
    outside: Literal["redact", "digest"] | None = None
    names: Path | None = None
    attach: tuple[str, ...] = ()
    allow_url: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    refine: Refining = "no"
    focus: FocusMode | None = None


def ask(arguments: Arguments) -> int:
    """Work on the question; return the exit status."""
    form = form_of(arguments.form, arguments.output, as_json=arguments.json)
    check_output(arguments.output, overwrite=arguments.overwrite)
    check_writable(arguments.trace, arguments.output)
    orchestrator = Orchestrator(
        arguments.models,
        base_url=arguments.base_url,
        ledger=arguments.location.ledger,
        fallbacks=arguments.fallbacks,
        project=arguments.location.project,
        approve=approver(arguments.terms.approve),
    )
    arguments = replace(
        arguments,
        question=read_question(arguments.question),
        system=read_system(arguments.system),
        documents=Document.from_files(arguments.files),
        attachments=attached(arguments.attach, arguments.allow_url, taken=arguments.question == "-"),
    )
    first = _plan(orchestrator, arguments)
    if arguments.answer is None and first.question.kind == "open":
        print("contemplate: an open question, to be answered in full; --answer text asks for a short answer", file=sys.stderr)
    asks = (bool(first.tools) and arguments.terms.approve == "ask") or arguments.refine == "ask"
    screen = screen_for(arguments.location, as_json=arguments.json, form="text" if arguments.output else form, live=not asks)

    async def work(observer: Observer) -> Outcome:
        async with orchestrator:
            plan = _plan(orchestrator, arguments) if await orchestrator.find_model() else first
            await orchestrator.runner.prepare(plan)
            with screen:
                review = reviewer(arguments.refine)
                return await orchestrator.execute(plan, Observers((observer,)), None if isinstance(review, bool) else review)

    outcome = follow(work, screen, arguments.location)
    finish(outcome, screen, arguments.trace, arguments.location)
    deliver(outcome, arguments.output, form, arguments.location, overwrite=arguments.overwrite)
    return exit_status(outcome)


def _plan(orchestrator: Orchestrator, arguments: Arguments) -> RunSpec:
    with seats_explained(arguments.seats, arguments.strategy):
        options = RunOptions(
            answer=arguments.answer,
            choices=arguments.choices,
            schema=_schema(arguments.schema),
            parameters=parameters_of(arguments.settings, arguments.seats),
            seed=arguments.seed,
            budget=budget_of(arguments.caps, arguments.terms.tool_limits),
            sampling=sampling_of(arguments.sampling),
            criteria=None if arguments.criteria is None else given_criteria(arguments.criteria),
            documents=arguments.documents,
            system=arguments.system,
            privacy=arguments.privacy,
            outside=arguments.outside,
            hide=None if arguments.names is None else read_text(arguments.names).split("\n"),
            attachments=arguments.attachments,
            refine=reviewer(arguments.refine),
            focus=arguments.focus,
            **arguments.terms.options,
        )
        return orchestrator.specify(arguments.question, arguments.strategy, options)


def parameters_of(settings: tuple[str, ...], seats: int | None) -> dict[str, object]:
    """The values that were typed for a recipe's parameters.

    Raises:
        InputError: two of them are for the same one, and differ.
    """
    parameters = settings_of(settings)
    if seats is None:
        return parameters
    if parameters.get("seats", seats) != seats:
        raise InputError(f"--seats {seats}: seats is {parameters['seats']} already (--set); give it once")
    return {**parameters, "seats": seats}


@contextmanager
def seats_explained(seats: int | None, strategy: str) -> Iterator[None]:
    """Say of a recipe that has no seats to set what `--seats` has to do with that.

    Raises:
        InputError: that is so.
    """
    try:
        yield
    except UnknownNameError as error:
        if seats is None or error.name != "seats":
            raise
        msg = f"--seats {seats}: the strategy {strategy} has no seats to set (contemplate show {strategy})"
        raise InputError(msg) from None


def _schema(file: Path | None) -> Json | None:
    """The JSON Schema in a file."""
    if file is None:
        return None
    try:
        schema = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: no JSON ({error})") from None
    if not isinstance(schema, dict):
        raise InputError(f"{file}: a JSON Schema is an object, and this is a {type(schema).__name__}")
    return schema


def caps(typed: dict[str, float | None]) -> Budget | None:
    """The budget that was typed; None if no cap was.

    Raises:
        InputError: a cap is no number above 0.
    """
    return budget_of(typed) if any(value is not None for value in typed.values()) else None


def budget_of(typed: dict[str, float | None], tools: tuple[str, ...] = ()) -> Budget:
    """The caps that were typed, and the limits on tools.

    Raises:
        InputError: one is no number above 0, or no limit.
    """
    for name, value in typed.items():
        if value is not None and not 0 < value < math.inf:  # not a number is not above 0 either
            msg = f"{_CAPS[name]} {value:g}: it must be a number above 0"
            raise InputError(msg)
    limits = _tool_limits(tools) if tools else None
    return Budget(**typed, tools=limits)  # type: ignore[arg-type]  # it says itself what is wrong


def _tool_limits(typed: tuple[str, ...]) -> ToolLimits:
    given = settings_of(typed, "--tool-limit", "calls=20")
    try:
        return ToolLimits(**given)  # type: ignore[arg-type]  # it says itself what is wrong
    except InvalidValueError as error:
        raise InputError(f"--tool-limit {error.problem}") from None


def sampling_of(typed: dict[str, float | None]) -> Sampling | None:
    """How replies are drawn: what was typed, and nothing else."""
    words = {name: value for name, value in typed.items() if value is not None}
    return Sampling(**words) if words else None  # type: ignore[arg-type]  # it says itself what is wrong


def follow(work: Job, screen: Screen, location: Location, run: Callable[..., Outcome | None] = run_async) -> Outcome:
    """Do a run with a screen to watch it on.

    Args:
        work: carries it out.
        screen: to watch it on.
        location: where it is kept.
        run: runs a function that is async; as `run_async`, which begins an event loop for it.

    Raises:
        InterruptedRunError: it was cut short; says how to go on.
    """
    runs: list[str] = []

    async def watched() -> Outcome | None:
        with anyio.CancelScope() as scope:

            def observe(event: Event) -> None:
                if isinstance(event, RunStarted):
                    runs.append(event.run)
                try:
                    screen.tell(event)
                except OSError:  # nobody reads any more, or the disk is full
                    scope.cancel()

            return await work(observe)
        return None

    outcome = None
    with suppress(KeyboardInterrupt):
        outcome = run(watched)
    if outcome is None:
        how = f"what was paid for is kept; go on with: {location.command('resume', runs[-1])}" if runs else "nothing was called"
        msg = f"interrupted; {how}"
        raise InterruptedRunError(msg)
    return outcome


def finish(outcome: Outcome, screen: Screen, trace: Path | None, location: Location) -> None:
    """Say what a run came to, and write its trace.

    Raises:
        InputError: the trace can't be written.
    """
    screen.report(outcome)
    if trace is not None:
        try:
            outcome.write_trace(trace)
        except OSError as error:
            again = f"{location.command('replay', outcome.run)} --trace FILE"
            msg = f"--trace {trace}: can't be written ({error.strerror}); the run is kept, and {again} writes it elsewhere"
            raise InputError(msg) from None


def exit_status(outcome: Outcome) -> Status:
    """What a run's end means to whoever started it."""
    if outcome.answer is not None:
        return Status.DONE
    return Status.UNREACHABLE if outcome.stopped == "unreachable" else Status.NO_ANSWER


def read_question(typed: str) -> str:
    """The question: what was typed, what a file holds (`@FILE`), or what comes on standard input (`-`).

    Raises:
        InputError: the file is not there, or is no text.
    """
    if typed == "-":
        return _read_standard_input()
    if typed.startswith("@"):
        return read_text(Path(typed[1:]))
    if " " not in typed and len(typed) < 1000 and "\0" not in typed and Path(typed).is_file():  # noqa: PLR2004
        msg = f"{typed} is a file; to ask what is in it, write @{typed}"
        raise InputError(msg)
    return typed


def read_system(typed: str | None) -> str | None:
    """The system prompt: what was typed, or what a file holds (`@FILE`); None where nothing was.

    Raises:
        InputError: the file is not there, or is no text.
    """
    return read_text(Path(typed[1:])) if typed is not None and typed.startswith("@") else typed


def _read_standard_input() -> str:
    if sys.stdin is None:
        msg = "standard input is closed, so no question can be read from it"
        raise InputError(msg)
    content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:  # it may have no end
        msg = f"standard input: over {_MAX_BYTES:,} bytes; a question has at most {MAX_QUESTION:,} characters"
        raise InputError(msg)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"standard input: not UTF-8 text (byte {error.start})"
        raise InputError(msg) from None


def check_writable(trace: Path | None, output: Path | None = None) -> None:
    """Raise an InputError now, and not after everything was paid for, if the trace can't or must not be written."""
    if trace is None:
        return
    if output is not None and trace.resolve() == output.resolve():
        msg = f"--trace {trace}: is the file of --output as well; name another one"
        raise InputError(msg)
    if trace.is_dir() or not trace.parent.is_dir():
        msg = f"--trace {trace}: {'is a folder' if trace.is_dir() else 'its folder does not exist'}"
        raise InputError(msg)
    was_there = trace.exists()
    try:
        with trace.open("ab+" if trace.is_file() or not was_there else "ab") as file:
            head = file.read(len(_TRACE)) if file.readable() and not file.seek(0) else b""
            if head and head != _TRACE:
                msg = f"--trace {trace}: is there already, and is no trace file; it would be overwritten, so name another file"
                raise InputError(msg)
        if not was_there:
            trace.unlink()
        if not was_there or trace.is_file():
            beside(trace).unlink()  # it is written there first
    except OSError as error:
        msg = f"--trace {trace}: can't be written ({error.strerror})"
        raise InputError(msg) from None
