"""The values that flow through the house: questions, requests, completions, answers, turns, outcomes.

All are frozen pydantic models: they compare by value, hash to JSON and back, and refuse unknown fields.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    computed_field,
    model_serializer,
    model_validator,
)

from contemplate.errors import ContemplateError, InputError
from contemplate.explain import explain_value

AnswerKind = Literal["number", "choice", "math", "date", "set", "boolean", "json", "text"]
Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "refusal", "filter", "other"]
TurnStatus = Literal["said", "failed", "cancelled"]
HowRead = Literal["stated", "boxed", "last"]
EdgeKind = Literal["saw", "revised", "criticised", "counted"]
StopReason = Literal[
    "completed",
    "agreement",
    "settled",
    "stable",
    "accepted",
    "rejected",
    "judge",
    "quorum",
    "budget",
    "deadline",
    "unreachable",
    "interrupted",
]

MAX_QUESTION = 200_000
"""The longest question, in characters."""


class Value(BaseModel):
    """A frozen value.

    Where one is built in Python, what is wrong is said in one line. Where pydantic builds it, as the part of a file or of
    another value, pydantic's own error says what and where.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, /, **data: Any) -> None:  # noqa: ANN401 - whatever is to be validated
        """Take the fields by name.

        Raises:
            InvalidValueError: a field is missing, unknown, or not what is allowed.
        """
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)  # as BaseModel does, without another call
        except ValidationError as error:
            raise self._refusal(error, data) from None

    # As pydantic marks its own: it does not call this one for the parts of a value, and keeps the path to what is wrong.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def _refusal(cls, error: ValidationError, given: Mapping[str, object]) -> InputError:
        """What is wrong with the fields given, as one line."""
        return explain_value(error, cls.__name__, given, list(cls.model_fields))


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN. Digests and keys are taken over it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of `text`, in hex. Line ends are normalised first, and what UTF-8 can't hold is replaced."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()


class Question(Value):
    """A problem to work on.

    Attributes:
        text: the problem itself.
        kind: what kind of answer is wanted; it decides how answers are read and which are the same.
        choices: the options of a multiple choice, in order; they are shown as (A), (B), ...
        json_schema: what an answer of kind "json" must satisfy, as a JSON Schema; None takes any JSON.
        gold: the right answer, where known. No agent ever sees it.
        id: the name of the question in its set.
    """

    text: str
    kind: AnswerKind = "text"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    gold: str | None = None
    id: str | None = None


class Message(Value):
    """One message of a chat."""

    role: Role
    content: str


class Sampling(Value):
    """How a reply is drawn. What is None is left to the provider.

    Attributes:
        temperature: in [0, 2].
        top_p: in (0, 1].
        max_tokens: the most completion tokens; the worst case that a budget reserves.
        stop: texts that end the reply.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    stop: tuple[str, ...] = ()


class Request(Value):
    """One model call, whole.

    Attributes:
        model: as the user named it, `provider/name`, or any name behind a base URL.
        endpoint: the base URL that the user gave, without credentials; None for a provider known by name.
        seed: the provider's sampling seed, in [0, 2**31).
        draw: which of several otherwise identical samples this is, from 0.
        reply_schema: a JSON Schema that the reply must satisfy, where the endpoint can see to it.
        logprobs: how many of the likeliest tokens to report at each place of the reply, from 1 to 20; None for none.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    endpoint: str | None = None
    seed: int | None = None
    draw: int = 0
    reply_schema: dict[str, Any] | None = None
    logprobs: Annotated[int, Field(ge=1, le=20)] | None = None

    @cached_property
    def key(self) -> str:
        """The content key: equal for equal requests, on every machine."""
        unused = {name for name in ("reply_schema", "logprobs") if getattr(self, name) is None}
        return hashlib.sha256(
            canonical_json(self.model_dump(mode="json", exclude=unused)).encode("utf-8", "surrogatepass")
        ).hexdigest()


class Tokens(Value):
    """What one call used, in tokens.

    Attributes:
        estimated: the provider did not say, so the counts are our own upper estimate.
    """

    prompt: Annotated[int, Field(ge=0)] = 0
    completion: Annotated[int, Field(ge=0)] = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


class Logprobs(Value):
    """How sure a model was of each token of a reply. Natural logarithms, in the order of the tokens.

    Attributes:
        chosen: log P of the token that was drawn.
        confidence: minus the mean log P of the k likeliest tokens at that place, k as asked for: high where the
            distribution is peaked (arXiv:2508.15260).
        first: log P of the likeliest tokens at the first place, by token.
    """

    chosen: tuple[float, ...]
    confidence: tuple[float, ...]
    first: dict[str, float]


