"""`divergent-debate`: two sides in turn, a moderator after each round, a judge at the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contemplate import Budget, Question, Repeat, Strategy
from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import Recipe, load
from contemplate.errors import RecipeError
from stage import Stage

UNDECIDED = "Both may be right.\nSide: none"
SPEECHES = {
    "affirmative": ["AFF-1 Answer: 1"],
    "negative": ["NEG-1 Answer: 2"],
    "debater": ["AFF-2 Answer: 1", "NEG-2 Answer: 2", "AFF-3 Answer: 3", "NEG-3 Answer: 2"],
    "moderator": [UNDECIDED],
    "candidate-lister": ["1. one\n2. two"],
    "arbiter": ["Answer: 2"],
}
MARKS = ["AFF-1", "NEG-1", "AFF-2", "NEG-2", "AFF-3", "NEG-3"]


def shown_in(text: str, marks: Sequence[str] = MARKS) -> list[str]:
    """Those of the speeches that stand in `text`."""
    return [mark for mark in marks if mark in text]


async def test_three_rounds_and_a_judge(stage: Stage) -> None:
    """Six speeches strictly in turn, the moderator after each round, then the judge's two calls; in this order."""
    show = await stage("divergent-debate", SPEECHES)

    assert show.roles == [
        *("affirmative", "negative", "moderator"),
        *("debater", "debater", "moderator"),
        *("debater", "debater", "moderator"),
        *("candidate-lister", "arbiter"),
    ]
    assert show.answer == "2"
    assert show.decision.rule == "judge"
    assert show.outcome.stopped == "judge"
    assert all(request.sampling.temperature == 0 for request in show.requests)


async def test_each_side_reads_the_others_last_message_and_its_own_memory(stage: Stage) -> None:
    """The affirmative starts from the question alone; after that everybody answers what was said just before."""
    show = await stage("divergent-debate", SPEECHES)

    assert shown_in(show.shown("1.propose/seat-1")) == []
    assert show.saw("1.propose/seat-2") == [("1.propose/seat-1", "saw")]
    assert shown_in(show.shown("1.propose/seat-2")) == ["AFF-1"]
    expected = {
        "2.revise/1/seat-1": (["AFF-1", "NEG-1"], ["NEG-1"], ["1.propose/seat-1", "1.propose/seat-2"]),
        "2.revise/1/seat-2": (["AFF-1", "NEG-1", "AFF-2"], ["AFF-2"], ["1.propose/seat-2", "2.revise/1/seat-1"]),
        "2.revise/2/seat-1": (["AFF-1", "NEG-1", "AFF-2", "NEG-2"], ["NEG-2"], ["2.revise/1/seat-1", "2.revise/1/seat-2"]),
        "2.revise/2/seat-2": (
            ["AFF-1", "NEG-1", "AFF-2", "NEG-2", "AFF-3"],
            ["AFF-3"],
            ["2.revise/1/seat-2", "2.revise/2/seat-1"],
        ),
    }
    for turn, (everything, last, sources) in expected.items():
        messages = show.request(turn).messages
        assert shown_in(show.shown(turn)) == everything
        assert shown_in(messages[-1].content) == last
        assert show.sources(turn) == sources


async def test_the_sides_keep_their_part(stage: Stage) -> None:
    """Their system messages stand in every speech, and only the negative one tells to disagree."""
    show = await stage("divergent-debate", SPEECHES)
    catalogue = Catalogue()

    for turn in ("1.propose", "2.revise/1", "2.revise/2"):
        assert show.request(f"{turn}/seat-1").messages[0].content == catalogue.card("affirmative").system
        assert show.request(f"{turn}/seat-2").messages[0].content == catalogue.card("negative").system
    assert "You disagree with its answer" in show.shown("1.propose/seat-2")


async def test_the_moderator_reads_both_last_speeches_and_nothing_else(stage: Stage) -> None:
    """After each round, those of that round."""
    show = await stage("divergent-debate", SPEECHES)

    for number, speeches in [(1, ["AFF-1", "NEG-1"]), (2, ["AFF-2", "NEG-2"]), (3, ["AFF-3", "NEG-3"])]:
        turn = f"2.until/{number}/moderator"
        assert shown_in(show.shown(turn)) == speeches
        before = "1.propose" if number == 1 else f"2.revise/{number - 1}"
        assert show.saw(turn) == [(f"{before}/seat-1", "saw"), (f"{before}/seat-2", "saw")]


@pytest.mark.parametrize(("ends", "calls"), [(1, 3), (2, 6), (3, 9)])
async def test_an_answer_of_the_moderator_ends_the_debate(stage: Stage, ends: int, calls: int) -> None:
    """Adaptive break: after any round; the decision is the moderator's, also against both sides."""
    moderator = [UNDECIDED] * (ends - 1) + ["Clear.\nSide: negative\nAnswer: 7"]
    show = await stage("divergent-debate", {**SPEECHES, "moderator": moderator})

    assert show.calls == calls
    assert show.answer == "7"
    assert show.outcome.stopped == "judge"
    assert show.decision.rule == "moderator"
    assert show.decision.dissent == ("seat-1", "seat-2")
    assert show.sources(f"2.until/{ends}/decision") == [f"2.until/{ends}/moderator"]


async def test_the_sides_agreeing_does_not_end_it(stage: Stage) -> None:
    """Only the moderator does."""
    agree = {"affirmative": ["Answer: 2"], "negative": ["Answer: 2"], "debater": ["Answer: 2"]}
    show = await stage("divergent-debate", {**SPEECHES, **agree})

    assert show.calls == 11
    assert show.decision.dissent == ()


