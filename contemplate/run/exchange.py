"""An exchange: the calls of one turn, one after the other, until what was asked for is there or nothing more is to be asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from contemplate.agents import prompts
from contemplate.agents.prompts import Quote
from contemplate.agents.quoting import Quoting
from contemplate.agents.reply_formats import Parsed, ReplyFormat
from contemplate.errors.boundary import boundary
from contemplate.models.path import Caller, Calls, Reply
from contemplate.run.tooling import TurnTools
from contemplate.text import token_bound
from contemplate.types import CallRef, Completion, Failure, Program, Request, Tokens, ToolUse, Turn

_BYTES_PER_TOKEN = 32
"""So many times its `max_tokens` in bytes no honest reply has: eight times what a token usually is."""
_SHORT = 4096
"""A reply of so many bytes is never too long."""
_SHOWN = 1_000
"""How much of what its program printed an author is shown, in characters."""


@dataclass(frozen=True)
class Exchange:
    """The replies of a turn's calls so far, and what the last one says.

    Attributes:
        replies: one for each call, at least one.
        parsed: what was read from the last one; None if it failed.
        failure: why it failed.
        programs: those that the replies held, as they were run; at most one for each.
        uses: the calls of tools that the replies asked for.
        repairs: how often it was asked once more.
    """

    replies: tuple[Reply, ...]
    parsed: Parsed | None
    failure: Failure | None
    programs: tuple[Program, ...] = ()
    uses: tuple[ToolUse, ...] = ()
    repairs: int = 0

    @property
    def cached(self) -> bool:
        """Whether the ledger answered all of it."""
        return all(reply.cached for reply in self.replies)

    def turn(self, outline: Turn) -> Turn:
        """The turn that it makes: all that was said, and what the last reply came to."""
        last, text = self.replies[-1], "\n\n".join(self._texts())
        came = {
            "model": last.request.model,
            "calls": tuple(_ref(reply) for reply in self.replies),
            "text": text,
            "tokens": _sum([reply.completion.tokens for reply in self.replies]),
            "programs": self.programs,
            "tools": self.uses,
            "looks": tuple(use.look for use in self.uses if use.look is not None),
        }
        if self.parsed is None:
            return outline.altered(**came, status="failed", failure=self.failure)
        parsed = self.parsed
        if len(self.replies) > 1 and parsed.found.words is not None:
            parsed = parsed.model_copy(update={"found": parsed.found.model_copy(update={"words": text})})
        return outline.altered(**came, **dict(parsed))

    def _texts(self) -> Iterator[str]:
        """What each reply says that asked for no tools; what the others say stands with their calls."""
        rounds = {use.reply for use in self.uses}
        for place, reply in enumerate(self.replies):
            if place not in rounds:
                yield reply.completion.text


RunProgram = Callable[[str], Awaitable[Program]]
"""Runs the program of that text."""

Following = Callable[[Exchange], Request | None]
"""What is asked next in an exchange, or None if it is over."""


async def converse(
    calls: Calls,
    requests: Sequence[Request],
    caller: Caller,
    form: ReplyFormat,
    following: Following,
    run: RunProgram,
    tools: TurnTools | None = None,
) -> Exchange:
    """Ask, and go on asking as long as `following` says what.

    Args:
        calls: the path of calls.
        requests: what is asked first, as for `Calls.call`.
        caller: who asks.
        form: what the last reply must hold.
        following: decides what is asked next.
        run: runs the programs that replies hold, where the form says that they do.
        tools: that its agent may call; None for none.

    Raises:
        CallError, BudgetError, ReplayError: a call brought nothing; the turn fails with it, whatever came before.
    """
    exchange = await _one_answer(calls, requests, caller, form, run, tools)
    while (request := following(exchange)) is not None:
        latest = await _one_answer(calls, [request], caller, form, run, tools)
        replies, programs = (*exchange.replies, *latest.replies), (*exchange.programs, *latest.programs)
        exchange = Exchange(replies, latest.parsed, latest.failure, programs, latest.uses, exchange.repairs + 1)
    return exchange


async def _one_answer(
    calls: Calls, requests: Sequence[Request], caller: Caller, form: ReplyFormat, run: RunProgram, tools: TurnTools | None
) -> Exchange:
    """Ask, and let the agent call tools until it calls none; what its last reply says."""
    reply = await calls.call(requests, caller)
    if tools is None:
        return await hear(reply, form, caller.turn, run)
    replies = [reply]
    while (request := await tools.follow(reply)) is not None:
        reply = await calls.call([request], caller)
        replies.append(reply)
    if tools.asked_for(reply)[0]:
        failure = Failure(kind="tools", message="the reply asks for tools again, after the limit on their calls was reached")
        return Exchange(tuple(replies), None, failure, uses=tuple(tools.uses))
    heard = await hear(reply, form, caller.turn, run)
    return replace(heard, replies=tuple(replies), uses=tuple(tools.uses))


async def hear(reply: Reply, form: ReplyFormat, turn: str, run: RunProgram) -> Exchange:
    """The exchange that ends with its first reply, whose program is run if it is to hold one."""
    if form.program is None or _unusable(reply) is not None:
        return read(reply, form, turn)
    if (code := form.program(reply.completion.text)) is None:
        return Exchange((reply,), None, Failure(kind="no-answer", message="there is no program in the reply"))
    program = await run(code)
    if program.failed is not None:
        failure = Failure(kind="compute", message=f"the program failed ({program.failed}): {program.error}")
        return Exchange((reply,), None, failure, (program,))
    if (parsed := form.read(program.output)) is not None:
        return Exchange((reply,), parsed, None, (program,))
    printed = "the last line that the program printed is not the answer alone"
    unread = Failure(kind="no-answer", message=printed if program.output.strip() else "the program printed nothing")
    return Exchange((reply,), None, unread, (program,))


def read(reply: Reply, form: ReplyFormat, turn: str) -> Exchange:
    """The exchange that ends with its first reply: what is read from it, or how it failed."""
    if (broken := _unusable(reply)) is not None:
        return Exchange((reply,), None, Failure(kind="reply", message=broken))
    parsed = None
    with boundary(f"reading {turn}") as caught:
        parsed = form.reading(reply.completion.text, as_object=reply.request.reply_schema is not None)
    if caught.error:
        return Exchange((reply,), None, Failure.of(caught.error))
    if parsed is None:
        return Exchange((reply,), None, Failure(kind="no-answer", message="what was asked for can't be read from the reply"))
    return Exchange((reply,), parsed, None)


def repair(form: ReplyFormat, quoting: Quoting) -> Following:
    """Ask once more, in the right form, where what was asked for can't be read; for a form that has an object, or a program.

    Args:
        form: what the reply must hold.
        quoting: how what came of a program is quoted.
    """

    def following(exchange: Exchange) -> Request | None:
        first, failed = exchange.replies[-1], exchange.failure.kind if exchange.failure else None
        if exchange.repairs or failed not in {"no-answer", "compute"}:
            return None
        asked, said = first.request, first.completion.text
        if form.program is not None:
            messages = prompts.program_again(asked.messages, said, _came(exchange, quoting), form.tagged)
        elif form.from_object is not None:
            messages = prompts.once_more(asked.messages, said, form.structured if asked.reply_schema else form.tagged)
        else:
            return None
        fields = {name: getattr(asked, name) for name in Request.model_fields}
        return Request(**{**fields, "messages": messages})

    return following


def _came(exchange: Exchange, quoting: Quoting) -> str:
    """What came of the program in the first reply, quoted for its author; empty if there was none."""
    if not exchange.programs:
        return ""
    program, failure = exchange.programs[0], exchange.failure
    wrong = program.error or (failure.message if failure else "")
    quotes = [Quote("Its output", program.output[-_SHOWN:] or "(nothing)"), Quote("What is wrong", wrong)]
    asked = exchange.replies[-1].request
    return prompts.quoted(quotes, replace(quoting, seed=asked.seed or 0), "program")


def _sum(tokens: Sequence[Tokens]) -> Tokens:
    return tokens[0] if len(tokens) == 1 else sum(tokens, Tokens())


def _ref(reply: Reply) -> CallRef:
    return CallRef.made(key=reply.request.key, model=reply.request.model, tokens=reply.completion.tokens)


def _unusable(reply: Reply) -> str | None:
    """The reason why a reply counts as none, or None."""
    completion = reply.completion
    limit, tokens = reply.request.sampling.max_tokens, completion.tokens.completion
    only_thought = completion.reasoning is not None and not completion.text.strip()
    match completion.finish:
        case "length" if only_thought:
            return f"cut off after {tokens} tokens of reasoning, before any answer; raise max_tokens (it is {limit})"
        case "length":
            return f"cut off after {tokens} tokens (max_tokens is {limit})"
        case "refusal":
            return "the model refused"
        case "filter":
            return "the provider's filter held the reply back"
        case _:
            return _without_answer(completion, limit, only_thought=only_thought)


def _without_answer(completion: Completion, limit: int, *, only_thought: bool) -> str | None:
    """The reason why a reply that was not cut off can hold no answer, or None."""
    if only_thought:
        return f"the reply holds reasoning only, and no answer; raise max_tokens (it is {limit}), or have the model reason less"
    if completion.ended and not completion.tool_calls:
        return f"the provider ended the reply in a way that is not known (finish_reason {completion.ended!r}): it may be cut off"
    if not completion.text.strip():
        return "the reply is empty"
    size, most = token_bound(completion.text), max(_BYTES_PER_TOKEN * limit, _SHORT)
    return f"the reply has {size:,} bytes, far more than max_tokens={limit} allows" if size > most else None
