"""`chateval`: who hears whom in the three modes, both orders, scores and their average."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contemplate import InputError, Question, Request
from contemplate.catalogue import Catalogue
from contemplate.errors import RecipeError
from stage import Stage

TEXTS = Question(text="Which reply helps more?", kind="choice", choices=("The short text.", "The long text."))
ROLES = ["general-public", "text-critic", "news-author", "psychologist", "scientist"]


def is_swapped(request: Request) -> bool:
    """Whether a judge sees the second text first."""
    said = request.messages[-1].content
    return said.index("The long text.") < said.index("The short text.") if "The long text." in said else False


def judge(name: str, *, as_given: tuple[float, float], swapped: tuple[float, float] | None = None) -> Callable[[Request], str]:
    """A judge whose words carry its name, its round and the order; in its last turn it scores what stands as A and as B."""

    def speak(request: Request) -> str:
        said = request.messages[-1].content
        order = "swapped" if is_swapped(request) else "given"
        scoring = "Score A:" in said
        words = f"{name}-{2 if scoring else 1}-{order}"
        a, b = (swapped or as_given) if order == "swapped" else as_given
        return f"{words}\nScore A: {a}\nScore B: {b}" if scoring else words

    return speak


LINES: dict[str, Any] = {
    "general-public": judge("PUBLIC", as_given=(8, 5), swapped=(4, 7)),
    "text-critic": judge("CRITIC", as_given=(7, 6), swapped=(6, 7)),
    "talk-summariser": lambda request: "DIGEST-" + ("swapped" if is_swapped(request) else "given"),
}


def heard(show: Any, turn: str) -> list[str]:
    """The marks of the statements that a judge was shown."""
    marks = [f"{name}-{number}-{order}" for name in ("PUBLIC", "CRITIC") for number in (1, 2) for order in ("given", "swapped")]
    return [mark for mark in (*marks, "DIGEST-given", "DIGEST-swapped") if mark in show.shown(turn)]


async def test_one_by_one_each_reads_all_that_was_said(stage: Stage) -> None:
    """Two judges, four turns in sequence, in both orders: eight calls; nothing passes from one order to the other."""
    show = await stage("chateval", LINES, question=TEXTS)

    assert show.calls == 8
    for name, short in (("as-given", "given"), ("swapped", "swapped")):
        assert heard(show, f"1.chateval/1/seat-1/{name}") == []
        assert heard(show, f"1.chateval/1/seat-2/{name}") == [f"PUBLIC-1-{short}"]
        assert heard(show, f"1.chateval/2/seat-1/{name}") == [f"PUBLIC-1-{short}", f"CRITIC-1-{short}"]
        assert heard(show, f"1.chateval/2/seat-2/{name}") == [f"PUBLIC-1-{short}", f"PUBLIC-2-{short}", f"CRITIC-1-{short}"]
        assert show.sources(f"1.chateval/2/seat-2/{name}") == [
            f"1.chateval/1/seat-1/{name}",
            f"1.chateval/1/seat-2/{name}",
            f"1.chateval/2/seat-1/{name}",
        ]
    assert all(request.sampling.temperature == 0 for request in show.requests)


async def test_simultaneous_reads_the_last_round(stage: Stage) -> None:
    """Nobody hears the round that is being spoken; of earlier rounds only the last one."""
    show = await stage("chateval", LINES, question=TEXTS, set={"mode": "simultaneous"})

    assert show.calls == 8
    assert heard(show, "1.chateval/1/seat-2/as-given") == []
    for seat in (1, 2):
        assert heard(show, f"1.chateval/2/seat-{seat}/as-given") == ["PUBLIC-1-given", "CRITIC-1-given"]
    three = await stage("chateval", LINES, question=TEXTS, set={"mode": "simultaneous", "rounds": 3})
    assert three.sources("1.chateval/3/seat-1/as-given") == ["1.chateval/2/seat-1/as-given", "1.chateval/2/seat-2/as-given"]


async def test_a_summariser_condenses_the_round(stage: Stage) -> None:
    """One call more between two rounds in each order; then all read the summary and no statement."""
    show = await stage("chateval", LINES, question=TEXTS, set={"mode": "simultaneous-with-summariser"})

    assert show.calls == 10
    assert heard(show, "1.chateval/1/talk-summariser/as-given") == ["PUBLIC-1-given", "CRITIC-1-given"]
    for seat in (1, 2):
        assert heard(show, f"1.chateval/2/seat-{seat}/as-given") == ["DIGEST-given"]
        assert heard(show, f"1.chateval/2/seat-{seat}/swapped") == ["DIGEST-swapped"]
        assert show.sources(f"1.chateval/2/seat-{seat}/as-given") == ["1.chateval/1/talk-summariser/as-given"]


@pytest.mark.parametrize(
    ("mode", "rounds", "calls"),
    [
        ("one-by-one", 1, 4),
        ("one-by-one", 3, 12),
        ("simultaneous", 1, 4),
        ("simultaneous-with-summariser", 1, 4),
        ("simultaneous-with-summariser", 3, 16),
    ],
)
async def test_what_it_costs(stage: Stage, mode: str, rounds: int, calls: int) -> None:
    """Judges x rounds x orders; a summary between two rounds in each order, none after the last."""
    show = await stage("chateval", LINES, question=TEXTS, set={"mode": mode, "rounds": rounds})

    assert show.calls == calls


async def test_only_the_last_turn_is_asked_for_scores(stage: Stage) -> None:
    """From 1 to 10."""
    show = await stage("chateval", LINES, question=TEXTS)

    asked = {turn: "Score A:" in show.request(turn).messages[-1].content for turn in show.ids("chateval") if "seat" in turn}
    assert {turn for turn, scoring in asked.items() if scoring} == {turn for turn in asked if turn.startswith("1.chateval/2")}
    assert "from 1 to 10" in show.shown("1.chateval/2/seat-1/as-given")


async def test_personas_differ_and_stay(stage: Stage) -> None:
    """Each judge has its own system message in all its turns; five of them speak as five."""
    lines = {name: judge(name.upper(), as_given=(8, 5)) for name in ROLES}
    show = await stage("chateval", lines, question=TEXTS, set={"seats": 5})

    systems = {
        number: {show.request(f"1.chateval/{r}/seat-{number}/as-given").messages[0].content for r in (1, 2)}
        for number in range(1, 6)
    }
    assert [len(found) for found in systems.values()] == [1] * 5
    assert len(set.union(*systems.values())) == 5


async def test_scores_are_averaged_over_judges_and_orders(stage: Stage) -> None:
    """As given (8, 5) and (7, 6); swapped, turned back, (7, 4) and (7, 6): 7.25 against 5.25."""
    show = await stage("chateval", LINES, question=TEXTS)

    assert show.answer == "A"
    assert show.decision.rule == "mean-score"
    assert [(row.answer, row.weight, row.votes) for row in show.decision.tally] == [("A", 7.25, 2), ("B", 5.25, 0)]
    assert show.decision.tally[0].shares == {"as-given": pytest.approx(7.5 / 13), "swapped": pytest.approx(7 / 12)}
    assert show.decision.margin == pytest.approx(2 / 12.5)
    assert set(show.sources("1.chateval")) == {f"1.chateval/2/seat-{n}/{o}" for n in (1, 2) for o in ("as-given", "swapped")}


async def test_a_judge_that_favours_the_first_place_tips_nothing(stage: Stage) -> None:
    """Both orders cancel it: no winner, and both texts are named as tied; in one order it would have decided."""
    lines = {name: judge(name, as_given=(9, 4)) for name in ("general-public", "text-critic")}
    show = await stage("chateval", lines, question=TEXTS)

    assert show.answer is None
    assert show.decision.ties == ("A", "B")
    assert "both texts have a mean score of 6.5" in show.decision.reason
    one = await stage("chateval", lines, question=TEXTS, set={"both_orders": False})
    assert one.calls == 4
    assert one.answer == "A"


async def test_a_judge_that_disagrees_dissents(stage: Stage) -> None:
    """Its preference is that of its mean over both orders."""
    lines = {**LINES, "text-critic": judge("CRITIC", as_given=(1, 2), swapped=(2, 1))}
    show = await stage("chateval", lines, question=TEXTS)

    assert show.answer == "A"
    assert show.decision.dissent == ("seat-2",)
    assert show.decision.confidence == 0.5


async def test_scores_that_can_not_be_read_are_left_out(stage: Stage) -> None:
    """One repair each; then the other judge's scores count, and the seat abstains."""
    show = await stage("chateval", {**LINES, "text-critic": ["A is nicer.\nScore A: 99\nScore B: 1"]}, question=TEXTS)

    assert show.calls == 10
    assert show.answer == "A"
    assert show.decision.abstentions == ("seat-2",)
    assert show.decision.tally[0].weight == 7.5