@pytest.mark.parametrize("reply", ["Hm.", "Side: affirmative", "Side: perhaps\nAnswer: 1"])
async def test_a_moderator_that_can_not_be_read_is_asked_once_more_and_lets_it_go_on(stage: Stage, reply: str) -> None:
    """A side without an answer is no ruling; one repair, then the debate goes on."""
    show = await stage("divergent-debate", {**SPEECHES, "moderator": [reply]}, set={"rounds": 2})

    assert show.roles.count("moderator") == 4
    assert show.turn("2.until/1/moderator").failure.kind == "no-answer"
    assert show.answer == "2"


async def test_no_side_means_no_answer_whatever_numbers_stand_about(stage: Stage) -> None:
    """The debate goes on."""
    show = await stage("divergent-debate", {**SPEECHES, "moderator": ["It is 1 or 2.\nSide: none\nAnswer: none"]})

    assert show.decision.rule == "judge"


async def test_the_judge_lists_the_candidates_of_the_first_speeches_then_picks(stage: Stage) -> None:
    """Not of the last ones; the second call goes on from the list."""
    show = await stage("divergent-debate", SPEECHES)

    assert shown_in(show.shown("2.until/3/candidate-lister")) == ["AFF-1", "NEG-1"]
    assert show.sources("2.until/3/candidate-lister") == ["1.propose/seat-1", "1.propose/seat-2"]
    picking = show.request("2.until/3/arbiter").messages
    assert [message.role for message in picking] == ["user", "assistant", "user"]
    assert picking[1].content == "1. one\n2. two"
    assert shown_in(show.shown("2.until/3/arbiter")) == ["AFF-1", "NEG-1"]
    assert "2.until/3/candidate-lister" in show.sources("2.until/3/arbiter")


async def test_a_judge_whose_list_fails_still_picks(stage: Stage) -> None:
    """It reads the two first speeches then."""
    show = await stage("divergent-debate", {**SPEECHES, "candidate-lister": ["hm"], "arbiter": ["Answer: 1"]})

    assert len(show.request("2.until/3/arbiter").messages) == 1
    assert shown_in(show.shown("2.until/3/arbiter")) == ["AFF-1", "NEG-1"]
    assert show.answer == "1"


async def test_a_judge_without_an_answer_leaves_the_sides_vote(stage: Stage) -> None:
    """The decision says so."""
    show = await stage("divergent-debate", {**SPEECHES, "arbiter": ["I can't say."]})

    assert show.decision.rule == "plurality"
    assert show.answer == "3"
    assert "the judge gave no readable answer" in show.decision.reason


async def test_one_round_is_judged_too(stage: Stage) -> None:
    """Rounds count the first one: both speak once, the moderator, the judge."""
    show = await stage("divergent-debate", SPEECHES, set={"rounds": 1})

    assert show.roles == ["affirmative", "negative", "moderator", "candidate-lister", "arbiter"]


async def test_a_side_that_says_nothing_readable_is_not_quoted(stage: Stage) -> None:
    """The negative side speaks from the question alone then, and the moderator hears one side."""
    lines = {**SPEECHES, "affirmative": ["UNSURE"], "moderator": ["Side: negative\nAnswer: 2"]}
    show = await stage("divergent-debate", lines)

    assert "UNSURE" not in show.shown("1.propose/seat-2")
    assert "UNSURE" not in show.shown("2.until/1/moderator")
    assert show.decision.abstentions == ("seat-1",)
    assert show.answer == "2"


async def test_texts_are_ruled_on_too(stage: Stage) -> None:
    """An answer in words; dissent goes by meaning."""
    lines = {
        **SPEECHES,
        "affirmative": ["Answer: The fox"],
        "negative": ["Answer: The hen"],
        "moderator": ["Side: affirmative\nAnswer: the fox."],
        "equivalence": ["Verdict: different"],
    }
    show = await stage("divergent-debate", lines, question=Question(text="Who?"))

    assert show.answer == "the fox"
    assert show.decision.dissent == ("seat-2",)


async def test_a_spent_budget_leaves_the_sides_last_words(stage: Stage) -> None:
    """No judge without money."""
    show = await stage("divergent-debate", SPEECHES, budget=Budget(calls=4))

    assert show.outcome.stopped == "budget"
    assert show.calls == 4
    assert show.answer in {"1", "2"}


def test_the_cards_of_both_sides_are_parameters() -> None:
    """How strongly the negative side disagrees is a card."""
    strategy = Catalogue().recipe("divergent-debate").strategy({"negative": "proposer"})

    assert strategy.cards == ("affirmative", "proposer", "moderator", "candidate-lister", "arbiter", "debater")


def test_a_judge_needs_two_sides() -> None:
    """One line with path and line, at load time."""
    text = "steps:\n  - {do: propose, seats: 3}\n  - do: repeat\n    times: 1\n    until: judge\n    steps: [{do: revise}]\n"
    with pytest.raises(RecipeError) as caught:
        Recipe(text, "r", "r.yaml")

    assert str(caught.value) == "r.yaml:5: steps.2.until: the stop test 'judge' hears two sides, and the panel has 3"


def test_the_stop_test_survives_the_trip_through_yaml() -> None:
    """Written by its name, or with cards of one's own."""
    from contemplate.catalogue.recipe import dump

    strategy = Catalogue().recipe("divergent-debate").strategy()
    repeat = strategy.steps[1]

    assert isinstance(repeat, Repeat)
    assert load(dump(strategy)).steps == strategy.steps
    assert Strategy.model_validate(strategy.model_dump()).steps == strategy.steps
