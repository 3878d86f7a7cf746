"""The live panel on a terminal: a row for each seat, what the run took, and the answer below."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from contemplate.answers import same
from contemplate.cli.words import decided, said_of, spent, summary
from contemplate.outcome import Event, Noted, Outcome, RunStarted, TurnEnded, TurnStarted
from contemplate.text import one_line, printable
from contemplate.types import Answer, Turn, Usage

_VERBS = {
    "propose": "working alone",
    "critique": "criticising",
    "revise": "thinking again",
    "judge": "judging",
    "synthesize": "writing the answer",
}
_ROOM = 8
"""Lines of the screen that are not seats: borders, header, footer."""


class _Seat:
    """One row."""

    def __init__(self, name: str, model: str) -> None:
        self.name, self.model = name, model
        self.asked = 0
        self.answer: Answer | None = None
        self.words = Text("waiting", style="dim")
        self._spinner = Spinner("dots")

    def begins(self, event: TurnStarted) -> None:
        self.asked += 1
        self.model = event.model
        self.words = Text(_VERBS.get(event.verb, event.verb))

    def ends(self, turn: Turn) -> None:
        self.asked = max(self.asked - 1, 0)
        self.words = self._of(turn)
        self.answer = turn.answer or self.answer

    def _of(self, turn: Turn) -> Text:
        if turn.status == "failed":
            return Text(said_of(turn), style="red")
        if turn.answer is None:
            return Text(said_of(turn), style="dim")
        if self.answer is not None and same(self.answer, turn.answer) is None:
            change = f"changed its mind: {one_line(self.answer.text, 40)} -> {one_line(turn.answer.text, 40)}"
            return Text(change, style="yellow")
        return Text(said_of(turn), style="green")

    def cells(self) -> list[RenderableType]:
        mark: RenderableType = self._spinner if self.asked else Text(" ")
        return [mark, Text(self.name), Text(one_line(self.model, 28), style="dim"), self.words]


class LiveScreen:
    """Shows a run while it goes, and its outcome when it is over."""

    def __init__(self, console: Console | None = None) -> None:
        """Show on `console`; by default the terminal."""
        self._console = console or Console()
        self._live = Live(console=self._console, refresh_per_second=10, transient=False, get_renderable=self._render)
        self._seats: dict[str, _Seat] = {}
        self._title = "contemplating"
        self._usage = Usage()
        self._began = time.monotonic()
        self._note = ""
        self._decision = ""

    def __enter__(self) -> Self:
        """Begin to show."""
        self._began = time.monotonic()
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop, and leave the last picture on the screen."""
        self._live.__exit__(kind, error, at)

    def tell(self, event: Event) -> None:
        """Take an event in; the picture is drawn ten times a second, whatever happens."""
        match event:
            case RunStarted():
                self._title = f"{event.strategy} · run {event.run}"
            case TurnStarted():
                self._seats.setdefault(event.seat, _Seat(event.seat, event.model)).begins(event)
            case TurnEnded():
                self._usage = event.usage
                if event.turn.decision is not None:
                    self._decision = decided(event.turn.decision)
                elif event.turn.seat in self._seats:
                    self._seats[event.turn.seat].ends(event.turn)
            case Noted():
                self._note = one_line(event.message, 300)
            case _:
                pass

    def report(self, outcome: Outcome) -> None:
        """Print the answer, and how it came about."""
        table = Table.grid(padding=(0, 2))
        for name, value in summary(outcome):
            style = "bold green" if name == "answer" and outcome.answer is not None else "bold red" if name == "answer" else ""
            table.add_row(Text(name, style="dim"), Text(printable(value), style=style))
        self._console.print(table)

    def _render(self) -> Panel:
        room = max(self._console.size.height - _ROOM, 1)
        seats = list(self._seats.values())
        table = Table.grid(padding=(0, 1))
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        for seat in seats[:room]:
            table.add_row(*seat.cells())
        parts: list[RenderableType] = [table]
        if len(seats) > room:
            parts.append(Text(f"... and {len(seats) - room} more", style="dim"))
        if self._decision:
            parts.append(Text(self._decision, no_wrap=True, overflow="ellipsis"))
        if self._note:
            parts.append(Text(self._note, style="dim", no_wrap=True, overflow="ellipsis"))
        now = self._usage.model_copy(update={"seconds": time.monotonic() - self._began})
        parts.append(Text(spent(now), style="dim", no_wrap=True, overflow="ellipsis"))
        return Panel(Group(*parts), title=Text(one_line(self._title, 60)), title_align="left", border_style="dim")
