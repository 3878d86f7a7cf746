"""`contemplating-2026-11`, the former default: what each of its six parts does, what switching it off changes, what it costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contemplate import Request
from stage import Stage

MARKS = ["ONE", "TWO", "THREE", "FOUR", "FIVE"]


def proposals(*answers: str) -> list[str]:
    """Five replies with a mark each, and these answers."""
    return [f"{mark} Answer: {answer}" for mark, answer in zip(MARKS, answers, strict=False)]


def audit_of(verdicts: dict[str, str]) -> Callable[[Request], str]:
    """Critics that find what `verdicts` says about the reply with a mark; "sound" for the others."""

    def criticise(request: Request) -> str:
        said = request.messages[-1].content
        mark = next(mark for mark in MARKS if mark in said)
        return f"CHECKED-{mark}\nSummary: DIGEST-{mark}\nVerdict: {verdicts.get(mark, 'sound')}"

    return criticise


def accepts(*answers: str) -> Callable[[Request], str]:
    """Verifiers that accept these answers only."""
    return lambda request: (
        "Verdict: accept" if any(f"\n{answer}\n---" in request.messages[-1].content for answer in answers) else "Verdict: reject"
    )


SPLIT = proposals("1", "2", "1", "2", "1")
"""Two camps: seats 1, 3 and 5 say 1, seats 2 and 4 say 2. The vote settles only when all have spoken."""

QUIET = {"critic": ["Verdict: sound"], "reviser": ["Answer: 1"], "verifier": ["Verdict: accept"], "judge": ["Choice: A"]}


async def test_a_settled_panel_answers_at_once(stage: Stage) -> None:
    """Part 1: three of five agree, so no other two can change the winner: three calls, and nothing more."""
    show = await stage("contemplating-2026-11", {"proposer": proposals("1", "1", "1", "2", "2")})

    assert show.answer == "1"
    assert show.roles == ["proposer"] * 3
    assert show.outcome.stopped == "settled"
    assert show.outcome.first_decision is None


async def test_sampling_in_full_asks_every_seat(stage: Stage) -> None:
    """Part 1 off: all five speak; they agree, so there is nothing to discuss."""
    show = await stage("contemplating-2026-11", {"proposer": ["Answer: 1"]}, set={"sampling": "full"})

    assert show.roles == ["proposer"] * 5
    assert show.outcome.stopped == "settled"


async def test_each_distinct_answer_is_audited_twice_without_names_and_counts(stage: Stage) -> None:
    """Part 2: one chain for each answer, the minority's too; two critics each, who see that chain and nothing else."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({})})

    assert sorted(show.ids("critique")) == [
        "2.critique/1/seat-2/on-seat-1",
        "2.critique/1/seat-3/on-seat-2",
        "2.critique/1/seat-4/on-seat-1",
        "2.critique/1/seat-5/on-seat-2",
    ]
    for turn, mark in [(turn, "ONE" if turn.endswith("on-seat-1") else "TWO") for turn in show.ids("critique")]:
        shown = show.shown(turn)
        assert [other for other in MARKS if other in shown] == [mark]
        assert "seat" not in shown
        assert show.saw(turn) == [(f"1.propose/seat-{MARKS.index(mark) + 1}", "criticised")]


async def test_audits_are_made_by_different_models(stage: Stage) -> None:
    """Part 2: where the panel mixes models, the two audits of a chain come from two of them."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": ["ONE Answer: 1", "TWO Answer: 2"]}, models=["m", "n"])

    audits = [show.turn(turn) for turn in show.ids("critique")]
    assert len(audits) >= 4
    for target in {turn.id.rpartition("on-")[2] for turn in audits}:
        assert {turn.model for turn in audits if turn.id.endswith(f"on-{target}")} == {"m", "n"}


async def test_the_faulted_revise_with_audits_and_digests(stage: Stage) -> None:
    """Part 3: who was found wrong answers again: its own reply, its audits, and one digest of the other answer."""
    show = await stage(
        "contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({"ONE": "flawed"}), "reviser": ["NEW Answer: 2"]}
    )

    assert show.ids("revise") == ["3.revise/1/seat-1", "3.revise/1/seat-3", "3.revise/1/seat-5"]
    third = show.shown("3.revise/1/seat-3")
    assert [mark in third for mark in ("THREE", "CHECKED-ONE", "DIGEST-TWO")] == [True] * 3
    assert [mark in third for mark in ("FOUR ", "FIVE ", "ONE Answer", "TWO Answer")] == [False] * 4
    assert "seat" not in third
    assert show.answer == "2"
    assert show.outcome.first_decision is not None
    assert show.outcome.first_decision.winner == "1"


async def test_nobody_revises_what_no_audit_faulted(stage: Stage) -> None:
    """Part 3: talk alone moves nobody."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT})

    assert "reviser" not in show.roles
    assert show.roles.count("critic") == 4


