"""`contemplate ask`: from what was typed to an answer on the screen."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio

from contemplate.budget import Budget
from contemplate.catalogue import read_text
from contemplate.cli.screen import Screen, screen_for
from contemplate.errors import InputError
from contemplate.orchestrator import Orchestrator
from contemplate.outcome import Event, Outcome, RunStarted
from contemplate.recipes import setting
from contemplate.types import AnswerKind

Work = Callable[[Callable[[Event], None]], Awaitable[Outcome]]
"""Carries out a run, telling a listener."""

NO_ANSWER, UNREACHABLE = 3, 4


@dataclass(frozen=True)
class Wish:
    """What was typed."""

    question: str
    strategy: str
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    answer: AnswerKind | None
    choices: tuple[str, ...]
    settings: tuple[str, ...]
    seed: int
    caps: dict[str, float | None]
    ledger: Path | None
    project: Path | None
    json: bool
    trace: Path | None


def ask(wish: Wish) -> int:
    """Work on the question; return the exit status."""
    check_writable(wish.trace)
    orchestrator = Orchestrator(
        wish.models, base_url=wish.base_url, ledger=wish.ledger, fallbacks=wish.fallbacks, project=wish.project
    )
    plan = orchestrator.plan(
        read_question(wish.question),
        wish.strategy,
        answer=wish.answer,
        choices=wish.choices,
        parameters=dict(map(setting, wish.settings)),
        seed=wish.seed,
        budget=Budget.checked(**wish.caps),
    )

    async def work(listen: Callable[[Event], None]) -> Outcome:
        async with orchestrator:
            await orchestrator.prepare(plan)
            with screen:
                return await orchestrator.start(plan, listen)

    screen = screen_for(as_json=wish.json)
    return carry_out(work, screen, wish.trace, wish.ledger)


def carry_out(work: Work, screen: Screen, trace: Path | None, ledger: Path | None) -> int:
    """Do a run with a screen to watch it on; Ctrl-C says how to go on. Returns the exit status."""
    runs: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            runs.append(event.run)
        screen.tell(event)

    try:
        outcome = anyio.run(work, listen)
    except KeyboardInterrupt:
        where = f" --ledger {ledger}" if ledger else ""
        how = f"what was paid for is kept; go on with: contemplate resume {runs[-1]}{where}" if runs else "nothing was called"
        print(f"contemplate: interrupted; {how}", file=sys.stderr)
        raise
    if trace is not None:
        outcome.write_trace(trace)
    screen.report(outcome)
    return exit_status(outcome)


def exit_status(outcome: Outcome) -> int:
    """0 with an answer; else 4 if no backend was reached, 3 for every other reason."""
    if outcome.answer is not None:
        return 0
    return UNREACHABLE if outcome.stopped == "unreachable" else NO_ANSWER


def read_question(typed: str) -> str:
    """The question: what was typed, what a file holds (`@FILE`), or what comes on standard input (`-`).

    Raises:
        InputError: the file is not there, or is no text.
    """
    if typed == "-":
        try:
            return sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            msg = f"standard input: not UTF-8 text (byte {error.start})"
            raise InputError(msg) from None
    if typed.startswith("@"):
        return read_text(Path(typed[1:]))
    if " " not in typed and len(typed) < 1000 and "\0" not in typed and Path(typed).is_file():  # noqa: PLR2004
        msg = f"{typed} is a file; to ask what is in it, write @{typed}"
        raise InputError(msg)
    return typed


def check_writable(trace: Path | None) -> None:
    """Raise an InputError now, and not after everything was paid for, if the trace can't be written."""
    if trace is None:
        return
    if trace.is_dir() or not trace.parent.is_dir():
        msg = f"--trace {trace}: {'is a folder' if trace.is_dir() else 'its folder does not exist'}"
        raise InputError(msg)
    try:
        with trace.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        msg = f"--trace {trace}: can't be written ({error.strerror})"
        raise InputError(msg) from None
