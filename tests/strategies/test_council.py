"""`council`: each answers alone, each ranks all without names, a chairman with names writes the answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from contemplate import Question, Request
from contemplate.cli.words import tally
from contemplate.errors import RejectedError
from stage import Stage

MARKS = ["ONE", "TWO", "THREE", "FOUR"]
MODELS = ["lab/alpha", "lab/beta", "lab/gamma", "lab/delta"]
_REPLY = re.compile(r"--- Reply ([A-Z]) \[\w+\] ---\n(\w+)")


def prefers(*order: str) -> Callable[[Request], str]:
    """A member that ranks the replies by their marks, whatever letters they stand under."""

    def rank(request: Request) -> str:
        letters = {mark: letter for letter, mark in _REPLY.findall(request.messages[-1].content)}
        wanted = [letters[mark] for mark in order if mark in letters]
        return f"COMMENT on each.\nFinal ranking: {', '.join(wanted)}"

    return rank


def propose(request: Request) -> str:
    """Each model says its own thing."""
    place = MODELS.index(request.model)
    return f"{MARKS[place]} Answer: {place + 1}"


CAST = {"proposer": propose, "council-member": prefers("TWO", "ONE", "FOUR", "THREE"), "chairman": ["Answer: 42"]}
TEXT = Question(text="What is best?", kind="text")


async def test_the_calls(stage: Stage) -> None:
    """Each member answers and ranks; the chairman writes once."""
    show = await stage("council", CAST, models=MODELS)

    assert show.roles[:4] == ["proposer"] * 4
    assert sorted(show.roles[4:]) == [*["chairman"], *["council-member"] * 4]
    assert show.roles[-1] == "chairman"
    assert (show.answer, show.decision.rule) == ("42", "synthesis")


async def test_each_member_sees_all_replies_its_own_too_and_no_names(stage: Stage) -> None:
    """Under letters, in an order of its own; nobody answers having seen another."""
    show = await stage("council", CAST, models=MODELS)

    orders = set()
    for number in range(1, 5):
        told = show.shown(f"2.rank/seat-{number}/ballot")
        assert all(mark in told for mark in MARKS)
        assert [letter for letter, _ in _REPLY.findall(told)] == ["A", "B", "C", "D"]
        assert not any(model in told or "seat" in told for model in MODELS)
        orders.add(tuple(mark for _, mark in _REPLY.findall(told)))
        assert sorted(show.sources(f"2.rank/seat-{number}/ballot")) == [f"1.propose/seat-{n}" for n in range(1, 5)]
        assert not any(mark in show.shown(f"1.propose/seat-{number}") for mark in MARKS)
    assert len(orders) > 1


async def test_replies_that_agree_all_stand_on_the_ballot(stage: Stage) -> None:
    """They are ranked one by one, though they count as one answer."""
    show = await stage("council", {**CAST, "proposer": lambda r: f"{MARKS[MODELS.index(r.model)]} Answer: 7"}, models=MODELS)

    assert len(_REPLY.findall(show.shown("2.rank/seat-1/ballot"))) == 4
    assert [row.mean_rank for row in show.decision.tally] == [2.5]


async def test_the_chairman_sees_replies_and_rankings_with_names(stage: Stage) -> None:
    """Who wrote what, who ranked how, and what each ranker's letters stood for."""
    show = await stage("council", CAST, models=MODELS)

    told = show.shown("3.synthesize/chairman")
    for place, model in enumerate(MODELS):
        assert re.search(rf"--- Reply \d, by {model} \[\w+\] ---\n{MARKS[place]} ", told)
        assert re.search(rf"--- Ranking \d, by {model} \[\w+\] ---\nCOMMENT", told)
    number = {mark: found for found, mark in re.findall(r"--- Reply (\d), by \S+ \[\w+\] ---\n(\w+)", told)}
    best_first = ", ".join(f"Reply {number[mark]}" for mark in ("TWO", "ONE", "FOUR", "THREE"))
    assert told.count(f"So it ranks, best first: {best_first}.") == 4
    first = dict(_REPLY.findall(show.shown("2.rank/seat-4/ballot")))
    letters = {mark: letter for letter, mark in first.items()}
    legend = ", ".join(f"{letters[mark]} is Reply {number[mark]}" for mark in sorted(MARKS, key=number.__getitem__))
    assert legend in told
    assert [other for other, _ in show.saw("3.synthesize/chairman")][4:] == [f"2.rank/seat-{n}/ballot" for n in range(1, 5)]


async def test_without_names(stage: Stage) -> None:
    """The chairman can be left in the dark about who wrote what."""
    show = await stage("council", CAST, models=MODELS, set={"names": False})

    told = show.shown("3.synthesize/chairman")
    assert not any(model in told for model in MODELS)
    assert "COMMENT" in told


