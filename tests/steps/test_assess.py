"""`assess`: who scores what, what comes of it, and that it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contemplate import Assess, Assessment, Completion, Criterion, Propose, Question, Request, Strategy, Synthesize, Vote
from contemplate.errors import InputError, RejectedError
from stage import Line, Show, Stage

OPEN = "Should a small startup use PostgreSQL or MongoDB? Explain."
TWO = (Criterion(name="correct", weight=3, description="each statement is true"), Criterion(name="short", weight=1))
MARKS = ("ONE", "TWO", "THREE", "FOUR")
CAST = {"proposer": [f"{mark} says this." for mark in MARKS], "synthesizer": ["FINAL says that."]}
_REPLY = re.compile(r"--- Reply ([A-Z]) \[\w+\] ---\n(\w+)")


def asked(criteria: Any = TWO) -> Question:
    """An open question with criteria."""
    return Question(text=OPEN, kind="open", criteria=criteria)


def batch(request: Request) -> dict[str, str]:
    """The letter of each reply that a judge is shown, by its mark, in their order."""
    return {mark: letter for letter, mark in _REPLY.findall(request.messages[-1].content)}


def gives(scores: Mapping[str, tuple[float, float]]) -> Callable[[Request], str]:
    """Judges that give each reply, by its mark, what it is worth, whatever letter it stands under."""

    def judge(request: Request) -> str:
        shown = batch(request)
        return "\n".join(f"{letter}: correct {scores[mark][0]:g}, short {scores[mark][1]:g}" for mark, letter in shown.items())

    return judge


WORTH = {"ONE": (8, 4), "TWO": (6, 6), "THREE": (2, 10), "FOUR": (4, 4), "FINAL": (9, 5)}


def panel(seats: int = 4, **words: Any) -> Strategy:
    """Proposals, a synthesis, and judges."""
    return Strategy(steps=[Propose(seats=seats), Synthesize(), Assess.model_validate({"do": "assess", **words})])


def assessment_of(show: Show) -> Assessment:
    """What the judges gave."""
    assert show.outcome.assessment is not None
    return show.outcome.assessment


async def play(
    stage: Stage, judge: Line | Callable[[Request], Line] = "", criteria: Any = TWO, seats: int = 4, **words: Any
) -> Show:
    """A run with such a judge."""
    lines = {**CAST, "assessor": judge if callable(judge) else [judge]}
    return await stage(panel(seats, **words), lines, question=asked(criteria))


# --- who sees what ----------------------------------------------------------------------------------------


async def test_judges_read_all_but_their_own_without_names(stage: Stage) -> None:
    """Three seats, each in both orders; the final answer is among the replies."""
    show = await play(stage, gives(WORTH))

    assert show.ids("assess")[:6] == [f"3.assess/seat-{seat}/{way}" for seat in (1, 2, 3) for way in ("ahead", "reverse")]
    for seat in (1, 2, 3):
        ahead, reverse = (list(batch(show.request(f"3.assess/seat-{seat}/{way}"))) for way in ("ahead", "reverse"))
        assert set(ahead) == {*MARKS, "FINAL"} - {MARKS[seat - 1]}
        assert reverse == ahead[::-1]
        told = show.shown(f"3.assess/seat-{seat}/ahead")
        assert "correct: each statement is true\nshort" in told
        assert not any(word in told for word in ("seat", "weight", "synthesizer", "model m"))
        assert f"1.propose/seat-{seat}" not in show.sources(f"3.assess/seat-{seat}/ahead")
    orders = {tuple(batch(show.request(f"3.assess/seat-{seat}/ahead"))) for seat in (1, 2, 3)}
    assert len(orders) == 3


async def test_who_answers_does_not_see_the_criteria(stage: Stage) -> None:
    """Their requests are those of the same question without criteria, and so is the answer."""
    with_criteria, without = await play(stage, gives(WORTH)), await play(stage, criteria=())

    assert [request.key for request in without.requests] == [request.key for request in with_criteria.requests[:5]]
    assert (without.answer, without.decision) == (with_criteria.answer, with_criteria.decision)
    assert without.outcome.assessment is None
    assert "assessment" not in without.outcome.to_dict()


# --- what comes of it -------------------------------------------------------------------------------------


async def test_scores_means_and_weights(stage: Stage) -> None:
    """Each is (3 correct + short) / 4; judges agree, so there is no spread."""
    found = assessment_of(await play(stage, gives(WORTH)))

    assert [(one.seat, one.mean, one.spread) for one in found.replies] == [
        ("seat-1", 7.0, 0.0),
        ("seat-2", 6.0, 0.0),
        ("seat-3", 4.0, 0.0),
        ("seat-4", 4.0, 0.0),
    ]
    assert found.answer is not None
    assert (found.answer.mean, found.answer.scores, found.answer.seat) == (8.0, {"correct": 9.0, "short": 5.0}, "")
    assert [judge.judge for judge in found.replies[0].judges] == ["seat-2", "seat-3"]
    assert [judge.judge for judge in found.answer.judges] == ["seat-1", "seat-2", "seat-3"]
    assert (found.criteria, found.proposed, found.notes) == (TWO, False, ())


async def test_a_judge_that_goes_by_place(stage: Stage) -> None:
    """What stands first gets 9, all else 3: over both orders the two ends get 6, and the spread tells."""

    def placed(request: Request) -> str:
        return "\n".join(f"{letter}: correct {9 if letter == 'A' else 3}, short 3" for letter in batch(request).values())

    found = assessment_of(await play(stage, placed, seats=2, judges=1))
    reply = next(one for one in found.replies if one.judges)

    assert found.answer is not None
    assert reply.judges[0].scores == found.answer.judges[0].scores == {"correct": 6.0, "short": 3.0}
    assert reply.spread == found.answer.spread == pytest.approx(4.5)


async def test_it_decides_nothing(stage: Stage) -> None:
    """However bad the answer is found, and however good a reply."""
    show = await play(stage, gives({**WORTH, "FINAL": (1, 1), "ONE": (10, 10)}))

    assert show.answer == "FINAL says that."
    assert show.decision.rule == "synthesis"


async def test_an_answer_that_is_a_reply_has_its_scores(stage: Stage) -> None:
    """It is not shown twice, and its author does not score it."""
    strategy = Strategy(steps=[Propose(seats=3), Vote(ties="first-seen"), Assess()])
    show = await stage(strategy, {**CAST, "assessor": gives(WORTH)}, question=asked())
    found = assessment_of(show)

    assert show.answer == "ONE says this."
    assert found.answer == found.replies[0]
    assert sorted(batch(show.request("3.assess/seat-2/ahead"))) == ["ONE", "THREE"]


async def test_it_is_told(stage: Stage) -> None:
    """As JSON and in Markdown."""
    show = await play(stage, gives(WORTH))
    page = show.outcome.to_markdown()

    assert Assessment.model_validate(show.outcome.to_dict()["assessment"]) == assessment_of(show)
    assert "## Scores by criteria" in page
    assert "| answer | 9.0 | 5.0 | 8.0 | 0.0 | seat-1, seat-2, seat-3 |" in page
    assert "| seat-1 | 8.0 | 4.0 | 7.0 | 0.0 | seat-2, seat-3 |" in page
    assert "- **correct**: each statement is true" in page


# --- few seats, many calls --------------------------------------------------------------------------------


@pytest.mark.parametrize(("seats", "judges", "calls"), [(2, 3, 4), (3, 3, 6), (8, 3, 6), (4, 0, 0), (5, 5, 10), (4, 1, 2)])
async def test_two_calls_a_judge(stage: Stage, seats: int, judges: int, calls: int) -> None:
    """And no more, however many replies there are."""
    show = await play(stage, gives(WORTH), seats=seats, judges=judges)

    assert show.roles.count("assessor") == calls
    assert (show.outcome.assessment is None) is (not judges)


async def test_a_batch_of_one_is_read_once(stage: Stage) -> None:
    """There is no other order of it."""
    strategy = Strategy(steps=[Propose(seats=2), Vote(ties="first-seen"), Assess()])
    show = await stage(strategy, {**CAST, "assessor": gives(WORTH)}, question=asked())

    assert show.roles.count("assessor") == 2


async def test_one_seat_is_scored_by_an_outsider(stage: Stage) -> None:
    """Of another model where there is one."""
    show = await stage("single", {**CAST, "assessor": gives(WORTH)}, question=asked(), models=["a", "b"])

    assert [judge.judge for judge in assessment_of(show).replies[0].judges] == ["assessor"]
    assert show.roles[-1] == "assessor"
    assert show.requests[-1].model == "b"


async def test_any_strategy_ends_with_it_where_there_are_criteria(stage: Stage) -> None:
    """One step more, and nothing else."""
    show = await stage("self-moa", {**CAST, "aggregator": ["FINAL says that."], "assessor": gives(WORTH)}, question=asked())

    assert [turn for turn in show.ids("assess") if turn.startswith("3.assess/seat-1")] == [
        "3.assess/seat-1/ahead",
        "3.assess/seat-1/reverse",
    ]
    assert assessment_of(show).answer is not None


# --- judges that are no good ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("All are fine.", "gave none of 16 scores"),
        (RejectedError("no"), "gave none of 16 scores"),
        (Completion(text="A: correct 7", finish="length"), "gave none of 16 scores"),
        ("A: correct 47, short 3\nB: correct 5, short 5", "47 for 'correct' is not from 1 to 10"),
        ("A: correct 0, short 11", "0 for 'correct' is not from 1 to 10"),
        ("Z: correct 5, short 5\nQ: correct 1, short 1", "gave none of 16 scores"),
    ],
)
async def test_scores_that_can_not_be_read(stage: Stage, line: Line, note: str) -> None:
    """They count for nothing, are told, and nobody is asked again; the answer stands."""
    show = await play(stage, line, judges=1)
    found = assessment_of(show)

    assert any(note in said for said in found.notes)
    assert show.roles.count("assessor") == 2
    assert show.answer == "FINAL says that."
    assert all(1 <= score <= 10 for one in found.replies for score in one.scores.values())


async def test_a_judge_that_scores_all_alike(stage: Stage) -> None:
    """It is told; the others' scores stand beside."""

    def judge(request: Request) -> str:
        worth = dict.fromkeys(WORTH, (7.0, 7.0)) if request.draw < 2 else WORTH
        return gives(worth)(request)

    found = assessment_of(await play(stage, judge))

    assert found.notes == ("seat-1 gave 7 for everything, which tells nothing apart",)
    assert [one.spread for one in found.replies] == [0.0, 1.0, 3.0, 3.0]


