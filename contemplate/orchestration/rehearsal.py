"""Rehearsals: what a run would take is found out by carrying it out with scripted agents, beside the ledger's real replies."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from contemplate.errors import InputError
from contemplate.ledger.base import Ledger, RecordState, RunRecord, Sent, StoredTurn
from contemplate.models.backends.base import Backend
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Budget
from contemplate.seeds import rng
from contemplate.types import Completion, Json, Logprobs, Modality, Price, Privacy, Question, Request, Tokens, Turn, Usage

REPLY_TOKENS = 300
"""How long a reply is taken to be, in tokens, where nothing is known of others."""

_FILLER = "so "
_SAID = "Question: so\nScore: 7\nConfidence: 70%\nChoice: A\nRanking: A, B, C\n[[3, 3, 3]]\nFirst wrong step: 1\nYes."
_MOST_FILLER = 2000
_LOGPROBS = Logprobs(chosen=(-0.5,) * 100, confidence=(2.0,) * 100, first={"A": -0.5, "B": -1.0})

Range = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """What a run, or several, would take; each at least and at most: where those who are asked agree, and where they don't.

    Attributes:
        calls: calls, those that the ledger answers left out.
        tokens: prompts and replies.
        usd: US dollars; None where a price is not known.
    """

    calls: Range
    tokens: Range
    usd: Range | None

    def __str__(self) -> str:
        """One line."""
        calls, tokens = _said(self.calls, ",.0f"), _said(self.tokens, ",.0f")
        price = "price unknown" if self.usd is None else f"${_said(self.usd, '.4f')}"
        return f"{calls} {'call' if calls == '1' else 'calls'}, about {tokens} tokens, {price}"

    def check(self, budget: Budget) -> None:
        """Refuse what would pass its budget even if all agents agreed.

        Raises:
            InputError: with the estimate.
        """
        for name, _, cap in exceeded(budget, calls=self.calls, tokens=self.tokens, usd=self.usd):
            raise InputError(f"budget: {name}: it takes {self}, and the budget is {cap:,}; raise it (nothing was called)")

    def to_dict(self) -> Json:
        """The estimate as JSON values."""
        return {"calls": list(self.calls), "tokens": list(self.tokens), "usd": None if self.usd is None else list(self.usd)}


def exceeded(budget: Budget, *, calls: Range, tokens: Range, usd: Range | None) -> Iterator[tuple[str, Range, float]]:
    """The caps that would be passed even by the least that is needed: the name of each, what is needed, and the cap."""
    caps = (("calls", calls, budget.calls), ("tokens", tokens, budget.tokens), ("usd", usd, budget.usd))
    for name, needed, cap in caps:
        if cap is not None and needed is not None and needed[0] > cap:
            yield name, needed, cap


def _said(values: Range, form: str) -> str:
    low, high = format(values[0], form), format(values[1], form)
    return low if low == high else f"{low} to {high}"


class Understudy(Router):
    """A router by which one backend answers for all models, while requests keep the keys that they have by the real one."""

    def __init__(self, router: Router, backend: Backend) -> None:
        """Stand in for `router`."""
        super().__init__(backend=backend)
        self._stands_for = router

    def endpoint_of(self, model: str) -> str | None:
        """As the router says for which this one stands in."""
        return self._stands_for.endpoint_of(model)

    def privacy_of(self, model: str) -> Privacy:
        """As the router says for which this one stands in."""
        return self._stands_for.privacy_of(model)

    async def price(self, model: str) -> Price | None:
        """As the router says for which this one stands in."""
        return await self._stands_for.price(model)

    async def accepts(self, model: str) -> frozenset[Modality] | None:
        """As the router says for which this one stands in."""
        return await self._stands_for.accepts(model)


class Scratch(Ledger):
    """A ledger that reads from another one, and keeps what is new to itself."""

    def __init__(self, ledger: Ledger) -> None:
        """Read from `ledger`."""
        self._ledger = ledger
        self._kept: dict[str, tuple[Request, Completion]] = {}
        self._blobs: dict[str, bytes] = {}

    async def completion(self, key: str) -> Completion | None:
        """The completion stored under `key`, here or there."""
        return self._kept[key][1] if key in self._kept else await self._ledger.completion(key)

    async def request(self, key: str) -> Request | None:
        """The request stored under `key`, here or there."""
        return self._kept[key][0] if key in self._kept else await self._ledger.request(key)

    def sent(self, sent: Sent) -> None:
        """Nothing is paid for."""

    def closed(self, call: str, *, billed: bool) -> None:
        """Nothing was paid for."""

    async def store(self, call: str, request: Request, completion: Completion, usd: float | None) -> Completion | None:  # noqa: ARG002 - a scratch
        """Keep it until the rehearsal is over."""
        self._kept[request.key] = request, completion
        return None

    async def keep_blob(self, content: bytes) -> str:
        """Keep bytes until the rehearsal is over."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._blobs[sha256] = content
        return sha256

    async def blob(self, sha256: str) -> bytes | None:
        """The bytes with that SHA-256, here or there."""
        return self._blobs.get(sha256) or await self._ledger.blob(sha256)

    async def start_run(self, record: RunRecord) -> None:
        """Keep no runs."""

    def record_turn(self, run: str, place: int, turn: Turn, sees: Sequence[tuple[str, str]], *, cached: bool) -> None:
        """Keep no turns."""

    async def end_run(self, run: str, state: RecordState, outcome: Json | None) -> None:
        """Keep no runs."""

    async def run(self, run: str) -> RunRecord | None:
        """The run of that id there."""
        return await self._ledger.run(run)

    async def runs(self, limit: int = 1000, before: float = math.inf) -> list[RunRecord]:
        """The runs there."""
        return await self._ledger.runs(limit, before)

    async def run_ids(self) -> list[str]:
        """The ids of the runs there."""
        return await self._ledger.run_ids()

    async def turns(self, run: str) -> list[StoredTurn]:
        """The turns of a run there."""
        return await self._ledger.turns(run)

    async def spent(self, run: str) -> Usage:  # noqa: ARG002 - as `Ledger` has it
        """Nothing."""
        return Usage()

    async def aclose(self) -> None:
        """Leave the other one open."""