class Completion(Value):
    """What came back from one call.

    Attributes:
        text: the reply.
        finish: why it ended; "length" means cut off.
        model: the model as the provider names it.
        reasoning: the thinking that some models give apart from the reply.
        logprobs: of the reply's tokens, if they were asked for and the endpoint gives them.
    """

    text: str
    tokens: Tokens = Tokens()
    finish: Finish = "stop"
    model: str = ""
    reasoning: str | None = None
    logprobs: Logprobs | None = None


class Usage(Value):
    """What a run took.

    Attributes:
        calls: calls sent to a provider, retries included.
        cached_calls: calls answered from the ledger, at no cost.
        usd: US dollars; None when the price of a model that was called is not known.
        seconds: wall-clock.
    """

    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both together: `usd` is None if one of them is; the seconds are added, as of runs one after the other."""
        return Usage(
            calls=self.calls + other.calls,
            cached_calls=self.cached_calls + other.cached_calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
            seconds=self.seconds + other.seconds,
        )


class Failure(Value):
    """Why a turn failed. `kind` is that of the error tree in `contemplate.errors`, or "no-answer"."""

    kind: str
    message: str

    @classmethod
    def of(cls, error: ContemplateError) -> Self:
        """What stands in the trace for `error`."""
        return cls(kind=error.kind, message=str(error))


class Answer(Value):
    """An answer read from a reply.

    Attributes:
        text: as it stood in the reply, trimmed.
        value: its canonical form; equal values are the same answer.
        how: where it was read: a stated final line, a box, or the last candidate in the text.
    """

    kind: AnswerKind
    text: str
    value: str
    how: HowRead


class Points(Value):
    """The points that a ballot gives to an answer, >= 0."""

    answer: Answer
    points: Annotated[float, Field(ge=0)]


class Ballot(Value):
    """One seat's vote, in the form that the rule asks for, or an abstention, in which all of them are empty.

    Attributes:
        turn: the id of the turn that it was read from.
        answer: the seat's one choice.
        weight: >= 0.
        ranking: answers, best first; those not named share the last place.
        approved: the answers that the seat approves of.
        points: the points that it gives.
    """

    seat: str
    turn: str
    answer: Answer | None = None
    weight: Annotated[float, Field(ge=0)] = 1.0
    ranking: tuple[Answer, ...] = ()
    approved: tuple[Answer, ...] = ()
    points: tuple[Points, ...] = ()

    @property
    def abstains(self) -> bool:
        """Whether nothing is on it."""
        return self.answer is None and not (self.ranking or self.approved or self.points)


class Merge(Value):
    """Two answers that were counted as one, and why."""

    answer: str
    into: str
    reason: str


class Tally(Value):
    """One class of answers, and what stands behind it.

    Attributes:
        votes: how many seats chose it, or named it first.
        weight: its score under the rule.
        shares: where a decision weighs several things, this class's share of each, in [0, 1], by name.
        mean_rank: where seats ranked the replies, the mean place of those in this class, from 1, the best.
    """

    answer: str
    votes: int
    weight: float
    seats: tuple[str, ...]
    shares: dict[str, float] = {}
    mean_rank: float | None = None


class Decision(Value):
    """What a vote came to, or what somebody decided beside one: a judge, a synthesizer, a moderator, a search.

    Without a winner, margin and confidence are 0, and nobody dissents.

    Attributes:
        rule: what it was counted by, as "plurality"; of two that a rule has, which one it came to, as "hybrid (consensus)"; or
            who or what decided, as "synthesis".
        winner: the text of the winning answer, or None.
        value: its canonical form.
        how: where it was read (`Answer.how`); `answer_to` gives the whole answer.
        tally: the classes, heaviest first; classes of equal weight stand in the order of their first seat. Beside a decision
            that somebody took, the panel's own count.
        margin: how far the winner is ahead, in [0, 1]: its weight minus that of the best other class, as a share of all the
            weight in the tally, and 0 where another class is ahead or none holds the winner. Where votes are no bare choices,
            what the rule says (`contemplate.voting`).
        ties: the answers that shared the first place, if several did.
        tie_break: how such a tie was broken: "first-seen", "random", "judge", or "none".
        abstentions: seats that gave no readable answer.
        dissent: seats that voted for another answer than the winner's.
        confidence: in (0, 1] where there is a winner: (its weight + 1) / (all weight, abstentions included, + 2), weights scaled
            to mean 1. Where somebody decided, by heads: (seats that agree + 1) / (all seats + 2). Two go by more than votes: the
            rule "evidence" (`contemplate.voting.weigh`), and "accepted", by the verifications of the reply that it accepts.
        merges: which answers were counted as one, and why.
        reason: why there is no winner, if there is none.
    """

    rule: str
    winner: str | None
    value: str | None = None
    how: HowRead = "stated"
    tally: tuple[Tally, ...]
    margin: float
    ties: tuple[str, ...] = ()
    tie_break: Literal["first-seen", "random", "judge", "none"] | None = None
    abstentions: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()
    confidence: float = 0.0
    quorum: int = 1
    merges: tuple[Merge, ...] = ()
    reason: str | None = None

    def answer_to(self, question: Question) -> Answer | None:
        """The winning answer, whole; None if nothing won. All answers to a question are of its kind."""
        if self.winner is None or self.value is None:
            return None
        return Answer(kind=question.kind, text=self.winner, value=self.value, how=self.how)

    @model_serializer(mode="wrap")
    def _leave_out_what_is_usual(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write `how` only where it says something: so decisions stand in ledgers of earlier versions."""
        row: dict[str, Any] = dump(self)
        if self.how == "stated":
            row.pop("how", None)
        return row