# --- criteria of the panel --------------------------------------------------------------------------------


async def test_the_panel_proposes(stage: Stage) -> None:
    """One call, which sees the question alone; what it names is on record, and is scored by."""
    lines = {**CAST, "criteria-proposer": ["1. correct: 3 # each is true\n2. **short**: 1"], "assessor": gives(WORTH)}
    show = await stage(panel(), lines, question=asked("panel"))
    found = assessment_of(show)

    assert show.roles.count("criteria-proposer") == 1
    assert not any(mark in show.shown("3.assess/criteria-proposer/criteria") for mark in MARKS)
    assert [(one.name, one.weight, one.description) for one in found.criteria] == [
        ("correct", 3, "each is true"),
        ("short", 1, ""),
    ]
    assert (found.proposed, found.answer is not None and found.answer.mean) == (True, 8.0)


@pytest.mark.parametrize("line", ["No idea.", RejectedError("no"), "", "correct: many"])
async def test_a_panel_that_proposes_nothing(stage: Stage, line: Line) -> None:
    """Nothing is scored, and the run says so."""
    show = await stage(panel(), {**CAST, "criteria-proposer": [line]}, question=asked("panel"))

    assert show.outcome.assessment is None
    assert "assessor" not in show.roles
    assert any("nothing is scored" in note for turn in show.outcome.trace.turns for note in turn.found.notes)


