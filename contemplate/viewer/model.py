"""The page as values: all that it shows, worked out before it is written; turns go by their number, from 0 in layout order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contemplate.types import EdgeKind, Value

Length = Annotated[int, Field(ge=0)]


class Span(Value):
    """Some words, which lead to a turn if it names one."""

    text: str
    turn: int | None = None


Line = tuple[Span, ...]


class Part(Value):
    """A part of the story."""

    title: str
    lines: tuple[Line, ...]


class Bar(Value):
    """A row of a tally.

    Attributes:
        group: the number of its answer among the groups; None if it has none.
        weight: its score under the rule.
        note: what else stands behind it, in a few words.
    """

    answer: str
    group: int | None
    votes: int
    weight: float
    seats: tuple[str, ...]
    note: str = ""


class Group(Value):
    """Turns of one colour and one shape: those of one answer, or of one verb where answers are open.

    Attributes:
        letter: stands in the shape: "A" for the answer that won, or else the first.
        label: the answer, or the verb.
        turns: how many turns are in it.
    """

    letter: str
    label: str
    turns: int


class Folded(Value):
    """Words of others in a prompt, by the number of the text."""

    title: str
    text: int


class MessageView(Value):
    """A message of a prompt: texts by their numbers, and words of others."""

    role: str
    parts: tuple[int | Folded, ...]


class CallView(Value):
    """One call of a turn; `prompt` is None where it is not known."""

    model: str
    tokens: tuple[int, int]
    prompt: tuple[MessageView, ...] | None


class ProgramView(Value):
    """A program that a reply held, and what came of it; texts by their numbers."""

    code: int
    output: int
    failed: str | None
    error: str | None


class ToolView(Value):
    """A call of a tool, and what came of it; texts by their numbers."""

    tool: str
    said: int
    arguments: int
    result: int
    failed: str | None
    error: str | None
    seconds: float
    pure: bool


class TurnView(Value):
    """A turn.

    Attributes:
        text: the number of its reply; None where there is none.
        brief: what it came to, in a few words.
        label: the same in one or two, for the graph.
        group: its colour; None for none.
        fields: what was read from the reply, by name.
        tokens: prompt and completion.
        usd: what it cost; None where that is not known.
        attempts: the calls that were made for it, those without a reply among them; 0 where that is not known.
        span: seconds from the start of the run until it began and ended; None where that is not known.
        place: the left upper corner in the graph.
        lane: in which line of its seat it stands on the timeline, from 0.
        sees: what it saw: turns, and how.
    """

    id: str
    column: int
    row: int
    verb: str
    seat: str
    card: str
    model: str
    status: Literal["said", "failed", "cancelled"]
    text: int | None
    brief: str
    label: str
    group: int | None
    fields: tuple[tuple[str, str], ...]
    failure: tuple[str, str] | None
    programs: tuple[ProgramView, ...]
    tools: tuple[ToolView, ...]
    calls: tuple[CallView, ...]
    tokens: tuple[int, int]
    usd: float | None
    attempts: int
    span: tuple[float, float] | None
    cached: bool
    place: tuple[int, int]
    lane: int
    sees: tuple[tuple[int, EdgeKind], ...]


class Column(Value):
    """A round of a step, and where it stands in the graph."""

    label: str
    step: str
    round: int
    x: Length
    width: Length


class Row(Value):
    """A seat, a role outside of the panel, or what nobody said, and where it stands in the graph and on the timeline."""

    label: str
    y: Length
    height: Length
    lanes: Length


class BallotView(Value):
    """A turn that was counted, and how it was read.

    Attributes:
        choice: what it says.
        read: how that was read from the reply, or why nothing was.
    """

    turn: int
    seat: str
    choice: str
    group: int | None
    read: str


class DecisionView(Value):
    """A decision; `more` ballots and merges than are shown were left out."""

    turn: int
    title: str
    winner: str | None
    rule: str
    figures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    tally: tuple[Bar, ...]
    ballots: tuple[BallotView, ...]
    merges: tuple[tuple[str, str, str], ...]
    more: int = 0


class StanceView(Value):
    """What a seat says of a claim."""

    seat: str
    turn: int | None
    side: str
    reason: str


class ClaimView(Value):
    """A claim; `notes` are its wordings and checks."""

    id: str
    text: str
    state: str
    confidence: float
    why: str
    sources: tuple[Line, ...]
    stances: tuple[StanceView, ...]
    checks: tuple[Line, ...]


class SentenceView(Value):
    """A sentence of the answer, with the claims that it rests on."""

    text: str
    claims: tuple[str, ...]
    flags: tuple[str, ...]


class ClaimsView(Value):
    """The claims of a run on an open question, and the answer that is made of them."""

    claims: tuple[ClaimView, ...]
    sentences: tuple[SentenceView, ...]
    notes: tuple[str, ...]


class FlipView(Value):
    """A change of an answer: from one turn to another, after reading these."""

    seat: str
    before: int
    after: int
    read: tuple[int, ...]


class PictureView(Value):
    """A part of an attachment.

    Attributes:
        where: which part it is; empty where there is one.
        thumbnail: a small picture as a `data:` URL; empty where there is none, as of sound.
        read: the number of what a program read in it; None where nothing did.
        by: that program.
        regions: what was looked at in it: left, top, right and bottom in percent of its size, by whom, and the number of what was
            read there.
    """

    where: str
    thumbnail: str
    read: int | None
    by: str
    regions: tuple[tuple[float, float, float, float, str, int | None], ...] = ()


class AttachmentPage(Value):
    """An attachment: what it is, who was shown it and how, and its parts."""

    name: str
    about: str
    seen: tuple[str, ...]
    parts: tuple[PictureView, ...]


class TurnBeside(Value):
    """A turn that two runs do not share.

    Attributes:
        turn: its number in the run of the page; None where that has it not.
        fields: what differs of it; empty where only one run has it.
        this, other: what it came to, in a few words; None where there is no such turn.
        texts: the reply in the one and in the other, by the numbers of the texts.
    """

    id: str
    seat: str
    turn: int | None
    fields: tuple[str, ...]
    this: str | None
    other: str | None
    texts: tuple[int | None, int | None]


class BesideView(Value):
    """Another run beside that of the page.

    Attributes:
        run: the other one.
        sides: what is worth knowing of both, a row each: its name, the one, the other.
        settings: what was set otherwise, in the same way.
        turns: those that differ, in layout order; `more` than are shown were left out.
    """

    run: str
    sides: tuple[tuple[str, str, str], ...]
    settings: tuple[tuple[str, str, str], ...]
    turns: tuple[TurnBeside, ...]
    more: int = 0


class PageModel(Value):
    """All that a page shows.

    Attributes:
        facts: about the run, by name.
        answer: the number of the answer's text; None if there is none.
        verdict: how it won, or why there is none, in one line.
        grouped: what groups are of: answers, or verbs.
        size: of the graph, in pixels.
        measured: whether the times were measured.
        critical: the turns of the longest chain of waiting, first to last.
        claims: None where the question is not open.
        beside: another run, None where there is none.
        prompts: whether what agents were asked is known.
        texts: all long texts, by number; one that was cut short stands with its whole length.
    """

    run: str
    title: str
    facts: tuple[tuple[str, str], ...]
    question: int
    answer: int | None
    confidence: float | None
    verdict: str
    tally: tuple[Bar, ...]
    story: tuple[Part, ...]
    grouped: Literal["answer", "verb"]
    groups: tuple[Group, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    size: tuple[int, int]
    turns: tuple[TurnView, ...]
    flips: tuple[FlipView, ...]
    measured: bool
    critical: tuple[int, ...]
    decisions: tuple[DecisionView, ...]
    claims: ClaimsView | None
    beside: BesideView | None = None
    prompts: bool
    live: bool = False
    attachments: tuple[AttachmentPage, ...] = ()
    texts: tuple[str | tuple[str, int], ...]