# --- the agents ---------------------------------------------------------------------------------------

Actor = Callable[[Request], str]


def agreeing(answer: str = "1", length: int = REPLY_TOKENS) -> Actor:
    """An agent that finds all well, and gives `answer` in about `length` tokens."""
    return lambda request: f"{_filler(length)}\nAgree\nVerdict: sound\nVerdict: accept\n{_SAID}\n{_answer(request, answer)}"


def differing(answers: Sequence[str] = (), length: int = REPLY_TOKENS) -> Actor:
    """An agent that finds fault with all, and gives one of `answers`, or some number where these are none."""

    def say(request: Request) -> str:
        draw = rng(0, request.key)
        answer = draw.choice(answers) if answers else str(draw.randrange(1, 10_000))
        return f"{_filler(length)}\nDisagree\nVerdict: flawed\nVerdict: reject\n{_SAID}\n{_answer(request, answer)}"

    return say


def _filler(length: int) -> str:
    return _FILLER * min(length, _MOST_FILLER)


def _answer(request: Request, answer: str) -> str:
    """An answer, by a program where one is asked for."""
    program = f"```python\nprint({answer!r})\n```\n" if "```python" in request.messages[-1].text else ""
    return f"{program}Answer: {answer}"


@dataclass
class Cast:
    """Scripted agents, and what was asked of them.

    Attributes:
        actor: what each says.
        length: of a reply, in tokens.
        asked: the requests so far.
    """

    actor: Actor
    length: int
    asked: list[Request]

    @classmethod
    def playing(cls, actor: Actor, length: int = REPLY_TOKENS) -> Cast:
        """A cast in which all play the same."""
        return cls(actor, length, [])

    @property
    def backend(self) -> ScriptedBackend:
        """The backend that answers by them."""
        return ScriptedBackend(self._say)

    def _say(self, request: Request) -> Completion:
        self.asked.append(request)
        return Completion(
            logprobs=None if request.logprobs is None else _LOGPROBS,
            text=self.actor(request),
            tokens=Tokens(prompt=_prompt(request), completion=self.length, estimated=True),
        )

    @property
    def tokens(self) -> int:
        """All tokens: the prompts as they were, replies of the same length."""
        return sum(_prompt(request) + self.length for request in self.asked)

    def usd(self, prices: dict[str, Price | None]) -> float | None:
        """The price in US dollars; None where one is not known."""
        total = 0.0
        for request in self.asked:
            if (price := prices.get(request.model)) is None:
                return None
            total += price.usd(Tokens(prompt=_prompt(request), completion=self.length))
        return total


def _prompt(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


def casts_like(question: Question, stored: Sequence[StoredTurn]) -> tuple[Cast, Cast]:
    """Two casts for a run like the one that is stored: they agree with its answers, or give any of them, at its length."""
    turns = [turn for turn, _ in stored]
    said = [turn.tokens.completion for turn in turns if turn.calls]
    length = max(round(sum(said) / len(said)), 1) if said else REPLY_TOKENS
    given = list(dict.fromkeys(turn.answer.text for turn in turns if turn.answer is not None))
    won = next((turn.decision.winner for turn in reversed(turns) if turn.decision is not None and turn.decision.winner), None)
    answers = [chr(ord("A") + index) for index in range(len(question.choices))] or (given if len(given) > 1 else [])
    return (
        Cast.playing(agreeing(won or (given or ["1"])[0], length), length),
        Cast.playing(differing(answers, length), length),
    )
