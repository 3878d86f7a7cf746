"""Focus: long documents are split and dealt to the seats, which read their parts for all before the steps begin.

Map, then debate: each part is read by one seat (a turn of step `0.read`), which says what in it bears on the problem, and each
point is looked up in the part. Then all work on the problem with what they are shown in place of the documents.

References:
    LongAgent (arXiv:2402.11550) deals a long text to members, and a leader asks them; Chain of Agents (arXiv:2406.02818) hands
    a summary on from part to part. Here parts are read side by side, and the panel that debates is the one that read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from contemplate.agents import reply_formats
from contemplate.agents.dealt import part_document, point_line, title_of
from contemplate.agents.prompts import Posed, ask
from contemplate.catalogue.strategy import Strategy
from contemplate.claims.grounds import passage_for
from contemplate.documents.splitting import split_text
from contemplate.errors import InputError
from contemplate.models.backends.routing import Router
from contemplate.orchestration.measuring import BYTES_PER_TOKEN, length, tokens_of
from contemplate.orchestration.run_spec import RunSpec, every_model
from contemplate.run import Run
from contemplate.run.focus import READER, Dealt
from contemplate.types import Document, FocusPart, FocusPlan, FocusView, Found, OutsideView, Passage, Point, Question, Turn

STEP = "0.read"

USUAL_ROOM = 4_000
"""The most of the documents that an agent is shown, in tokens, where its model's window is not known, and nobody said."""
SMALLEST_PART = 200
"""The shortest part that is dealt, in tokens."""
_SPREAD = 1.15
"""How much longer than an equal share a part may be, so that it ends where its author made a break."""
SHORTEST_DIGEST = 40
"""The shortest that a digest of a part may have to be, in tokens; so many parts there may be as have room for theirs."""
LONGEST_DIGEST = 500
"""The longest digest of a part, in tokens."""


def check_focus(strategy: Strategy, question: Question, outside: OutsideView | None) -> bool:
    """Whether the documents of a question are to be dealt.

    Raises:
        InputError: some models are to see another view of them besides.
    """
    if strategy.focus == "full" or not question.documents:
        return False
    if outside is not None:
        raise InputError(f"outside: views of private words go with whole documents, and not with focus {strategy.focus!r}")
    return True


async def focused(spec: RunSpec, router: Router) -> RunSpec:
    """A spec that says how its documents are dealt, if not all are to read all of them. One that says it stays as it is.

    Raises:
        InputError: they are too long even so.
    """
    known, strategy = spec.focus, spec.strategy
    if known is not None and known.mode == strategy.focus and len(known.rooms) == strategy.seats:
        return spec
    return spec.model_copy(update={"focus": await focus_plan(spec, router)})