# --- criteria that are wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("correct", "the criterion 'correct' has no weight; write it as correct:3"),
        ("correct:-1", "the weight of the criterion 'correct' is '-1'; it must be a number above 0"),
        ("correct:0", "must be a number above 0"),
        ("correct:nan", "must be a number above 0"),
        ("a:1,A:2", "the criterion 'A' is given twice"),
        ("", "there are no criteria in it"),
        (":3", "a criterion has no name"),
        (",".join(f"c{number}:1" for number in range(13)), "13 criteria are given; the most is 12"),
        (TWO * 2, "'correct' is given twice"),
    ],
)
def test_bad_criteria(given: Any, told: str) -> None:
    """One line that says what is wrong."""
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        asked(given)
    assert "\n" not in str(caught.value)


def test_criteria_written_out() -> None:
    """Between commas, or one a line with what each asks."""
    lines = "# by what we judge\ncorrect: 3  # each statement is true, and checked\n\nshort: .5\n"

    assert [(one.name, one.weight) for one in asked("correct:3, short:1").criteria if isinstance(one, Criterion)] == [
        ("correct", 3.0),
        ("short", 1.0),
    ]
    assert asked(lines).criteria == (
        Criterion(name="correct", weight=3, description="each statement is true, and checked"),
        Criterion(name="short", weight=0.5),
    )


def test_a_question_without_criteria_is_stored_as_before() -> None:
    """And one with criteria comes back."""
    assert "criteria" not in Question(text="?").model_dump()
    assert Question.model_validate_json(asked().model_dump_json()) == asked()
    assert Question.model_validate_json(asked("panel").model_dump_json()) == asked("panel")


async def test_criteria_that_are_hostile(stage: Stage) -> None:
    """What the panel calls a criterion is shown, and does nothing."""
    proposal = "a<b>[x](evil)`\x1b[31m: 3 # <script>![y](evil)"
    lines = {**CAST, "criteria-proposer": [proposal], "assessor": ["A: 5"]}
    show = await stage(panel(), lines, question=asked("panel"))
    page = show.outcome.to_markdown()

    assert assessment_of(show).criteria[0].weight == 3
    assert "## Scores by criteria of the panel" in page
    assert not any(mark in page for mark in ("<b>", "<script>", "[x](", "[y](", "\x1b"))