async def test_no_scores_no_quorum(stage: Stage) -> None:
    """A clear reason."""
    show = await stage("chateval", {"general-public": ["fine"], "text-critic": ["well"]}, question=TEXTS)

    assert show.answer is None
    assert show.outcome.stopped == "quorum"
    assert "0 of 2 seats gave scores" in show.outcome.detail


async def test_a_text_question_may_hold_both_texts(stage: Stage) -> None:
    """A is the first and B the second; they can't be swapped, so there is one order."""
    show = await stage("chateval", LINES, question=Question(text="Text A: x. Text B: y. Which is better?"))

    assert show.calls == 4
    assert show.answer == "A"


@pytest.mark.parametrize(
    "question", [Question(text="q?", kind="number"), Question(text="q?", kind="choice", choices=("a", "b", "c"))]
)
async def test_other_questions_are_refused(stage: Stage, question: Question) -> None:
    """One line, before anything is called."""
    with pytest.raises(InputError, match="chateval compares two texts"):
        await stage("chateval", LINES, question=question)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("mode", "all-at-once", "steps.1.mode: 'all-at-once' is not allowed here; allowed: .*simultaneous"),
        ("seats", 6, "steps.1: 6 judges need as many different personas, and there are 5"),
    ],
)
def test_settings_that_are_refused(name: str, value: object, says: str) -> None:
    """With path and line."""
    with pytest.raises(RecipeError, match=rf"chateval.yaml:\d+: {says}"):
        Catalogue().recipe("chateval").strategy({name: value})