async def test_the_mean_rank_stands_in_the_tally(stage: Stage) -> None:
    """Two members rank one way, two the other way: the means, by hand, and shown to the user."""
    one, other = prefers("TWO", "ONE", "FOUR", "THREE"), prefers("ONE", "TWO", "THREE", "FOUR")

    def member(request: Request) -> str:
        return (one if request.model in MODELS[:3] else other)(request)

    show = await stage("council", {**CAST, "council-member": member}, models=MODELS)

    assert {row.answer: row.mean_rank for row in show.decision.tally} == {"1": 1.75, "2": 1.25, "3": 3.75, "4": 3.25}
    assert "1 for 2 (mean rank 1.25)" in tally(show.decision)


async def test_a_ranking_that_names_some_leaves_the_last_places_to_the_others(stage: Stage) -> None:
    """Two of four named by everybody: the others are at 3.5."""
    show = await stage("council", {**CAST, "council-member": prefers("TWO", "ONE")}, models=MODELS)

    assert {row.answer: row.mean_rank for row in show.decision.tally} == {"1": 2.0, "2": 1.0, "3": 3.5, "4": 3.5}


@pytest.mark.parametrize("broken", ["hm, all are fine.", ""])
async def test_a_ranking_that_can_not_be_read_is_none(stage: Stage, broken: str) -> None:
    """It is not shown to the chairman, and not in the mean."""

    def member(request: Request) -> str:
        return broken if request.model == MODELS[0] else prefers("ONE", "TWO", "THREE", "FOUR")(request)

    show = await stage("council", {**CAST, "council-member": member}, models=MODELS)

    told = show.shown("3.synthesize/chairman")
    assert [f"Ranking {number}, by" in told for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert f"by {MODELS[0]}" in told
    assert {row.answer: row.mean_rank for row in show.decision.tally} == {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0}


async def test_a_member_that_failed_is_not_ranked_but_ranks(stage: Stage) -> None:
    """Three replies on the ballots, four ballots."""

    def proposing(request: Request) -> str | Exception:
        return RejectedError("no") if request.model == MODELS[3] else propose(request)

    show = await stage("council", {**CAST, "proposer": proposing}, models=MODELS)

    assert len(_REPLY.findall(show.shown("2.rank/seat-4/ballot"))) == 3
    assert show.decision.abstentions == ("seat-4",)
    assert {row.answer: row.mean_rank for row in show.decision.tally} == {"1": 2.0, "2": 1.0, "3": 3.0}


async def test_a_chairman_that_says_nothing_leaves_the_vote(stage: Stage) -> None:
    """The panel's own vote stands, and the reason says so."""
    show = await stage("council", {**CAST, "proposer": ["Answer: 5"], "chairman": ["hm"]}, models=MODELS)

    assert show.answer == "5"
    assert show.decision.reason is not None


async def test_free_texts_are_ranked_too(stage: Stage) -> None:
    """It needs no answer that can be counted."""
    cast = {**CAST, "chairman": ["Answer: the sea"], "equivalence": ["Verdict: different"]}
    show = await stage("council", cast, models=MODELS, question=TEXT, set={"seats": 3})

    assert show.answer == "the sea"
    assert sorted(row.mean_rank or 0 for row in show.decision.tally) == [1.0, 2.0, 3.0]


async def test_members_may_rank_the_others_only(stage: Stage) -> None:
    """Each finds three replies; ranks are stretched over the batch, and means are over those that could rank it."""
    show = await stage(
        "council", {**CAST, "council-member": prefers("ONE", "TWO", "THREE", "FOUR")}, models=MODELS, set={"own": "exclude"}
    )

    for number, mark in enumerate(MARKS, 1):
        told = show.shown(f"2.rank/seat-{number}/ballot")
        assert [other in told for other in MARKS] == [other != mark for other in MARKS]
    # two: first in the batch without ONE, else second of three (2.5 of 4): (1 + 2.5 + 2.5) / 3
    assert {row.answer: row.mean_rank for row in show.decision.tally} == {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0}
    assert show.shown("3.synthesize/chairman").count("So it ranks, best first: ") == 4


async def test_two_members_rank_nothing_where_each_ranks_the_other(stage: Stage) -> None:
    """The chairman writes from the replies alone."""
    show = await stage("council", CAST, models=MODELS[:2], set={"own": "exclude", "seats": 2})

    assert show.roles == ["proposer", "proposer", "chairman"]
    assert show.answer == "42"
    assert [row.mean_rank for row in show.decision.tally] == [None, None]
