"""Every decision of every recipe agrees with its own tally, and what went wrong before there was one maker of decisions."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import pytest

from contemplate import Completion, Orchestrator, Outcome, Question, Request, ScriptedBackend, Settings
from contemplate.catalogue import Catalogue
from contemplate.claims.composition import confidence_in
from contemplate.errors import RejectedError
from contemplate.models.retry import Retry
from contemplate.types import Decision, Logprobs

Stage = Callable[..., Awaitable["Show"]]


class Show:
    """What `tests/strategies/conftest.py` returns; see there."""

    answer: str | None
    decision: Decision
    roles: list[str]


RULES = ("unanimity", "simple", "ranked", "cumulative", "approval", "judge", "summary")
SETTINGS: list[tuple[str, dict[str, object]]] = [
    *((name, {}) for name in Catalogue().names("strategies")),
    *(("discussion-vote", {"rule": rule}) for rule in RULES),
    ("contemplating-2026-11", {"verifications": 0}),
    ("contemplating-2026-11", {"verifications": 0, "decision": "plurality"}),
    ("contemplating", {"decision": "plurality"}),
    ("early-stopping-consistency", {"returns": "window"}),
]
SMALLER = {"best-of-n": {"seats": 6}, "deepconf": {"seats": 12, "warmup": 4}, "verify-refine": {"runs": 3, "rounds": 8}}
QUESTION = Question(text="Which?", kind="choice", choices=("one", "other"))
BY_PROGRAM = Question(text="Is it so?", kind="boolean")
"""The question for recipes whose seats write programs."""
GROUPS = (
    ("Confidence: 80 %", "Confidence: 10 %"),
    ("Verdict: sound", "Verdict: sound", "Verdict: flawed"),
    ("Score: 7", "Score: 3"),
    ("Score A: 7\nScore B: 4", "Score A: 2\nScore B: 6"),
    ("Value: sure", "Value: impossible"),
    ("Stance: agree", "Stance: disagree"),
    ("Side: affirmative", "Side: negative", "Side: none"),
    ("1. do this\n2. do that", "1. do that"),
    ("Choice: A", "Choice: B"),
    ("Final ranking: B, A", "Final ranking: A, B", "Approved: A", "Points: A 6, B 4"),
    ("Answer: A", "Answer: B"),
)
OF_THEIR_OWN = {"borda", "copeland", "ranked-pairs", "instant-runoff", "pairwise", "approval"}
"""The rules whose margin is no share of the weights in their tally."""


def anybody(seed: int) -> Callable[[Request], Completion | Exception]:
    """Agents that say something of everything, drawn by chance, and one in ten fails."""

    def say(request: Request) -> Completion | Exception:
        draw = random.Random(f"{seed} {request.key}")
        if draw.random() < 0.1:
            return RejectedError("no")
        sure = -draw.randint(1, 300) / 100
        if "Python program" in request.messages[-1].content:
            return Completion(text=f"```python\nprint({draw.random() < 0.6})\n```")
        found = Logprobs(chosen=(sure,) * 3, confidence=(draw.randint(0, 90) / 10,) * 3, first={"yes": sure})
        text = "\n".join(draw.choice(group) for group in GROUPS if draw.random() > 0.08)
        return Completion(text=text, logprobs=found if request.logprobs else None)

    return say


async def run(name: str, settings: dict[str, object], seed: int) -> Outcome:
    """A run of a recipe."""
    backend, options = ScriptedBackend(anybody(seed)), Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m", "n"], backend=backend, ledger=":memory:", settings=options) as orchestrator:
        return await orchestrator.solve(
            BY_PROGRAM if name.startswith("program-") else QUESTION,
            name,
            parameters={**SMALLER.get(name, {}), **settings},
            seed=seed,
        )


def agrees_with_its_tally(decision: Decision, values: dict[str, str]) -> None:
    """What a decision says of itself can be worked out again from its tally.

    Args:
        decision: to be checked.
        values: the canonical form of every text that was an answer in the run.
    """
    if decision.winner is None:
        assert (decision.margin, decision.confidence, decision.dissent) == (0, 0, ())
        return
    own = [row for row in decision.tally if values.get(row.answer, row.answer) == decision.value]
    others = [row for row in decision.tally if values.get(row.answer, row.answer) != decision.value]
    agree = {seat for row in own for seat in row.seats}
    against = {seat for row in others for seat in row.seats} - agree
    assert 0 < decision.confidence <= 1
    assert 0 <= decision.margin <= 1
    assert set(decision.dissent) == against
    if decision.rule not in OF_THEIR_OWN:
        whole = sum(row.weight for row in decision.tally)
        lead = max([row.weight for row in own], default=0) - max([row.weight for row in others], default=0)
        assert decision.margin == pytest.approx(max(0, lead / whole) if whole else 0)
    if decision.rule not in {"weighted", "cumulative", "accepted", "mean-score", "composition"}:
        seats = agree | against | set(decision.abstentions)
        votes = (len(agree) + 1) / (len(seats) + 2)
        evidence = decision.rule == "evidence" and decision.tie_break != "judge"
        if decision.rule.startswith("posterior"):
            votes = own[0].weight
        assert decision.confidence == pytest.approx((votes + own[0].weight) / 2 if evidence else votes)


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=str)
@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 12), marks=pytest.mark.slow)], ids=str)
async def test_decisions_agree_with_their_tallies(name: str, settings: dict[str, object], seeds: range) -> None:
    """Each decision on record, and the outcome: a winner has a confidence, and who has none has no winner."""
    for seed in seeds:
        outcome = await run(name, settings, seed)

        values = {turn.answer.text: turn.answer.value for turn in outcome.trace.turns if turn.answer is not None}
        decisions = [turn.decision for turn in outcome.trace.turns if turn.decision is not None]
        assert outcome.decision is not None
        for decision in (*decisions, outcome.decision):
            agrees_with_its_tally(decision, values)
        assert outcome.confidence == outcome.decision.confidence
        if outcome.decision.rule == "composition" and outcome.composition is not None:
            assert outcome.confidence == pytest.approx(float(confidence_in(outcome.sentences, outcome.claims)))
        assert (outcome.answer is None) == (outcome.confidence == 0)


async def test_a_tie_that_the_judge_breaks_is_no_answer_without_confidence(stage: Stage) -> None:
    """The former default: two against two is worth 1/2 when a judge decides, too; it was 0."""

    def for_one(request: Request) -> str:
        said = request.messages[-1].content
        return "Choice: A" if said.index("ONE") < said.index("TWO") else "Choice: B"

    lines = {
        "proposer": ["ONE Answer: 1", "TWO Answer: 2"],
        "critic": ["Verdict: sound"],
        "reviser": ["Answer: 1"],
        "judge": for_one,
    }
    show = await stage("contemplating-2026-11", lines, set={"seats": 4, "verifications": 0})

    assert (show.answer, show.decision.tie_break) == ("1", "judge")
    assert (show.decision.confidence, show.decision.margin) == (3 / 6, 0)
    assert show.decision.dissent == ("seat-2", "seat-4")


async def test_a_synthesis_that_nobody_holds_is_ahead_of_nothing(stage: Stage) -> None:
    """The synthesizer answers 99 against votes 1, 1, 2: no margin, since all dissent; it kept the vote's, 1/3."""
    lines = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2"], "aggregator": ["Answer: 99"]}
    show = await stage("self-moa", lines, set={"seats": 3})

    assert show.answer == "99"
    assert show.decision.dissent == ("seat-1", "seat-2", "seat-3")
    assert (show.decision.margin, show.decision.confidence) == (0, 1 / 5)


async def test_a_synthesis_in_other_words_has_no_false_dissenters(stage: Stage) -> None:
    """A free text is held against the panel's by what it says, as the vote's are; it was held against them by form."""
    lines = {
        "proposer": ["Answer: Jane Austen", "Answer: Austen"],
        "aggregator": ["Answer: Miss Austen of Steventon"],
        "equivalence": ["Verdict: same"],
    }
    show = await stage("self-moa", lines, set={"seats": 2}, question=Question(text="Who wrote Emma?"))

    assert show.answer == "Miss Austen of Steventon"
    assert (show.decision.dissent, show.decision.margin, show.decision.confidence) == ((), 1, 3 / 4)
    assert show.roles.count("equivalence") == 2