async def focus_plan(spec: RunSpec, router: Router) -> FocusPlan | None:
    """How the documents of a spec are dealt; None where all read all of them.

    There are as many parts as seats, or more where one would be longer than half of what the narrowest model may be shown; the
    other half is for digests.

    Raises:
        InputError: a model reads too little, or there are more parts than it can be shown digests of.
    """
    strategy, documents = spec.strategy, spec.question.documents
    if strategy.focus == "full" or not documents or READER not in spec.cards:
        return None
    rooms = [await _room(spec, router, number) for number in range(1, strategy.seats + 1)]
    narrowest = min(rooms)
    total = sum(tokens_of(document.text) for document in documents)
    part = max(min(narrowest // 2, math.ceil(_SPREAD * total / len(rooms))), min(SMALLEST_PART, narrowest // 2))
    count = len(split_documents(documents, part * BYTES_PER_TOKEN))
    if count <= 1 and strategy.focus == "split":
        return None
    digest = min(narrowest // 2 // max(count, 1), LONGEST_DIGEST)
    if digest < SHORTEST_DIGEST:
        most = narrowest // 2 // SHORTEST_DIGEST
        raise InputError(
            f"focus {strategy.focus}: the documents have some {total:,} tokens, which are {count} parts of at most {part:,}, and "
            f"there is room for digests of {most}; give the documents that matter, or name models that read more"
        )
    return FocusPlan(mode=strategy.focus, part=part * BYTES_PER_TOKEN, digest=digest * 3, rooms=tuple(rooms))


async def _room(spec: RunSpec, router: Router, number: int) -> int:
    """How much of the documents a seat may be shown, in tokens: half of what the windows of all who may be asked leave."""
    beside = length(spec.question.model_copy(update={"documents": ()}))[1]
    own = spec.changes.models.get(number) or spec.models[(number - 1) % len(spec.models)]
    wanted = spec.strategy.focus_tokens
    room = USUAL_ROOM if wanted is None else wanted
    known = []
    for model in every_model((own,), spec.fallbacks, spec.cards):
        if (window := await router.window(model)) is None:
            continue
        reply = max((spec.sampling_of(model, card).max_tokens for card in spec.cards.values()), default=0)
        known.append(left := (window - reply - beside) // 2)
        if left < 2 * SMALLEST_PART:
            raise InputError(
                f"focus {spec.strategy.focus}: {model} reads {window:,} tokens, {reply:,} of them for its reply and some "
                f"{beside:,} for the question itself, which leaves too little for documents; name a model that reads more"
            )
    if not known:
        return room
    return min(known) if wanted is None else min(room, *known)


def split_documents(documents: Sequence[Document], longest: int) -> list[FocusPart]:
    """The parts of documents, in order, none longer than `longest` bytes; nobody has read them yet."""
    parts: list[FocusPart] = []
    for number, document in enumerate(documents, 1):
        spans = split_text(document.text, longest)
        for place, (start, end) in enumerate(spans, 1):
            first, last = document.page_at(start), document.page_at(max(end - 1, start))
            parts.append(
                FocusPart(
                    number=len(parts) + 1,
                    document=number,
                    name=document.name,
                    place=f"{place} of {len(spans)}",
                    start=start,
                    end=end,
                    pages=None if first is None or last is None else (first, last),
                )
            )
    return parts


def dealt_out(parts: Sequence[FocusPart], plan: FocusPlan) -> list[FocusPart]:
    """The parts with who reads each for all, and who is shown it word for word.

    Neighbours go to one seat. A seat is shown the parts that it reads, as long as there is room; where there are fewer parts
    than seats, several are shown the same.
    """
    seats, count = len(plan.rooms), len(parts)
    readers = [1 + place * seats // count if count >= seats else place + 1 for place in range(count)]
    shown: list[set[int]] = [set() for _ in parts]
    if plan.mode == "split":
        digests = -(-count * plan.digest // BYTES_PER_TOKEN)
        for seat, room in enumerate(plan.rooms, 1):
            left = max(room - digests, plan.part // BYTES_PER_TOKEN)
            own = [place for place in range(count) if readers[place] == seat] or [(seat - 1) % count]
            for place in own:
                size = -(-(parts[place].end - parts[place].start) // BYTES_PER_TOKEN)
                if size <= left or not any(seat in one for one in shown):
                    shown[place].add(seat)
                    left -= size
    return [
        part.model_copy(
            update={"reader": f"seat-{readers[place]}", "seats": tuple(f"seat-{seat}" for seat in sorted(shown[place]))}
        )
        for place, part in enumerate(parts)
    ]


async def deal_documents(plan: FocusPlan, run: Run) -> None:
    """Have each part read by a seat, put on record what was found, and show each agent its share from now on."""
    question = run.question
    parts = dealt_out(split_documents(question.documents, plan.part), plan)
    here, form = replace(run, step=STEP), reply_formats.items("what you found", none=True)
    asked = []
    for part in parts:
        agent = run.seat(READER, int(part.reader.removeprefix("seat-")))
        alone = question.model_copy(
            update={"documents": (part_document(part, question.documents[part.document - 1]),), "attachments": ()}
        )
        prompt = partial(ask, agent.card, Posed(alone, run.posed.quoting))
        asked.append(here.say(agent, prompt=prompt, form=form, detail=f"part-{part.number}"))
    read = [_read(part, question.documents, await turn, plan.digest) for part, turn in zip(parts, asked, strict=True)]
    for part in read:
        if part.points is None:
            run.note(f"{title_of(part)}: {part.reader} could not read it, so that only those know it who are shown it")
    view = FocusView(mode=plan.mode, parts=tuple(read))
    here.record_found(Found(focus=view), [turn.id for turn in asked], "dealt", view_in_words(view))
    run.state.dealt = Dealt(view, question.documents, run.posed.quoting)


def _read(part: FocusPart, documents: Sequence[Document], turn: Turn, most: int) -> FocusPart:
    """A part with what its reader found in it, as far as there is room for that."""
    if turn.failure is not None or turn.status == "cancelled":
        return part
    document = documents[part.document - 1]
    points: list[Point] = []
    left_out, left = 0, most
    for item in dict.fromkeys(turn.found.items or ()):
        found = passage_for(item, (part_document(part, document),))
        point = Point(text=item, passage=None if found is None else _moved(found, part, document))
        if (size := len(point_line(point)) + 1) > left and points:
            left_out += 1
            continue
        points.append(point)
        left -= size
    return part.model_copy(update={"points": tuple(points), "left_out": left_out})


def _moved(passage: Passage, part: FocusPart, document: Document) -> Passage:
    """A passage of a part, as one of its document."""
    start, end = passage.start + part.start, passage.end + part.start
    place = {"document": document.name, "number": part.document, "start": start, "end": end, "page": document.page_at(start)}
    return passage.model_copy(update=place)


def view_in_words(view: FocusView) -> str:
    """Who read what, part by part, in lines."""
    lines = []
    for part in view.parts:
        whole = f"; word for word before {', '.join(part.seats)}" if part.seats else ""
        found = "could not be read" if part.points is None else f"read by {part.reader}, {len(part.points)} found"
        lines += [f"{title_of(part)}: {found}{whole}", *(f"  {point_line(point)}" for point in part.points or ())]
    return "\n".join(lines)
