"""`contemplating`: self-consistency where nothing was learned, and who is asked where something was; what it costs at most."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contemplate import Question, Request
from contemplate.voting.witnesses import Critic, Knowledge, Member
from stage import Show, Stage

GOOD = Critic(sensitivity=0.9, specificity=0.9)
KNOWN = Knowledge(critics={"verifier:m": GOOD})
SPLIT = ["Answer: 1", "Answer: 2"]
CHAINS = {"programs": "learned"}
"""With nothing learned about programs nobody writes any, whether these can be run or not."""


def accepts(answer: str) -> Callable[[Request], str]:
    """Verifiers that accept this answer only."""
    shown = f"\n{answer}\n---"
    return lambda request: f"Verdict: {'accept' if shown in request.messages[-1].content else 'reject'}"


async def test_a_settled_panel_answers_at_once(stage: Stage) -> None:
    """Three agree, and of twenty that might be asked the rest will hardly think otherwise: nothing more is paid for."""
    show = await stage("contemplating", {"proposer": ["Answer: 1"]}, set=CHAINS)

    assert show.answer == "1"
    assert show.ids() == ["1.gather/seat-1", "1.gather/seat-2", "1.gather/seat-3", "2.vote"]
    assert show.outcome.stopped == "settled"


@pytest.mark.parametrize(
    "lines",
    [
        ["Answer: 1", "Answer: 2", "Answer: 1", "Answer: 1"],
        ["Answer: 1", "Answer: 2", "Answer: 3", "hm"],
        ["Answer: 2", "Answer: 2", "Answer: 1", "Answer: 1", "Answer: 3"],
    ],
)
async def test_where_nothing_was_learned_it_is_self_consistency(stage: Stage, lines: list[str]) -> None:
    """The same calls and the same answer as sampling until the vote is settled, with as many seats as it has calls."""
    ours = await stage("contemplating", {"proposer": lines}, set=CHAINS)
    plain = await stage("adaptive-consistency", {"proposer": lines}, set={"seats": 20, "rule": "predictive", "ties": "random"})

    assert {request.key for request in ours.requests} == {request.key for request in plain.requests}
    assert ours.answer == plain.answer


async def test_a_tie_is_met_by_one_more_witness(stage: Stage) -> None:
    """Two against two with four seats: more are asked, and the tie is broken."""
    lines = ["Answer: 1", "Answer: 2", "Answer: 1", "Answer: 2", "Answer: 2", "Answer: 2", "Answer: 2", "Answer: 2"]
    show = await stage("contemplating", {"proposer": lines}, set={**CHAINS, "seats": 4})

    assert show.calls > 4
    assert show.answer == "2"


@pytest.mark.parametrize(("ties", "answered"), [("random", True), ("none", False)])
async def test_a_tie_that_stays_falls_to_the_seed_or_to_nobody(stage: Stage, ties: str, answered: bool) -> None:
    """When all calls are spent; the decision says so."""
    show = await stage("contemplating", {"proposer": SPLIT}, set={**CHAINS, "ties": ties})

    assert show.calls == 20
    assert set(show.decision.ties) == {"1", "2"}
    assert show.decision.tie_break == ties
    assert (show.answer is not None) == answered


async def test_a_critic_who_is_known_is_asked_and_believed(stage: Stage) -> None:
    """The panel leans to 1, and a verifier known to be good accepts 2 alone."""
    lines = {"proposer": ["Answer: 1", "Answer: 2", "Answer: 1"], "verifier": accepts("2")}
    show = await stage.knowing(KNOWN)("contemplating", lines, set={**CHAINS, "seats": 3})

    assert show.answer == "2"
    assert show.decision.rule == "posterior (over the vote)"
    assert "verifier" in show.roles
    assert show.calls <= 12


async def test_a_verifier_sees_the_bare_answer_and_no_counts(stage: Stage) -> None:
    """As in the step `verify`; the turns that it criticised are on record, and the decision counted it."""
    lines = {"proposer": ["SECRET\nAnswer: 1", "Answer: 2"], "verifier": accepts("2")}
    show = await stage.knowing(KNOWN)("contemplating", lines, set={**CHAINS, "seats": 2})

    turns = [turn for turn in show.ids("gather") if "/of-" in turn]
    assert turns
    assert all("SECRET" not in show.shown(turn) for turn in turns)
    assert all(kind == "criticised" for turn in turns for _, kind in show.saw(turn))
    assert set(turns) <= set(show.sources("2.vote"))


async def test_a_popular_answer_is_doubted_where_a_critic_can_be_asked(stage: Stage) -> None:
    """All agree, and that alone would do; a verifier who is known is asked, and rejects it."""
    show = await stage.knowing(KNOWN)("contemplating", {"proposer": ["Answer: 1"], "verifier": accepts("2")}, set=CHAINS)

    assert show.roles[:3] == ["proposer"] * 3
    assert "verifier" in show.roles


@pytest.mark.parametrize(
    "off",
    [
        {"verdicts": "none"},
        {"decision": "plurality", "verdicts": "none"},
    ],
)
async def test_verdicts_can_be_switched_off(stage: Stage, off: dict[str, object]) -> None:
    """Whatever is known of critics."""
    show = await stage.knowing(KNOWN)("contemplating", {"proposer": SPLIT}, set={**CHAINS, **off})

    assert set(show.roles) == {"proposer"}


@pytest.mark.parametrize(
    "knowledge",
    [
        Knowledge(critics={"verifier:other": GOOD}),
        Knowledge(critics={"verifier:m": GOOD.model_copy(update={"distrust": "it is an echo"})}),
        Knowledge(critics={"verifier:m": Critic(sensitivity=0.3, specificity=0.3)}),
    ],
)
async def test_a_critic_who_is_not_known_to_be_good_is_not_asked(stage: Stage, knowledge: Knowledge) -> None:
    """Not known at all, not trusted, or worse than chance."""
    show = await stage.knowing(knowledge)("contemplating", {"proposer": SPLIT}, set=CHAINS)

    assert set(show.roles) == {"proposer"}


async def test_programs_are_asked_for_where_they_are_known_to_be_good(stage: Stage) -> None:
    """They are right more often than chains; for a question whose answer can't be printed there are none."""
    pytest.importorskip("pydantic_monty")
    members = {"m": Member(accuracy=0.4, error=0.01), "programmer:m": Member(accuracy=0.8, error=0.01)}
    lines = {"proposer": SPLIT, "programmer": ["```python\nprint(3)\n```"]}
    knowing = stage.knowing(Knowledge(members=members))
    show = await knowing("contemplating", lines)
    text = await knowing("contemplating", lines, question=Question(text="Which?", kind="choice", choices=("1", "2")))

    assert show.answer == "3"
    assert show.roles.count("programmer") > 1
    assert "programmer" not in text.roles