class CallRef(Value):
    """One call of a turn. The ledger holds what was asked and what came back, under its key.

    Attributes:
        key: the content key of the request; empty where a ledger of an earlier version does not say.
        model: that answered, as the user named it (a fallback's name, if that was it).
        tokens: what it took.
    """

    key: str = ""
    model: str = ""
    tokens: Tokens = Tokens()


class Turn(Value):
    """One node of the trace: one message of one seat, or one decision.

    Everything in it is the same when the run is replayed; clock times and cache hits stand beside it.

    Attributes:
        id: its place in the recipe, as "2.revise/1/seat-3".
        step: number and verb of the step, as "2.revise".
        round: the pass of the enclosing `repeat`, from 1; 0 outside of one.
        model: the model that answered (a fallback's name, if that was it).
        calls: the calls that were answered, in their order; the reply to the last one counts.
        text: the reply, also where the turn failed after one came; of several, all of them.
        answer: the position read from it (propose, revise, synthesize).
        verdict: what a critic found: "sound", "flawed", or "unclear".
        confidence: how sure the reply says that it is, in [0, 1].
        chose: the id of the turn that a judge chose.
        found: what else was read from the reply, by name: a score, a ranking of turns, steps.
        decision: what a vote came to.
        failure: why it failed.
    """

    id: str
    step: str
    verb: str
    round: int = 0
    seat: str = ""
    card: str = ""
    model: str = ""
    draw: int = 0
    status: TurnStatus = "said"
    calls: tuple[CallRef, ...] = ()
    text: str | None = None
    tokens: Tokens = Tokens()
    answer: Answer | None = None
    verdict: Literal["sound", "flawed", "unclear"] | None = None
    confidence: float | None = None
    chose: str | None = None
    found: dict[str, Any] = {}
    decision: Decision | None = None
    failure: Failure | None = None

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation says
    @property
    def key(self) -> str | None:
        """The content key of the request that was answered; of several, the last one."""
        return self.calls[-1].key if self.calls else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def repaired(self) -> bool:
        """Whether the reply could not be read, and was asked for once more in the right form."""
        return len(self.calls) > 1

    @property
    def words(self) -> str:
        """What others are shown of it: the reply, or where that is a JSON object, what stands in it."""
        words = self.found.get("words")
        return words if isinstance(words, str) else self.text or ""

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, row: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
        """Take a stored turn: `key` and `repaired` are worked out, or all that an earlier version says of the calls."""
        if not isinstance(row, dict) or not row.keys() & {"key", "repaired"}:
            return row
        kept = {name: value for name, value in row.items() if name not in {"key", "repaired"}}
        if "calls" in kept or row.get("key") is None:
            return kept
        if row.get("repaired"):
            return {**kept, "calls": ({}, {"key": row["key"], "model": row.get("model", "")})}
        ref = {"key": row["key"], "model": row.get("model", ""), "tokens": row.get("tokens", {})}
        return {**kept, "calls": (ref,)}

    @model_validator(mode="after")
    def _failed_turns_say_why(self) -> Turn:
        if (self.status == "failed") != (self.failure is not None):
            msg = "a turn has a failure exactly when it failed"
            raise ValueError(msg)
        return self


class Price(Value):
    """US dollars for a million tokens."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]

    def usd(self, tokens: Tokens) -> float:
        """What `tokens` cost."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion) / 1e6


Json = dict[str, Any]
