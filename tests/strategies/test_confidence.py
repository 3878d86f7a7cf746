"""Votes weighed by how sure their authors are: `confidence-consistency` and `deepconf`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, log

import pytest

from contemplate import Completion, Orchestrator, Request
from contemplate.errors import InputError, RecipeError, UnsupportedError
from contemplate.types import Logprobs
from stage import Stage


def sure(answer: object, *confidence: float, chosen: Sequence[float] = (), first: dict[str, float] | None = None) -> Completion:
    """A reply whose tokens have these confidences; an answer of None can't be read."""
    text = "hm" if answer is None else f"Answer: {answer}"
    tokens = tuple(confidence) or (1.0,)
    logprobs = Logprobs(chosen=tuple(chosen) or (-0.1,) * len(tokens), confidence=tokens, first=first or {})
    return Completion(text=text, logprobs=logprobs)


def first_token(**probabilities: float) -> dict[str, float]:
    """Log-probabilities of the first token."""
    return {token: log(probability) for token, probability in probabilities.items()}


# --- confidence-informed self-consistency ----------------------------------------------------------------


async def test_cisc_asks_each_author_in_its_own_conversation(stage: Stage) -> None:
    """As many follow-up questions as chains; each holds its own chain and nobody else's, for the likelihood of one token."""
    lines = {"proposer": ["ONE\nAnswer: 1", "TWO\nAnswer: 2"], "self-assessor": [sure("", first=first_token(yes=0.5))]}

    show = await stage("confidence-consistency", lines, set={"seats": 2})

    assert Counter(show.roles) == {"proposer": 2, "self-assessor": 2}
    for seat, own, other in ((1, "ONE", "TWO"), (2, "TWO", "ONE")):
        request = show.request(f"2.score/seat-{seat}")
        assert [message.role for message in request.messages] == ["user", "assistant", "user"]
        assert own in request.messages[1].content
        assert other not in show.shown(f"2.score/seat-{seat}")
        assert request.logprobs == 20
        assert show.sources(f"2.score/seat-{seat}") == [f"1.propose/seat-{seat}"]
    assert all(request.logprobs is None for request, role in zip(show.requests, show.roles, strict=True) if role == "proposer")


async def test_cisc_weights_are_a_softmax_of_the_probability_of_yes(stage: Stage) -> None:
    """However yes is written its ways are added up; exp(c/T) over the sum of them. The surest beats the most common."""
    said = [
        sure("", first={"yes": log(0.1), "no": log(0.9)}),
        sure("", first={" Yes": log(0.1), "YES.": log(0.1), "no": log(0.8)}),
        sure("", first={"Yes": log(0.6), " yes": log(0.3), "No": log(0.1)}),
        sure("", first={"no": log(1.0)}),
    ]
    lines = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2", "Answer: 1"], "self-assessor": said}

    show = await stage("confidence-consistency", lines, set={"seats": 4, "temperature": 0.2})

    powers = [exp(c / 0.2) for c in (0.1, 0.2, 0.9, 0.0)]
    assert show.answer == "2"
    assert [row.answer for row in show.decision.tally] == ["2", "1"]
    assert show.decision.tally[0].weight == pytest.approx(powers[2] / sum(powers))
    assert show.decision.tally[1].weight == pytest.approx(1 - powers[2] / sum(powers))


@pytest.mark.parametrize(("temperature", "answer"), [(1e6, "1"), (0.001, "2")])
async def test_cisc_temperature_goes_from_plain_voting_to_the_surest_alone(stage: Stage, temperature: float, answer: str) -> None:
    """High: the most common; low: the one of highest confidence."""
    said = [f"Score: {score}" for score in (90, 90, 95)]
    lines = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2"], "self-assessor": said}

    show = await stage("confidence-consistency", lines, set={"seats": 3, "confidence": "percent", "temperature": temperature})

    assert show.answer == answer


async def test_cisc_takes_yes_or_no(stage: Stage) -> None:
    """Yes is 1 and no is 0, whatever log-probabilities say."""
    lines = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2"], "self-assessor": ["No.", "no", "**Yes**"]}

    show = await stage("confidence-consistency", lines, set={"seats": 3, "confidence": "yes-no", "temperature": 0.5})

    whole = 2 + exp(2)
    assert {row.answer: pytest.approx(row.weight) for row in show.decision.tally} == {"2": exp(2) / whole, "1": 2 / whole}


async def test_cisc_takes_the_probability_of_the_chain_itself(stage: Stage) -> None:
    """Normalised by length, and without a call."""
    lines = {"proposer": [sure(1, chosen=[-0.5, -1.5]), sure(2, chosen=[-0.1, -0.1, -0.1])]}

    show = await stage(
        "confidence-consistency", lines, set={"seats": 2, "confidence": "probability", "logprobs": 1, "temperature": 1}
    )

    powers = {"1": exp(exp(-1.0)), "2": exp(exp(-0.1))}
    assert show.calls == 2
    assert {request.logprobs for request in show.requests} == {1}
    assert {row.answer: row.weight for row in show.decision.tally} == {
        answer: pytest.approx(power / sum(powers.values())) for answer, power in powers.items()
    }