@pytest.mark.parametrize(("who", "expected"), [("all", 5), ("none", 0), ("faulted", 3)])
async def test_who_revises_is_a_parameter(stage: Stage, who: str, expected: int) -> None:
    """Part 3 can be widened to all, or switched off."""
    show = await stage(
        "contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({"ONE": "flawed"})}, set={"revise": who}
    )

    assert show.roles.count("reviser") == expected


async def test_whole_replies_can_be_shown_instead_of_digests(stage: Stage) -> None:
    """Part 3: the digest is a parameter."""
    show = await stage(
        "contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({"ONE": "flawed"})}, set={"digest": "distinct"}
    )

    assert "TWO Answer: 2" in show.shown("3.revise/1/seat-1")


async def test_without_audits_all_revise(stage: Stage) -> None:
    """Part 2 off: nobody can be faulted, so everybody answers again."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT}, set={"audits": 0})

    assert "critic" not in show.roles
    assert show.roles.count("reviser") == 5


async def test_standing_answers_are_verified_without_their_reasoning(stage: Stage) -> None:
    """Part 4: one verification of each answer that still stands; the verifier sees the bare answer."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT})

    assert show.ids("verify") == ["4.verify/1/seat-2/of-seat-1", "4.verify/1/seat-3/of-seat-2"]
    for turn, answer in zip(show.ids("verify"), "12", strict=True):
        shown = show.shown(turn)
        assert f"---\n{answer}\n---" in shown
        assert not any(mark in shown for mark in MARKS)


async def test_one_standing_answer_is_not_verified(stage: Stage) -> None:
    """Part 4: where the revised panel agrees there is nothing to choose between."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({"TWO": "flawed"})})

    assert "verifier" not in show.roles
    assert show.answer == "1"


async def test_a_minority_that_alone_survives_verification_wins(stage: Stage) -> None:
    """Part 5: three against two, and verification the other way; every share is shown."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT, "verifier": accepts("2")})

    assert show.answer == "2"
    assert show.decision.rule == "evidence"
    assert {row.answer: row.shares for row in show.decision.tally} == {
        "2": {"first": 0.4, "final": 0.4, "verification": pytest.approx(2 / 3)},
        "1": {"first": 0.6, "final": 0.6, "verification": pytest.approx(1 / 3)},
    }
    assert show.decision.dissent == ("seat-1", "seat-3", "seat-5")


async def test_a_verification_that_failed_says_nothing(stage: Stage) -> None:
    """Part 5: only a verdict counts; the minority's was accepted, the majority's came to nothing, and that is not enough."""
    only_two = {
        **QUIET,
        "proposer": SPLIT,
        "verifier": lambda r: "Verdict: accept" if "\n2\n---" in r.messages[-1].content else "hm",
    }
    show = await stage("contemplating-2026-11", only_two)

    assert {row.answer: row.shares["verification"] for row in show.decision.tally} == {
        "1": pytest.approx(3 / 7),
        "2": pytest.approx(4 / 7),
    }
    assert show.answer == "1"


async def test_a_lone_answer_needs_more_than_one_verification(stage: Stage) -> None:
    """Part 5: one in five that alone passes loses with one verification of each answer, and wins with three."""
    lone = {**QUIET, "proposer": proposals("2", "1", "1", "1", "1"), "verifier": accepts("2")}
    once = await stage("contemplating-2026-11", lone, set={"sampling": "full", "audits": 0, "revise": "none"})
    thrice = await stage(
        "contemplating-2026-11", lone, set={"sampling": "full", "audits": 0, "revise": "none", "verifications": 3}
    )

    assert (once.answer, thrice.decision.tally[0].weight) == ("1", pytest.approx(0.5))
    assert set(thrice.decision.ties) == {"1", "2"}


async def test_a_verification_that_accepts_all_says_nothing(stage: Stage) -> None:
    """Part 5: the votes decide then."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT})

    assert show.answer == "1"


@pytest.mark.parametrize("off", [{"verifications": 0}, {"decision": "plurality"}])
async def test_without_verification_or_its_weight_the_majority_wins(stage: Stage, off: dict[str, object]) -> None:
    """Parts 4 and 5 can be switched off."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": SPLIT, "verifier": accepts("2")}, set=off)

    assert show.answer == "1"


