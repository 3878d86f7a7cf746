"""The live panel on a terminal: a row for each seat, what the run took, and the answer below."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from contemplate.answers import same
from contemplate.cli.echo import quiet
from contemplate.cli.location import Location
from contemplate.cli.words import decided, said_of, spent, summary
from contemplate.text import one_line, printable
from contemplate.trace.events import CallEnded, CallStarted, Event, FellBack, Noted, RunStarted, TurnDelta, TurnEnded, TurnStarted
from contemplate.trace.outcome import Outcome
from contemplate.trace.words import DOING
from contemplate.types import Answer, Turn, Usage, seat_number

_MARKS = {"done": Text("*", style="green"), "failed": Text("x", style="red"), "stopped": Text("-", style="dim")}
_TAIL = 60
"""How much of a reply that is being written is shown, in characters."""
_AROUND = 6
"""Lines of the screen that are not seats: the frame, the seats left out, decision, note, usage; and one for the cursor."""
_WIDE = 70
"""From so many columns on, there is room for the models' names and the rest."""


class _Seat:
    """One row."""

    def __init__(self, event: TurnStarted) -> None:
        self.name, self.model = event.seat, event.model
        self.asked = 0
        self.state = "working"
        self.first: Answer | None = None
        self.answer: Answer | None = None
        self.standing = Text()
        self.words = Text()
        self.writing, self.written = "", ""
        self.spinner = Spinner("dots")

    def begins(self, event: TurnStarted) -> None:
        self.asked += 1
        self.model = event.model
        self.state = "working"
        so_far = f" (so far: {one_line(self.answer.text, 60)})" if self.answer is not None else ""
        self.words = Text(f"{DOING.get(event.verb, event.verb)}{so_far}")

    def asks_again(self, event: CallStarted) -> None:
        self.model = event.model
        self.words = Text(f"asking {one_line(event.model, 40)} again, attempt {event.attempt}", style="yellow")

    def falls_back(self, event: FellBack) -> None:
        self.model = event.instead
        self.words = Text(f"asking {one_line(event.instead, 40)} instead of {one_line(event.model, 40)}", style="yellow")

    def writes(self, event: TurnDelta) -> None:
        if event.id != self.writing:
            self.writing, self.written = event.id, ""
        self.written = (self.written + event.text)[-_TAIL:]
        self.words = Text(f"... {one_line(self.written, _TAIL)}", style="dim")

    def ends(self, turn: Turn) -> None:
        self.asked = max(self.asked - 1, 0)
        if not self.asked:
            self.state = "failed" if turn.status == "failed" else "done"
        if turn.status != "cancelled":
            self.model = turn.model
            if turn.answer is not None:
                self.answer, self.first = turn.answer, self.first or turn.answer
                self.standing = self._stands(turn, turn.answer)
            self.words = self._of(turn)
        elif not self.asked:
            self.stops()

    def stops(self) -> None:
        self.state, self.words = "stopped", Text("stopped", style="dim")

    def _stands(self, turn: Turn, answer: Answer) -> Text:
        """Where the seat stands once it has answered: its answer, how sure it is, and whether it began with another."""
        if self.first is None or same(self.first, answer) is not None:
            return Text(said_of(turn), style="green")
        sure = "" if turn.confidence is None else f", {turn.confidence:.0%} sure"
        change = f"changed its mind: {one_line(answer.text, 60)} (was {one_line(self.first.text, 40)}{sure})"
        return Text(change, style="yellow")

    def _of(self, turn: Turn) -> Text:
        """The seat's state: where it stands, and what it did last if that was something else."""
        if turn.status == "failed":
            keeps = "" if self.answer is None else f" (keeps {one_line(self.answer.text, 40)})"
            return Text(f"{said_of(turn)}{keeps}", style="red")
        if turn.answer is not None:
            return self.standing
        did = Text(said_of(turn), style="dim")
        return Text.assemble(self.standing, ("; ", "dim"), did) if self.answer is not None else did

    def mark(self) -> RenderableType:
        return self.spinner if self.state == "working" else _MARKS[self.state]