async def test_cisc_says_that_the_probability_of_a_chain_needs_logprobs(stage: Stage) -> None:
    """The recipe is refused with its line and what to set, and nothing is called."""
    with pytest.raises(RecipeError, match=r"confidence-consistency\.yaml:\d+: steps\.2\.by: .*logprobs"):
        await stage("confidence-consistency", {"proposer": ["Answer: 1"]}, set={"confidence": "probability"})


async def test_cisc_a_confidence_that_can_not_be_read_has_no_weight(stage: Stage) -> None:
    """It is asked for once more, then the vote counts for nothing; a seat without an answer is not asked."""
    said = {"ONE": "perhaps", "TWO": "Score: 10"}

    def assess(request: Request) -> str:
        return next(line for mark, line in said.items() if mark in request.messages[1].content)

    lines = {"proposer": ["ONE\nAnswer: 1", "TWO\nAnswer: 2", "no idea"], "self-assessor": assess}

    show = await stage("confidence-consistency", lines, set={"seats": 3, "confidence": "percent"})

    assert Counter(show.roles) == {"proposer": 3, "self-assessor": 3}
    assert show.answer == "2"
    assert [(row.answer, row.weight) for row in show.decision.tally] == [("2", 1.0), ("1", 0.0)]


async def test_cisc_says_which_model_gives_no_logprobs(stage: Stage) -> None:
    """Whether the endpoint refuses or silently leaves them out: one line, and no answer by other weights."""
    refusal = UnsupportedError("m has no log-probabilities", what="logprobs")

    with pytest.raises(InputError, match=r"\Am gives no log-probabilities"):
        await stage("confidence-consistency", {"proposer": ["Answer: 1"], "self-assessor": ["yes"]}, set={"seats": 2})
    with pytest.raises(InputError, match="m has no log-probabilities"):
        await stage("confidence-consistency", {"proposer": ["Answer: 1"], "self-assessor": [refusal]}, set={"seats": 2})


# --- DeepConf, offline -----------------------------------------------------------------------------------


async def test_deepconf_offline_keeps_the_best_and_weighs_them(stage: Stage) -> None:
    """All are drawn; those at or above the percentile vote with their score, equals of the last one too."""
    traces = [sure(1, 1.0), sure(1, 2.0), sure(1, 3.0), sure(2, 9.0), sure(3, 4.0), sure(3, 4.0), sure(1, 0.5), sure(None, 4.0)]

    show = await stage("deepconf", {"proposer": traces}, set={"mode": "offline", "seats": 8, "percent": 50})

    assert show.calls == 8
    assert {request.logprobs for request in show.requests} == {20}
    assert [(row.answer, row.weight) for row in show.decision.tally] == [("2", 9.0), ("3", 8.0)]
    assert show.decision.abstentions == ("seat-1", "seat-2", "seat-3", "seat-7", "seat-8")
    assert show.outcome.stopped == "completed"


@pytest.mark.parametrize(
    ("measure", "weights"),
    [
        ("mean", {"1": 3.0, "2": 3.5}),
        ("lowest-group", {"1": 1.25, "2": 3.0}),
        ("bottom", {"1": 1.25, "2": 3.0}),
        ("tail", {"1": 4.5, "2": 3.0}),
    ],
)
async def test_deepconf_offline_measures(stage: Stage, measure: str, weights: dict[str, float]) -> None:
    """The mean of a trace, its least sure group, the least sure tenth of its groups, or its end."""
    traces = [sure(1, 5, 1, 1.5, 1.5, 4, 5), sure(2, 4, 4, 4, 3, 3, 3)]

    show = await stage(
        "deepconf", {"proposer": traces}, set={"mode": "offline", "seats": 2, "percent": 100, "measure": measure, "window": 2}
    )

    assert {row.answer: row.weight for row in show.decision.tally} == weights


# --- DeepConf, online ------------------------------------------------------------------------------------


def warm(*scores: float, answer: object = 1) -> list[Completion]:
    """Traces of three tokens, each of one confidence."""
    return [sure(answer, score, score, score) for score in scores]


SMALL = {"warmup": 4, "window": 2, "seats": 10}


async def test_deepconf_online_stops_after_the_warm_up_at_a_consensus(stage: Stage) -> None:
    """Sixteen whole traces first; if those that vote agree, no other is drawn."""
    show = await stage("deepconf", {"proposer": [sure(7, 2.0)]})

    assert show.calls == 16
    assert show.answer == "7"
    assert show.outcome.stopped == "settled"