async def test_programs_can_be_switched_off(stage: Stage) -> None:
    """Whatever is known of them."""
    members = {"m": Member(accuracy=0.4, error=0.01), "programmer:m": Member(accuracy=0.8, error=0.01)}
    show = await stage.knowing(Knowledge(members=members))("contemplating", {"proposer": SPLIT}, set={"programs": "none"})

    assert set(show.roles) == {"proposer"}


async def test_models_take_turns_and_the_better_one_is_asked_more(stage: Stage) -> None:
    """With nothing learned in turn; where one is known to be better it is asked after the first round."""
    members = {"m": Member(accuracy=0.3, error=0.01), "n": Member(accuracy=0.8, error=0.01)}
    plain = await stage("contemplating", {"proposer": SPLIT}, models=["m", "n"], set=CHAINS)
    better = await stage.knowing(Knowledge(members=members))("contemplating", {"proposer": SPLIT}, models=["m", "n"], set=CHAINS)

    def asked(show: Show, model: str) -> int:
        return sum(request.model == model for request in show.requests)

    assert asked(plain, "m") == asked(plain, "n") == 10
    assert asked(better, "n") > asked(better, "m")


async def test_trials_are_paid_for_only_where_they_are_asked_for(stage: Stage) -> None:
    """Two verdicts of each card on each standing answer; of critics who are not known they move nothing."""
    lines = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 1"], "verifier": accepts("2"), "critic": ["Verdict: flawed"]}
    show = await stage("contemplating", lines, set={**CHAINS, "trials": 2})

    assert show.roles == ["proposer"] * 3 + ["verifier", "critic", "verifier", "critic"]
    assert (show.answer, show.decision.rule) == ("1", "posterior")


async def test_the_floor_is_a_parameter(stage: Stage) -> None:
    """Below it there is no answer, and the outcome says why."""
    show = await stage("contemplating", {"proposer": SPLIT}, set={**CHAINS, "floor": 0.9})

    assert show.answer is None
    assert show.outcome.detail is not None
    assert "0.9 is asked for" in show.outcome.detail


async def test_where_no_seat_answers_the_run_ends(stage: Stage) -> None:
    """When the first seats have spoken, and nothing more is paid for."""
    show = await stage("contemplating", {"proposer": ["hm", "well", "so", "then", "now", "Answer: 1"]}, set=CHAINS)

    assert (show.answer, show.outcome.stopped) == (None, "quorum")
    assert show.outcome.detail is not None
    assert "0 of 5 seats" in show.outcome.detail
    assert show.calls == 5


async def test_where_one_seat_answers_others_are_asked(stage: Stage) -> None:
    """The quorum counts when the calls are spent, or the vote is settled."""
    said = ["Answer: 1", *["hm"] * 4]
    show = await stage("contemplating", {"proposer": [*said, "Answer: 1", *["Answer: 2"] * 14]}, set=CHAINS)
    alone = await stage("contemplating", {"proposer": [*said, *["hm"] * 15]}, set=CHAINS)

    assert show.answer == "2"
    assert (alone.answer, alone.outcome.stopped, alone.calls) == (None, "quorum", 20)
    assert "1 of 20 seats" in (alone.outcome.detail or "")


async def test_a_verdict_that_fails_says_nothing(stage: Stage) -> None:
    """It is paid for, and moves nothing."""
    show = await stage.knowing(KNOWN)("contemplating", {"proposer": SPLIT, "verifier": ["hm"]}, set={**CHAINS, "seats": 3})

    assert show.calls <= 12
    assert show.decision.rule == "posterior"


answers = st.lists(st.sampled_from(["Answer: 1", "Answer: 2", "Answer: 3", "Answer: 4", "hm"]), min_size=9, max_size=9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seats=st.integers(2, 6), said=answers, verdicts=st.lists(st.sampled_from(["accept", "reject"]), min_size=3, max_size=3))
@pytest.mark.parametrize("known", [Knowledge(), KNOWN], ids=["nothing", "critic"])
async def test_it_costs_at_most_four_calls_a_seat(
    stage: Stage, seats: int, said: list[str], verdicts: list[str], known: Knowledge
) -> None:
    """However the panel splits; and where the first seats all agree and nothing was learned, at most as many calls as seats."""
    lines = {"proposer": said, "verifier": [f"Verdict: {verdict}" for verdict in verdicts]}
    show = await stage.knowing(known)("contemplating", lines, set={**CHAINS, "seats": seats, "quorum": 1}, replayed=False)

    assert show.calls <= 4 * seats
    if known == Knowledge() and len(set(said[: max(seats, 3)])) == 1 and said[0] != "hm":
        assert show.calls <= max(seats, 3)
