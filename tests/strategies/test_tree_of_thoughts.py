"""`tree-of-thoughts` (arXiv:2305.10601): expand every kept state, value each new one, keep the best."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contemplate import Question, Request, Strategy
from contemplate.agents.reply_formats import LIKELIHOODS
from contemplate.errors import RejectedError
from contemplate.steps.search import Search
from stage import Show, Stage

_STATE = re.compile(r"--- The steps taken so far \[\w+\] ---\n(.*?)\n--- end", re.DOTALL)


def state_of(request: Request) -> str:
    """The steps that a request shows."""
    found = _STATE.search(request.messages[0].content)
    return found.group(1) if found else ""


def tree(request: Request) -> str:
    """Two next steps from everywhere."""
    level = len(state_of(request).split())
    return f"1. L{level}a\n2. L{level}b"


def finish(request: Request) -> str:
    """An answer that names its path: 1 for a, 2 for b."""
    return "Answer: " + "".join("12"["b" in step] for step in state_of(request).split())


def likes(*good: str) -> Callable[[Request], str]:
    """Values: sure for a state whose last step is among these, else likely."""
    return lambda request: "Value: sure" if state_of(request).split()[-1] in good else "Value: likely"


def states(show: Show, role: str) -> list[str]:
    """What each call of a role was shown, in order."""
    return [state_of(request) for request, other in zip(show.requests, show.roles, strict=True) if other == role]


async def test_the_calls_of_the_defaults(stage: Stage) -> None:
    """Four deep: three steps and the answer; every kept state is expanded once, every new one valued three times."""
    show = await stage("tree-of-thoughts", {"thinker": tree, "evaluator": likes(), "finisher": finish})

    assert Counter(show.roles) == {"thinker": 1 + 2 + 4, "finisher": 5, "evaluator": 3 * (2 + 4 + 8 + 5)}
    assert set(Counter(states(show, "evaluator")).values()) == {3}


async def test_who_sees_what(stage: Stage) -> None:
    """A step and a value see their own state alone: not another one, not what was said of it."""
    settings = {"depth": 3, "breadth": 2, "times": 1}
    show = await stage("tree-of-thoughts", {"thinker": tree, "evaluator": likes("L1b"), "finisher": finish}, set=settings)

    assert "L0" not in show.shown("1.search/seat-1/step-1")
    second = show.shown("1.search/seat-2/step-2")
    assert [mark in second for mark in ("L0b", "L0a", "L1", "Value: likely")] == [True] + [False] * 3
    assert show.saw("1.search/seat-2/step-2") == [("1.search/seat-1/step-1", "saw")]
    value = show.shown("1.search/evaluator/step-2-state-4-1")
    assert [mark in value for mark in ("L0b\nL1b", "L0a", "L1a")] == [True, False, False]
    assert show.saw("1.search/evaluator/step-2-state-4-1") == [("1.search/seat-2/step-2", "criticised")]
    assert states(show, "finisher") == [
        "L0a\nL1b",
        "L0b\nL1b",
    ]


async def test_the_best_are_kept_and_the_first_of_equals(stage: Stage) -> None:
    """Greedy by value; the sort is stable, so that among equals those that came up first stay."""
    lines = {"thinker": ["1. A\n2. B\n3. C\n4. D"], "evaluator": likes("C"), "finisher": finish}
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 3, "times": 1})

    assert states(show, "finisher") == ["C", "A", "B"]


async def test_values_are_summed(stage: Stage) -> None:
    """Sure 20, likely 1, impossible 0.001: one "sure" outweighs three times "likely"."""
    said: Counter[str] = Counter()
    words = {"A": ["likely", "likely", "likely"], "B": ["sure", "impossible", "impossible"], "C": ["impossible"] * 3}

    def value(request: Request) -> str:
        state = state_of(request).split("\n")[0]
        said[state] += 1
        return f"Value: {words[state][(said[state] - 1) % 3]}"

    lines = {
        "thinker": ["1. C\n2. A\n3. B"],
        "evaluator": value,
        "finisher": lambda request: f"Answer: {'CAB'.index(state_of(request))}",
    }
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 3})

    assert [(row.answer, row.weight) for row in show.decision.tally] == [("2", pytest.approx(20.002)), ("1", 3.0), ("0", 0.003)]
    assert show.answer == "2"
    assert LIKELIHOODS == {"sure": 20.0, "likely": 1.0, "impossible": 0.001}


async def test_a_repeated_state_counts_nothing(stage: Stage) -> None:
    """It is not valued again, and stands behind whatever is worth anything."""
    lines = {"thinker": ["1. A\n2. A\n3. B"], "evaluator": ["Value: impossible"], "finisher": finish}
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 2, "times": 1})

    assert states(show, "evaluator").count("A") == 1
    assert states(show, "finisher") == [
        "A",
        "B",
    ]


async def test_the_first_state_wins_whatever_the_others_say(stage: Stage) -> None:
    """No vote: two states that agree do not beat the best one; all of them stand in the trace, best first."""
    lines = {
        "thinker": ["1. A\n2. B\n3. C"],
        "evaluator": lambda request: "Value: sure" if "7" in state_of(request) else "Value: likely",
        "finisher": lambda request: f"Answer: {7 if state_of(request) == 'C' else 5}",
    }
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 3, "times": 1})

    assert (show.answer, show.decision.rule) == ("7", "first-state")
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("7", 1), ("5", 2)]
    assert len(show.sources("1.search/decision")) == 3


async def test_sampling_writes_one_step_a_call(stage: Stage) -> None:
    """With "sample", several calls write one step each, and the last one too."""
    lines = {"thinker": ["A", "B", "A"], "evaluator": likes("A"), "finisher": ["Answer: 1", "Answer: 2", "Answer: 3"]}
    settings = {"expand": "sample", "samples": 3, "depth": 2, "breadth": 2, "times": 1}
    show = await stage("tree-of-thoughts", lines, set=settings)

    assert Counter(show.roles) == {"thinker": 3, "finisher": 6, "evaluator": 2 + 6}
    kept = set(states(show, "finisher"))
    assert kept == {"A", "B"}


async def test_values_come_from_different_models(stage: Stage) -> None:
    """Where there are several, those who value take them in turn."""
    lines = {"thinker": ["1. A"], "evaluator": ["Value: sure"], "finisher": finish}
    show = await stage("tree-of-thoughts", lines, models=["m", "n", "o"], set={"depth": 2, "breadth": 1})

    asked = [show.turn(turn).model for turn in show.ids("search") if "evaluator/step-1-" in turn]
    assert sorted(asked) == ["m", "n", "o"]


async def test_a_value_that_can_not_be_read_adds_nothing(stage: Stage) -> None:
    """It is asked for once more; a state is worth what the others said of it."""
    lines = {
        "thinker": ["1. A\n2. B"],
        "evaluator": lambda r: "hm" if state_of(r)[0] == "A" else "Value: impossible",
        "finisher": finish,
    }
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 1, "times": 1})

    assert states(show, "finisher") == ["B"]


async def test_a_final_state_without_an_answer_is_none(stage: Stage) -> None:
    """The best one that can be read is the answer."""
    lines = {
        "thinker": ["1. A\n2. B"],
        "evaluator": likes("A"),
        "finisher": lambda request: "hm" if state_of(request) == "A" else "Answer: 4",
    }
    show = await stage("tree-of-thoughts", lines, set={"depth": 2, "breadth": 2, "times": 1})

    assert show.answer == "4"
    assert show.sources("1.search/vote") == ["1.search/seat-2/answer"]


async def test_when_no_step_can_be_read_it_ends_from_where_it_is(stage: Stage) -> None:
    """The states kept before are finished."""
    lines = {"thinker": lambda _: RejectedError("no"), "evaluator": ["Value: sure"], "finisher": ["Answer: 3"]}
    show = await stage("tree-of-thoughts", lines)

    assert show.answer == "3"
    assert show.roles.count("finisher") == 1


async def test_no_final_state_no_answer(stage: Stage) -> None:
    """The outcome says so."""
    show = await stage("tree-of-thoughts", {"thinker": tree, "evaluator": likes(), "finisher": ["hm"]})

    assert (show.answer, show.outcome.stopped) == (None, "quorum")


# --- the released run on the Game of 24 ---------------------------------------------------------------------


def puzzles(data: Path, count: int) -> Iterator[list[dict[str, Any]]]:
    """The steps of the first puzzles of the released run."""
    path = data / "game24" / "tot_bfs5.json.gz"
    yield from (row["steps"] for row in json.loads(gzip.decompress(path.read_bytes()))[:count])


def words_for(value: float) -> list[str]:
    """Three words that sum to a recorded value; "hm" for one that could not be read."""
    found = []
    for word, worth in LIKELIHOODS.items():
        while value > worth - 1e-9:
            found.append(word)
            value -= worth
    return [*found, *["hm"] * (3 - len(found))]


class Recorded:
    """Agents that say what the released run says."""

    def __init__(self, steps: list[dict[str, Any]]) -> None:
        self.next: dict[str, list[str]] = {}
        self.values: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()
        for step in steps:
            for new, value in zip(step["new_ys"], step["values"], strict=True):
                before, _, last = new.strip().rpartition("\n")
                self.next.setdefault(before, []).append(last)
                if value or new.strip() not in self.values:
                    self.values[new.strip()] = words_for(value)

    def think(self, request: Request) -> str:
        """The next steps of a state."""
        return "\n".join(f"{number}. {step}" for number, step in enumerate(self.next[state_of(request)], 1))

    def finish(self, request: Request) -> str:
        """The equation of a state that has one."""
        return next((step for step in self.next[state_of(request)] if "answer" in step.lower()), "")

    def value(self, request: Request) -> str:
        """One of a state's three words."""
        state = state_of(request)
        if len(request.messages) > 1:
            return "hm"
        self.asked[state] += 1
        return f"Value: {self.values[state][self.asked[state] - 1]}"