class LiveScreen:
    """Shows a run while it goes, and its outcome when it is over."""

    def __init__(self, location: Location, console: Console | None = None) -> None:
        """Show a run that is kept at `location` on `console`; by default the terminal."""
        self._location = location
        self._most_calls: int | None = None
        self._open = ExitStack()
        self._under_way: set[tuple[str, int]] = set()
        self._seats: dict[str, _Seat] = {}
        self._title = "contemplating"
        self._usage = Usage()
        self._began = time.monotonic()
        self._note = ""
        self._decision = ""
        self._console = console or Console(highlight=False)
        self._live = Live(console=self._console, refresh_per_second=10, get_renderable=self._picture)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._began = time.monotonic()
        self._open.enter_context(quiet(self._console.file))
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop, and leave the last picture on the screen."""
        for seat in self._seats.values():
            if seat.state == "working":
                seat.stops()
        with self._open:
            self._live.__exit__(kind, error, at)

    def tell(self, event: Event) -> None:
        """Take an event in; the picture is drawn ten times a second, whatever happens."""
        match event:
            case RunStarted():
                self._title, self._most_calls = f"{event.strategy} · run {event.run}", event.most_calls
            case TurnStarted():
                self._seats.setdefault(event.seat, _Seat(event)).begins(event)
            case TurnEnded():
                self._usage = event.usage
                if event.turn.decision is not None:
                    self._decision = decided(event.turn.decision)
                elif event.turn.seat in self._seats:
                    self._seats[event.turn.seat].ends(event.turn)
            case CallStarted() | CallEnded():
                self._calls(event)
            case TurnDelta() if event.seat in self._seats:
                self._seats[event.seat].writes(event)
            case Noted():
                self._note = one_line(event.message, 300)
                if isinstance(event, FellBack) and event.seat in self._seats:
                    self._seats[event.seat].falls_back(event)
            case _:
                pass

    def _calls(self, event: CallStarted | CallEnded) -> None:
        """What is under way, and reserved so long."""
        if isinstance(event, CallEnded):
            self._under_way.discard((event.turn, event.attempt))
            return
        self._under_way.add((event.turn, event.attempt))
        if event.attempt > 1 and event.seat in self._seats:
            self._seats[event.seat].asks_again(event)

    def report(self, outcome: Outcome) -> None:
        """Print the answer, and how it came about."""
        if outcome.answer is not None and outcome.question.kind == "open":
            self._console.print(Text(printable(outcome.answer), style="bold", overflow="fold"), "")
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in summary(outcome, self._location):
            style = "bold red" if outcome.answer is None else "bold green"
            table.add_row(Text(name, style="dim"), Text(printable(value), style=style if name == "answer" else ""))
        self._console.print(table)

    def _picture(self) -> Panel:
        width, height = self._console.size
        now = self._usage.model_copy(update={"seconds": time.monotonic() - self._began})
        used = spent(now, short=width < _WIDE, reserved=len(self._under_way), most=self._most_calls)
        lines = [Text(self._decision), Text(self._note, style="dim"), Text(used, style="dim")]
        below = [_cut(line) for line in lines if line.plain]
        title = Text(one_line(self._title, max(width - 8, 8)))
        return Panel(
            Group(*self._rows(width, max(height - _AROUND, 1)), *below), title=title, title_align="left", border_style="dim"
        )

    def _rows(self, width: int, room: int) -> list[RenderableType]:
        seats = sorted(self._seats.values(), key=_place)
        models = {seat.model for seat in seats}
        name_models = width >= _WIDE and (len(models) > 1 or len(seats) == 1)
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=1)
        table.add_column(no_wrap=True, overflow="ellipsis", width=min(max(map(cell_len, self._seats), default=1), width // 4))
        if name_models:
            table.add_column(no_wrap=True, overflow="ellipsis", width=min(max(map(cell_len, models)), width // 4))
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        shown = seats if len(seats) <= room else seats[: room - 1]
        for seat in shown:
            model = [Text(one_line(seat.model, 60), style="dim")] if name_models else []
            table.add_row(seat.mark(), Text(seat.name), *model, seat.words)
        if len(shown) == len(seats):
            return [table]
        states = Counter(seat.state for seat in seats[len(shown) :])
        rest = f"and {len(seats) - len(shown)} more: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}"
        return [table, _cut(Text(rest, style="dim"))]


def _place(seat: _Seat) -> tuple[bool, int]:
    """Where a row stands: the seats of the panel by number, then the others as they came."""
    number = seat_number(seat.name)
    return number == 0, number


def _cut(text: Text) -> Text:
    """`text` on one line, cut where the screen ends."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