TIE = proposals("1", "2", "1", "2", "3")


def favours(mark: str) -> Callable[[Request], str]:
    """A judge that chooses the reply with a mark, wherever it stands."""

    def choose(request: Request) -> str:
        said = request.messages[-1].content
        first, second = sorted(("ONE", "TWO"), key=said.index)
        return "Choice: A" if first == mark else f"{second} it is.\nChoice: B"

    return choose


@pytest.mark.parametrize(("mark", "expected"), [("ONE", "1"), ("TWO", "2")])
async def test_a_tie_goes_to_a_judge_in_both_orders(stage: Stage, mark: str, expected: str) -> None:
    """Part 6: the judge reads one reply of each tied answer, in one order and in the reverse, and must say the same."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": TIE, "judge": favours(mark)}, set={"verifications": 0})

    assert show.roles.count("judge") == 2
    orders = [show.shown(turn).index("ONE") < show.shown(turn).index("TWO") for turn in show.ids("judge")[:2]]
    assert sorted(orders) == [False, True]
    assert (show.answer, show.decision.tie_break) == (expected, "judge")


@pytest.mark.parametrize("judge", ["tie", "never"])
async def test_a_tie_that_nobody_breaks_is_reported_as_a_tie(stage: Stage, judge: str) -> None:
    """Part 6: a judge that takes whatever stands first has not chosen; nor has none."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": TIE}, set={"verifications": 0, "judge": judge})

    assert show.answer is None
    assert show.decision.ties == ("1", "2")
    assert show.roles.count("judge") == (2 if judge == "tie" else 0)
    assert show.outcome.detail is not None
    assert "share the first place" in show.outcome.detail


async def test_an_unreadable_reply_agrees_with_nobody(stage: Stage) -> None:
    """Two equal answers and one that can't be read do not settle a panel of three."""
    show = await stage("contemplating-2026-11", {**QUIET, "proposer": ["Answer: 1", "hm", "Answer: 1"]}, set={"seats": 3})

    assert show.roles[:3] == ["proposer"] * 3
    assert show.decision.abstentions == ("seat-2",)


async def test_a_seat_whose_revision_fails_keeps_its_answer(stage: Stage) -> None:
    """The failed turn is no vote; what the seat said before is."""
    show = await stage(
        "contemplating-2026-11", {**QUIET, "proposer": SPLIT, "critic": audit_of({"TWO": "flawed"}), "reviser": ["hm"]}
    )

    assert show.decision.abstentions == ()
    assert {"1.propose/seat-2", "1.propose/seat-4"} <= set(show.sources("5.vote/final"))


async def test_too_few_live_seats_end_the_run(stage: Stage) -> None:
    """Below the quorum there is no answer, and nothing more is paid for."""
    show = await stage("contemplating-2026-11", {"proposer": ["Answer: 1", "hm", "well", "so", "then"]})

    assert show.answer is None
    assert show.outcome.stopped == "quorum"
    assert show.roles == ["proposer"] * 5
    assert show.outcome.detail is not None
    assert "1 of 5 seats" in show.outcome.detail


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seats=st.integers(2, 7),
    answers=st.lists(st.sampled_from(["1", "2", "3", "4", "5"]), min_size=7, max_size=7),
    verdicts=st.lists(st.sampled_from(["sound", "flawed"]), min_size=3, max_size=3),
    revised=st.lists(st.sampled_from(["1", "2", "3", "4", "5"]), min_size=3, max_size=3),
    accepted=st.lists(st.sampled_from(["accept", "reject"]), min_size=3, max_size=3),
)
async def test_it_costs_at_most_twice_a_debate(
    stage: Stage, seats: int, answers: list[str], verdicts: list[str], revised: list[str], accepted: list[str]
) -> None:
    """However the panel splits: four calls a seat (a debate of two rounds makes two), and on settled questions one at most."""
    show = await stage(
        "contemplating-2026-11",
        {
            "proposer": [f"Answer: {answer}" for answer in answers],
            "critic": [f"Verdict: {verdict}" for verdict in verdicts],
            "reviser": [f"Answer: {answer}" for answer in revised],
            "verifier": [f"Verdict: {verdict}" for verdict in accepted],
            "judge": ["Choice: A", "Choice: B"],
        },
        set={"seats": seats},
        replayed=False,
    )

    assert show.calls <= 4 * seats
    if show.outcome.stopped == "settled":
        assert show.calls <= seats
