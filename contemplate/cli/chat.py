"""`contemplate chat`: questions from a terminal, or from standard input a line each, each answered by the panel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from contemplate.cli.approval import approver
from contemplate.cli.ask import (
    InterruptedRunError,
    budget_of,
    exit_status,
    follow,
    parameters_of,
    read_system,
    sampling_of,
    seats_explained,
)
from contemplate.cli.attachments import attached
from contemplate.cli.location import Location
from contemplate.cli.report import as_text
from contemplate.cli.screen import JsonScreen, Screen, Silent, screen_for
from contemplate.cli.signals import EventLoop
from contemplate.cli.status import Status
from contemplate.cli.terms import Terms
from contemplate.errors import InputError
from contemplate.orchestration.conversation import Conversation, ConversationOptions
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Orchestrator
from contemplate.text import one_line, printable
from contemplate.trace.events import Event, Noted, Observer
from contemplate.trace.outcome import Outcome
from contemplate.types import MAX_QUESTION, AnswerKind, Document, Privacy

_COMMANDS = "/show prints how the last answer came about, /quit ends; a question that begins with a slash has a space before it"
_PROMPT = "> "


@dataclass(frozen=True)
class ChatArguments:
    """What was typed; None, or nothing, where nothing was."""

    resume: str | None
    strategy: str | None
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    answer: AnswerKind | None
    settings: tuple[str, ...]
    seats: int | None
    seed: int | None
    caps: dict[str, float | None]
    sampling: dict[str, float | None]
    files: tuple[Path, ...]
    system: str | None
    location: Location
    json: bool
    privacy: Privacy = "any"
    attach: tuple[str, ...] = ()
    allow_url: tuple[str, ...] = ()
    terms: Terms = field(default_factory=Terms)


def chat(arguments: ChatArguments) -> int:
    """Hold a conversation until there is no further question; return the exit status of the first turn without an answer."""
    if arguments.resume is not None and not arguments.location.exists():
        raise InputError(f"no conversation {arguments.resume!r}: there is no ledger at {arguments.location.file()} yet")
    options = _options(arguments)
    orchestrator = Orchestrator(
        arguments.models,
        base_url=arguments.base_url,
        ledger=arguments.location.ledger,
        fallbacks=arguments.fallbacks,
        project=arguments.location.project,
        approve=approver(arguments.terms.approve),
    )
    with EventLoop() as loop:
        loop.run(orchestrator.__aenter__)
        try:
            with arguments.location.naming():
                conversation = loop.run(_begun, orchestrator, arguments, options)
            return _Chat(conversation, arguments, loop).hold()
        finally:
            loop.run(orchestrator.__aexit__, None, None, None)


def _options(arguments: ChatArguments) -> ConversationOptions:
    """What was typed for all turns."""
    options: ConversationOptions = {"documents": Document.from_files(arguments.files), "privacy": arguments.privacy}
    options.update(arguments.terms.options)  # type: ignore[typeddict-item]  # it holds no keys but its own
    if arguments.attach:
        options["attachments"] = attached(arguments.attach, arguments.allow_url, taken=not _is_terminal())
    if arguments.answer is not None:
        options["answer"] = arguments.answer
    if arguments.settings or arguments.seats is not None:
        options["parameters"] = parameters_of(arguments.settings, arguments.seats)
    if arguments.seed is not None:
        options["seed"] = arguments.seed
    if any(cap is not None for cap in arguments.caps.values()) or arguments.terms.tool_limits:
        options["budget"] = budget_of(arguments.caps, arguments.terms.tool_limits)
    if (sampling := sampling_of(arguments.sampling)) is not None:
        options["sampling"] = sampling
    if (system := read_system(arguments.system)) is not None:
        options["system"] = system
    return options


async def _begun(orchestrator: Orchestrator, arguments: ChatArguments, options: ConversationOptions) -> Conversation:
    """A new conversation, or the one that is taken up."""
    if arguments.resume is None:
        return Conversation(orchestrator, arguments.strategy or DEFAULT_STRATEGY, **options)
    if arguments.strategy is not None and "parameters" not in options:
        options["parameters"] = {}  # those of another recipe
    same = not (arguments.models or arguments.base_url)
    return await Conversation.resume(orchestrator, arguments.resume, arguments.strategy, same_models=same, **options)


class _Chat:
    """A conversation between standard input and output.

    Attributes:
        status: of the first turn without an answer.
        last: what the last turn that was held here came to.
    """

    def __init__(self, conversation: Conversation, arguments: ChatArguments, loop: EventLoop) -> None:
        self._conversation, self._arguments, self._loop = conversation, arguments, loop
        self._location = arguments.location
        self._is_terminal = _is_terminal() and not arguments.json
        self.status = Status.DONE
        self.last: Outcome | None = None

    def hold(self) -> int:
        """Ask and answer until there is no further question."""
        if self._is_terminal:
            taken_up = f"conversation {self._conversation.id}, {self._conversation.turns} turns so far: "
            print(f"{taken_up if self._conversation.turns else ''}{_COMMANDS}", file=sys.stderr)
        for line in self._lines():
            if line == "/quit":
                break
            if line == "/show":
                self._show()
            elif line.startswith("/"):
                self._refuse(InputError(f"no command {one_line(line.split()[0], 40)!r}; {_COMMANDS}"))
            else:
                self._turn(line.strip())
        if self._conversation.run is not None:
            print(f"contemplate: go on with: {self._again()}", file=sys.stderr)
        return self.status

    def _lines(self) -> Iterator[str]:
        """The lines that are typed or come, without their ends and the empty ones; Ctrl-C ends them as their end does."""
        with suppress(EOFError, KeyboardInterrupt):
            while True:
                line = _typed() if self._is_terminal else _come()
                if line.strip():
                    yield line.rstrip()
        if self._is_terminal:
            print(file=sys.stderr)

    def _turn(self, question: str) -> None:
        """Ask one question, and print the answer."""
        screen = self._screen()

        async def work(observer: Observer) -> Outcome:
            with screen:
                return await self._conversation.ask(question, on_event=observer)

        try:
            with seats_explained(self._arguments.seats, self._arguments.strategy or DEFAULT_STRATEGY):
                outcome = follow(work, screen, self._location, self._loop.run)
        except InputError as error:
            self._refuse(error)
            return
        except InterruptedRunError as error:
            again = f"; the conversation goes on with: {self._again()}" if self._conversation.run is not None else ""
            raise InterruptedRunError(f"{error}{again}") from None
        self.last = outcome
        self.status = self.status or exit_status(outcome)
        self._say(outcome, screen)

    def _screen(self) -> Screen:
        if self._arguments.json:
            turn = {"id": self._conversation.id, "number": self._conversation.turns + 1}
            return JsonScreen({"conversation": turn})
        asks = self._conversation.grants_tools and self._arguments.terms.approve == "ask"
        return screen_for(self._location, as_json=False, live=not asks) if self._is_terminal else _Notes()

    def _say(self, outcome: Outcome, screen: Screen) -> None:
        """Print the answer, and nothing else on standard output but where a person looks on."""
        if self._arguments.json:
            screen.report(outcome)
        elif outcome.answer is None:
            print(f"contemplate: no answer ({one_line(outcome.detail or outcome.stopped, 300)})", file=sys.stderr)
        else:
            print(printable(outcome.answer), flush=True)
        if self._is_terminal:
            print(f"(confidence {outcome.confidence:.2f}, run {outcome.run}; /show tells more)\n", file=sys.stderr)

    def _show(self) -> None:
        """Print how the last answer came about."""
        if self.last is not None:
            print(as_text(self.last, self._location), end="", flush=True)
        elif self._conversation.run is not None:
            print(self._location.command("show", self._conversation.run), flush=True)
        else:
            print("contemplate: nothing was asked yet", file=sys.stderr)

    def _refuse(self, error: InputError) -> None:
        """Say what is wrong; who types can go on, and a script can't.

        Raises:
            InputError: nobody types.
        """
        if not self._is_terminal:
            raise error
        print(f"contemplate: {error}", file=sys.stderr)

    def _again(self) -> str:
        return self._location.command("chat", "--resume", self._conversation.id)


class _Notes(Silent):
    """Notes on standard error."""

    def tell(self, event: Event) -> None:
        """Pass on what a person should know."""
        if isinstance(event, Noted):
            print(f"contemplate: {one_line(event.message, 300)}", file=sys.stderr)


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _typed() -> str:
    """The next line that is typed on a terminal.

    Raises:
        EOFError: there is none.
    """
    with suppress(ImportError):
        import readline  # noqa: F401 - it edits what is typed

    return input(_PROMPT)


def _come() -> str:
    """The next line of standard input.

    Raises:
        EOFError: there is none.
        InputError: it is no text, or longer than any question.
    """
    if sys.stdin is None:
        raise EOFError
    most = 4 * MAX_QUESTION
    line = sys.stdin.buffer.readline(most + 1)
    if not line:
        raise EOFError
    if len(line) > most:
        raise InputError(f"standard input: a line of over {most:,} bytes; a question has at most {MAX_QUESTION:,} characters")
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 text (byte {error.start} of a line)") from None
