"""What a person, or a program, sees of a run: a live panel, plain lines, or one JSON object."""

from __future__ import annotations

import json
import os
import sys
from types import TracebackType
from typing import Any, Protocol, Self

from contemplate.cli.location import Location
from contemplate.cli.report import Form, as_form, as_text
from contemplate.cli.words import said_of
from contemplate.text import one_line
from contemplate.trace.events import Event, Noted, RunStarted, TurnEnded
from contemplate.trace.outcome import Outcome

Json = dict[str, Any]


class Screen(Protocol):
    """Something to watch a run on. Use it as a context manager while the run goes, then let it report."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop showing."""
        ...

    def tell(self, event: Event) -> None:
        """Take an event in."""
        ...

    def report(self, outcome: Outcome) -> None:
        """Show what the run came to."""
        ...


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Self:
        """Begin to show nothing."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""

    def tell(self, event: Event) -> None:
        """Take no notice."""

    def report(self, outcome: Outcome) -> None:
        """Say nothing."""


class JsonScreen(Silent):
    """One JSON object on standard output at the end; notes on standard error."""

    def __init__(self, more: Json | None = None) -> None:
        """Add `more` to the outcome's object."""
        self._more = more if more is not None else {}

    def tell(self, event: Event) -> None:
        """Pass on what a person should know."""
        if isinstance(event, Noted):
            print(f"contemplate: {one_line(event.message, 300)}", file=sys.stderr)

    def report(self, outcome: Outcome) -> None:
        """Print the object."""
        print(json.dumps({**outcome.to_dict(), **self._more}, ensure_ascii=True))


class PlainScreen(Silent):
    """A line for each turn, as it ends, and the answer below."""

    def __init__(self, location: Location) -> None:
        """Show a run that is kept at `location`."""
        self._location = location

    def tell(self, event: Event) -> None:
        """Print a line."""
        match event:
            case RunStarted():
                print(f"run {event.run}: {event.strategy} on {', '.join(event.models)}", flush=True)
            case TurnEnded() if event.turn.status != "cancelled":
                print(f"{event.turn.id}: {said_of(event.turn)}{' (from the ledger)' if event.cached else ''}", flush=True)
            case Noted():
                print(f"contemplate: {one_line(event.message, 300)}", file=sys.stderr)
            case _:
                pass

    def report(self, outcome: Outcome) -> None:
        """Print the answer, and how it came about."""
        print()
        print(as_text(outcome, self._location), end="")


class MarkdownScreen(JsonScreen):
    """A page in Markdown on standard output at the end; notes on standard error."""

    def __init__(self, location: Location) -> None:
        """Show a run that is kept at `location`."""
        super().__init__()
        self._location = location

    def report(self, outcome: Outcome) -> None:
        """Print the page."""
        print(as_form(outcome, "markdown", self._location), end="")


def screen_for(location: Location, *, as_json: bool, form: Form = "text", live: bool = True) -> Screen:
    """The screen that fits: JSON or Markdown if asked for, a live panel on a terminal that can show one, else plain lines."""
    if as_json or form == "json":
        return JsonScreen()
    if form == "markdown":
        return MarkdownScreen(location)
    if live and sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}:
        from contemplate.cli.live import LiveScreen

        return LiveScreen(location)
    return PlainScreen(location)