@pytest.mark.parametrize(("percent", "voters"), [(10, ["seat-1"]), (90, ["seat-1", "seat-2", "seat-3"]), (100, None)])
async def test_deepconf_online_threshold_is_a_percentile_of_the_lowest_groups(
    stage: Stage, percent: int, voters: list[str] | None
) -> None:
    """Low keeps the top 10 per cent of the warm-up, high the top 90; the others do not vote."""
    traces = [sure(1, 9, 9, 9), sure(1, 20, 3, 3), sure(1, 2, 2, 50), sure(1, 1, 1, 50)]

    show = await stage("deepconf", {"proposer": traces}, set={**SMALL, "percent": percent})

    assert show.calls == 4
    assert list(show.decision.tally[0].seats) == (voters or ["seat-1", "seat-2", "seat-3", "seat-4"])
    assert show.decision.tally[0].weight == {10: 9.0, 90: 14.0, 100: 15.0}[percent]


async def test_deepconf_online_traces_below_the_threshold_do_not_vote(stage: Stage) -> None:
    """A full window under it cuts a trace; at it, or where no full window is under it, a trace votes with its lowest group."""
    traces = [
        *warm(3, 3),
        *warm(3, 3, answer=2),
        sure(2, 9, 2.9, 2.9, 9),  # a window of 2.9: cut
        sure(2, 9, 2.9, 3.1, 9),  # its lowest window is 3: votes
        sure(1, 0.5),  # shorter than a window: never cut, though its only group is low
        sure(None, 9, 9),
    ]

    show = await stage("deepconf", {"proposer": traces}, set={**SMALL, "seats": 8})

    assert show.calls == 8
    assert {row.answer: (row.weight, row.seats) for row in show.decision.tally} == {
        "2": (9.0, ("seat-3", "seat-4", "seat-6")),
        "1": (6.5, ("seat-1", "seat-2", "seat-7")),
    }
    assert show.decision.abstentions == ("seat-5", "seat-8")
    assert show.outcome.stopped == "completed"


async def test_deepconf_online_stops_as_soon_as_the_weight_agrees(stage: Stage) -> None:
    """Before each trace: 4 of 7 and then 10 of 13 are below .8, 14 of 17 is above; three more are drawn, one of them cut."""
    traces = [*warm(2, 2), *warm(2, 1, answer=2), *warm(0.5), *warm(6), *warm(4), *warm(1)]

    show = await stage("deepconf", {"proposer": traces}, set={**SMALL, "percent": 100, "consensus": 0.8})

    assert show.calls == 7
    assert show.outcome.stopped == "settled"
    assert [(row.answer, row.weight) for row in show.decision.tally] == [("1", 14.0), ("2", 3.0)]


async def test_deepconf_online_with_several_in_flight_decides_the_same(stage: Stage) -> None:
    """What is drawn ahead and not needed does not vote, and stands in the trace as cancelled."""
    traces = [*warm(2, 2), *warm(2, 1, answer=2), *warm(0.5), *warm(6), *warm(4), *warm(9, 9, 9, answer=2)]

    show = await stage("deepconf", {"proposer": traces}, set={**SMALL, "percent": 100, "consensus": 0.8, "at_once": 3})

    assert [(row.answer, row.weight) for row in show.decision.tally] == [("1", 14.0), ("2", 3.0)]
    cancelled = [turn.id for turn in show.outcome.trace.turns if turn.status == "cancelled"]
    assert cancelled == ["1.deepconf/seat-8", "1.deepconf/seat-9"]


async def test_deepconf_needs_logprobs(stage: Stage) -> None:
    """One line that names the model, whether it refuses or leaves them out; nothing is decided by other means."""
    refusal = UnsupportedError("m has no log-probabilities", what="logprobs")

    with pytest.raises(InputError, match=r"\Am gives no log-probabilities"):
        await stage("deepconf", {"proposer": ["Answer: 1"]}, set=SMALL)
    with pytest.raises(InputError, match="m has no log-probabilities"):
        await stage("deepconf", {"proposer": [refusal]}, set=SMALL)


@pytest.mark.parametrize("strategy", ["deepconf", "confidence-consistency"])
async def test_a_model_known_to_give_no_logprobs_is_refused_before_any_call(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the provider is known to lack them, the run does not begin."""
    monkeypatch.setenv("GROQ_API_KEY", "gsk-nobody-has-this-key")
    async with Orchestrator(["groq/llama-3"], ledger=":memory:") as orchestrator:
        with pytest.raises(InputError, match=rf"{strategy} goes by log-probabilities: .*llama-3"):
            await orchestrator.solve("What is 6 * 7?", strategy, answer="number")
        assert await orchestrator.ledger.runs() == []


async def test_deepconf_without_any_answer_ends_for_want_of_a_quorum(stage: Stage) -> None:
    """A warm-up that nobody can read is not gone on with."""
    show = await stage("deepconf", {"proposer": [sure(None, 2.0)]}, set=SMALL)

    assert show.calls == 4
    assert show.answer is None
    assert show.outcome.stopped == "quorum"
