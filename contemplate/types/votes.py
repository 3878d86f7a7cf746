"""Questions, answers, ballots, and what a vote comes to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer

from contemplate.types.attachments import Attachment, attachments_of
from contemplate.types.base import Value
from contemplate.types.criteria import Criteria, criteria_of
from contemplate.types.documents import Document
from contemplate.types.messages import Message
from contemplate.types.privacy import Privacy, strictest

AnswerKind = Literal["number", "choice", "math", "date", "set", "boolean", "json", "text", "open"]
HowRead = Literal["stated", "boxed", "last"]

MAX_QUESTION = 200_000
"""The longest question, in characters."""


class Question(Value):
    """A problem to work on.

    Attributes:
        text: the problem itself.
        kind: what kind of answer is wanted; it decides how answers are read and which are the same.
        choices: the options of a multiple choice, in order; they are shown as (A), (B), ...
        json_schema: what an answer of kind "json" must satisfy, as a JSON Schema; None takes any JSON.
        gold: the right answer, where known. No agent ever sees it.
        id: the name of the question in its set.
        accepted: further answers that are as right as the gold one.
        criteria: by what the replies and the final answer are scored, if they are to be: criteria, a text as "correct:3,short:1",
            or "panel" for those that the panel proposes. Who answers does not see them.
        history: what was said before, by a user and an assistant in turn, as real messages.
        documents: what it comes with; they are quoted to every agent that is shown the problem, as data.
        system: what the user has every agent told first, in its system message.
        privacy: how far its text, choices, criteria, history and system prompt may go; documents and attachments have labels of
            their own.
        attachments: pictures, PDF files, sound and films that it comes with; paths, bytes and `data:` URLs are read when it is
            made. Agents are shown them, or what a program read in them where their model does not take such a part.
    """

    text: str
    kind: AnswerKind = "text"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    gold: str | None = None
    id: str | None = None
    accepted: tuple[str, ...] = ()
    criteria: Annotated[Criteria, BeforeValidator(criteria_of)] = ()
    history: tuple[Message, ...] = ()
    documents: tuple[Document, ...] = ()
    system: str | None = None
    privacy: Privacy = "any"
    attachments: Annotated[tuple[Attachment, ...], BeforeValidator(attachments_of)] = ()

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what it has none of: so questions were stored before they could have any."""
        row: dict[str, Any] = write(self)
        unused = {
            name for name in ("accepted", "criteria", "history", "documents", "system", "attachments") if not getattr(self, name)
        }
        unused |= {"privacy"} if self.privacy == "any" else set()
        return {name: value for name, value in row.items() if name not in unused}

    @property
    def golds(self) -> tuple[str, ...]:
        """All that are right; none where that is not known."""
        return () if self.gold is None else (self.gold, *self.accepted)

    @property
    def strictest_privacy(self) -> Privacy:
        """The label of a run with it: the strictest of its own and those of its documents and attachments."""
        labels: list[Privacy] = [document.privacy for document in self.documents]
        labels.extend(attachment.privacy for attachment in self.attachments)
        return strictest(self.privacy, *labels)


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
        offered: the answers that stood on it; it says nothing of others. Empty: all that there are.
    """

    seat: str
    turn: str
    answer: Answer | None = None
    weight: Annotated[float, Field(ge=0)] = 1.0
    ranking: tuple[Answer, ...] = ()
    approved: tuple[Answer, ...] = ()
    points: tuple[Points, ...] = ()
    offered: tuple[Answer, ...] = ()

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
        mean_rank: where seats ranked the replies, the mean rank of those in this class, from 1, the best.
    """

    answer: str
    votes: int
    weight: float
    seats: tuple[str, ...]
    shares: dict[str, float] = Field(default_factory=dict)
    mean_rank: float | None = None


class Decision(Value):
    """The result of a vote, or of somebody who decided beside one: a judge, a synthesizer, a moderator, a search.

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
            to mean 1. Where somebody decided, by heads: (seats that agree + 1) / (all seats + 2), and of an open answer those
            alone who gave it. Two go by more than votes: the
            rule "evidence" (`contemplate.voting.weigh`), and "accepted", by the verifications of the reply that it accepts; and
            "composition" by the claims that an open answer rests on (`contemplate.claims.composition`).
        merges: which answers were counted as one, and why.
        reason: why there is no winner, if there is none; or why the count stands where somebody was to decide and did not.
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
