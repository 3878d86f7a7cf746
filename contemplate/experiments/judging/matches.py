"""Carries pairwise judging out: reads the answers of an experiment from its rows, and asks the judge in both orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from contemplate.agents.reply_formats import ReplyFormat, choice
from contemplate.concurrency import task_group
from contemplate.errors.boundary import boundary
from contemplate.experiments.cells import Asked
from contemplate.experiments.comparison import Name
from contemplate.experiments.judging.pairing import Pairing
from contemplate.experiments.pairwise.judgement import Choice, Judgement
from contemplate.experiments.plan import ExperimentPlan
from contemplate.experiments.row_file import Rows
from contemplate.experiments.rows import Row
from contemplate.run.exchange import Exchange
from contemplate.types import Failure, Question

_TITLES = ("Answer A", "Answer B")


class Consult(Protocol):
    """Asks the judge's model in the role of its card, within the budget and through the ledger of the experiment."""

    async def __call__(self, card: str, question: Question, shown: Mapping[str, str], form: ReplyFormat) -> Exchange:
        """What is read from the reply, or why nothing can be.

        Raises:
            ContemplateError: the call brought no reply.
        """
        ...


@dataclass(frozen=True)
class Match:
    """Two rows whose answers are compared."""

    question: Question
    first: Row
    second: Row


def judged_questions(asked: Sequence[Asked]) -> list[Question]:
    """The questions whose answers are compared: open ones."""
    return [question for one in asked for question in one.questions if question.kind == "open"]


def matches(
    plan: ExperimentPlan,
    asked: Sequence[Asked],
    rows: Rows,
    pairings: Sequence[Pairing],
    *,
    arms: int,
    beside: int = 0,
) -> Iterator[Match]:
    """What is compared, question by question; of the rows only those of one question are held at a time.

    Args:
        plan: of the experiment. Where it leaves out what failed, questions on which a strategy failed are left out.
        asked: the question sets.
        rows: of the experiment: all those of the arms of the plan, then all those of the baselines beside them.
        pairings: who is compared with whom.
        arms: how many arms of the plan there are.
        beside: how many baselines beside them.
    """
    cells = sum(len(one.questions) for one in asked) * plan.repeats
    blocks = [(iter(rows), arms), (islice(rows, arms * cells, None), beside)]
    for question in (question for one in asked for question in one.questions):
        here: list[dict[Name, Row]] = []
        for _ in range(plan.repeats):
            found = [row for block, count in blocks for row in islice(block, count)]
            here.append({(row.strategy, row.panel): row for row in found})
        spoilt = plan.failed == "left-out" and any(row.status == "failed" for by_name in here for row in by_name.values())
        if question.kind == "open" and not spoilt:
            for by_name in here:
                yield from (Match(question, by_name[first.name], by_name[second.name]) for first, second in pairings)


async def judge_all(
    todo: Iterator[Match], consult: Consult, card: str, at_once: int, on_judged: Callable[[], None]
) -> tuple[Judgement, ...]:
    """The judgements of all matches, in their order, so many at once.

    Args:
        todo: the matches.
        consult: how the judge is asked.
        card: the name of its role.
        at_once: how many matches are under way at the same time.
        on_judged: is called whenever one is over.
    """
    found: dict[int, Judgement] = {}
    waiting = enumerate(todo)

    async def work() -> None:
        for number, match in waiting:
            found[number] = await judge(match, consult, card)
            on_judged()

    async with task_group() as tasks:
        for _ in range(at_once):
            tasks.start_soon(work)
    return tuple(found[number] for number in sorted(found))


async def judge(match: Match, consult: Consult, card: str) -> Judgement:
    """The judgement of a match: in both orders by the judge, without a call where an answer is missing or both are the same."""
    first, second = (row.answer for row in (match.first, match.second))
    judgement = Judgement(
        set=match.first.set,
        question=match.first.question,
        group=match.first.group,
        repeat=match.first.repeat,
        first=match.first.strategy,
        first_panel=match.first.panel,
        second=match.second.strategy,
        second_panel=match.second.panel,
        first_length=None if first is None else len(first),
        second_length=None if second is None else len(second),
    )
    if first is None or second is None:
        return judgement.model_copy(update={"how": "no-answer"})
    if first.strip() == second.strip():
        return judgement.model_copy(update={"how": "same-text"})
    texts = {"first": first, "second": second}
    one, why = await _chosen(match.question, texts, ("first", "second"), consult, card)
    other, why_not = await _chosen(match.question, texts, ("second", "first"), consult, card)
    return judgement.model_copy(
        update={"first_shown_first": one, "second_shown_first": other, "failure": why if why is not None else why_not}
    )


async def _chosen(
    question: Question, texts: Mapping[str, str], order: tuple[Choice, Choice], consult: Consult, card: str
) -> tuple[Choice | None, str | None]:
    """Who was chosen with the answers shown in an order; or None, and why."""
    shown = {title: texts[whose] for title, whose in zip(_TITLES, order, strict=True)}
    exchange: Exchange | None = None
    with boundary(f"judge {card}") as caught:
        exchange = await consult(card, question, shown, choice(order, tie=True))
    if exchange is None or exchange.parsed is None:
        failure = Failure.of(caught.error) if caught.error else exchange.failure if exchange else None
        return None, failure.message if failure else None
    parsed = exchange.parsed
    return "tie" if parsed.found.tie else next(whose for whose in order if whose == parsed.chose), None