async def test_the_released_run_is_searched_the_same(stage: Stage, data: Path) -> None:
    """Given its steps and values, the states kept at each level are those of the released run, in its order, to the answers."""
    for steps in puzzles(data, 4):
        cast = Recorded(steps)
        lines = {"thinker": cast.think, "evaluator": cast.value, "finisher": cast.finish}
        question = Question(text=f"Make 24 of {steps[0]['x']}", kind="text")
        show = await stage(Strategy(steps=[Search(options=100)], equivalence="form"), lines, question=question, replayed=False)

        for level in (1, 2):
            expanded = [state_of(show_request) for show_request in thinking(show, level + 1)]
            assert expanded == [state.strip() for state in steps[level - 1]["select_new_ys"]]
        answers = [
            last.strip().rpartition("Answer:")[2].strip() for last in steps[3]["select_new_ys"] if "answer" in last.lower()
        ]
        final = [row.answer for row in show.decision.tally]
        assert [text for text in final if text in answers] == answers  # a last step there may be no answer, and crowd out one
        assert show.answer == answers[0]


def thinking(show: Show, level: int) -> list[Request]:
    """The requests for the steps of a level, in the order of the states kept."""
    keys = [show.turn(turn).key for turn in show.ids("search") if turn.endswith(f"/step-{level}")]
    return [next(request for request in show.requests if request.key == key) for key in keys]
