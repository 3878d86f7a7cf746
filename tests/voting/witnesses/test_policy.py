"""Which call is worth most next."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import NOTHING, Critic, Evidence, Knowledge, Member, Offer, Verdicts, best_next
from contemplate.voting.witnesses.posterior import Reading

GOOD = Critic(sensitivity=0.85, specificity=0.85)
SAMPLE = Offer(kind="sample", witness="m")


def verdicts(answers: int, witness: str = "c") -> list[Offer]:
    """A verdict on each answer."""
    return [Offer(kind="verdict", witness=witness, about=about) for about in range(answers)]


def of(*votes: int) -> Evidence:
    """Votes of one member."""
    return Evidence(answers=len(votes), samples={"m": votes})


@given(votes=st.lists(st.integers(1, 9), min_size=1, max_size=5), tokens=st.floats(0.001, 1))
def test_a_verdict_is_never_bought_where_nothing_was_learned(votes: list[int], tokens: float) -> None:
    """However cheap it is; nor is a revision."""
    cheap = [offer.model_copy(update={"tokens": tokens}) for offer in verdicts(len(votes))]
    revision = Offer(kind="revision", witness="r", tokens=tokens)

    assert best_next(of(*votes), NOTHING, [*cheap, revision, SAMPLE]) == SAMPLE


def test_a_verdict_of_a_good_critic_is_bought_where_the_vote_is_narrow() -> None:
    """It says more than one sample more."""
    chosen = best_next(of(3, 3), Knowledge(critics={"c": GOOD}), [SAMPLE, *verdicts(2)])

    assert chosen is not None
    assert chosen.kind == "verdict"


def test_what_costs_much_is_not_bought() -> None:
    """It is the fall of doubt per token that counts."""
    dear = [offer.model_copy(update={"tokens": 50.0}) for offer in verdicts(2)]

    assert best_next(of(3, 3), Knowledge(critics={"c": GOOD}), [SAMPLE, *dear]) == SAMPLE


def test_a_critic_that_repeats_itself_is_not_asked_again() -> None:
    """It was asked about both answers, and would say the same."""
    asked = Evidence(answers=2, samples={"m": (3, 3)}, verdicts={"c": Verdicts(accepts=(1, 1), rejects=(0, 0))})
    stubborn = Knowledge(critics={"c": GOOD.model_copy(update={"correlation": 1.0})})

    assert best_next(asked, stubborn, [SAMPLE, *verdicts(2)]) == SAMPLE


def test_a_revision_is_bought_only_where_it_is_known_to_be_better() -> None:
    """Than a fresh sample."""
    offers = [SAMPLE, Offer(kind="revision", witness="r")]
    better = Knowledge(members={"m": Member(accuracy=0.4, error=0.01), "r": Member(accuracy=0.8, error=0.01)})
    evidence = Evidence(answers=2, samples={"m": (3, 3), "r": (0, 0)})

    assert best_next(evidence, NOTHING, offers) == SAMPLE
    assert best_next(evidence, better, offers) == offers[1]


def test_a_better_member_is_asked_first() -> None:
    """A program that is right more often than a chain."""
    offers = [SAMPLE, Offer(kind="sample", witness="program")]
    known = Knowledge(members={"m": Member(accuracy=0.4, error=0.01), "program": Member(accuracy=0.8, error=0.01)})

    assert best_next(Evidence(answers=2, samples={"m": (2, 2), "program": (0, 0)}), known, offers) == offers[1]


def test_of_equal_offers_the_first_sample_is_taken() -> None:
    """So that the choice is the same in every replay."""
    first, second = SAMPLE, Offer(kind="sample", witness="n")

    assert best_next(of(1, 1), NOTHING, [*verdicts(2), first, second]) == first


def test_nothing_is_chosen_of_nothing() -> None:
    """No offer, or none that says anything."""
    assert best_next(of(1), NOTHING, []) is None
    assert best_next(of(1), NOTHING, verdicts(1)) is None


def test_the_work_grows_with_the_witnesses_and_no_faster() -> None:
    """With 40 critics the posterior is worked out in full once, and once for each answer that the sample may bring."""
    critics = {f"c{number}": GOOD for number in range(40)}
    offers = [SAMPLE, *(offer for name in critics for offer in verdicts(3, name))]
    with patch.object(Reading, "chances", autospec=True, side_effect=Reading.chances) as looked:
        best_next(of(3, 2, 1), Knowledge(critics=critics), offers)

    assert looked.call_count == 1 + 4
