"""The posterior over answers: a vote where nothing is known, and never worse for what supports an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.voting.witnesses import NOTHING, Critic, Evidence, Knowledge, Member, Verdicts, posterior

GOOD = Critic(sensitivity=0.8, specificity=0.8)
WORSE = Critic(sensitivity=0.2, specificity=0.3)

counts = st.lists(st.integers(1, 40), min_size=1, max_size=7)
accuracies = st.floats(0.01, 0.99)


def of(*votes: int, **verdicts: tuple[int, int]) -> Evidence:
    """Votes of one member, and of a critic "c" (accepts, rejects) for each answer named "a0", "a1", ..."""
    said = [verdicts.get(f"a{answer}", (0, 0)) for answer in range(len(votes))]
    row = Verdicts(accepts=tuple(yes for yes, _ in said), rejects=tuple(no for _, no in said))
    return Evidence(answers=len(votes), samples={"m": votes}, verdicts={"c": row} if verdicts else {})


@given(votes=counts, accuracy=accuracies)
def test_where_nothing_is_known_its_order_is_the_votes(votes: list[int], accuracy: float) -> None:
    """Whatever the counts and however good the panel is, more votes are the likelier answer, and as many as likely."""
    chances = posterior(of(*votes), Knowledge(accuracy=accuracy))[:-1]

    for one, other in zip(votes, chances, strict=True):
        for votes_of, chance in zip(votes, chances, strict=True):
            assert (one > votes_of) == (other > chance + 1e-12)


@given(votes=counts, accuracy=accuracies, split=st.data())
def test_members_of_whom_nothing_is_known_are_one_panel(votes: list[int], accuracy: float, split: st.DataObject) -> None:
    """Who gave a vote changes nothing then."""
    first = [split.draw(st.integers(0, count)) for count in votes]
    second = tuple(count - own for count, own in zip(votes, first, strict=True))
    apart = Evidence(answers=len(votes), samples={"m": tuple(first), "n": second})

    assert posterior(of(*votes), Knowledge(accuracy=accuracy)) == pytest.approx(posterior(apart, Knowledge(accuracy=accuracy)))


@given(votes=counts, accuracy=accuracies)
def test_chances_sum_to_one(votes: list[int], accuracy: float) -> None:
    """Those of the standing answers and of an unseen one."""
    assert sum(posterior(of(*votes), Knowledge(accuracy=accuracy))) == pytest.approx(1)


@given(
    votes=counts,
    accuracy=accuracies,
    member=st.builds(Member, accuracy=accuracies, error=st.floats(0, 0.2), correlation=st.floats(0, 1)),
    index=st.integers(0, 6),
)
def test_one_more_vote_never_lowers_an_answer(votes: list[int], accuracy: float, member: Member, index: int) -> None:
    """Whatever is known of who gives it."""
    answer = index % len(votes)
    more = [count + (answer == number) for number, count in enumerate(votes)]
    known = Knowledge(accuracy=accuracy, members={"m": member})

    assert posterior(of(*votes), known)[answer] <= posterior(of(*more), known)[answer] + 1e-12


@given(votes=counts, yes=st.integers(0, 9), no=st.integers(0, 9), correlation=st.floats(0, 1))
def test_one_more_acceptance_never_lowers_an_answer(votes: list[int], yes: int, no: int, correlation: float) -> None:
    """Nor does one rejection fewer."""
    known = Knowledge(critics={"c": GOOD.model_copy(update={"correlation": correlation})})

    accepted = posterior(of(*votes, a0=(yes + 1, no)), known)[0]
    before = posterior(of(*votes, a0=(yes, no)), known)[0]
    rejected = posterior(of(*votes, a0=(yes, no + 1)), known)[0]
    assert rejected - 1e-12 <= before <= accepted + 1e-12


@pytest.mark.parametrize(
    "critics",
    [
        {},
        {"c": WORSE},
        {"c": Critic(sensitivity=0.5, specificity=0.5)},
        {"c": GOOD.model_copy(update={"distrust": "it is an echo"})},
        {"c": Critic(sensitivity=0.6, specificity=0.6, sensitivity_error=0.1, specificity_error=0.1)},
    ],
)
def test_a_critic_no_better_than_chance_moves_nothing(critics: dict[str, Critic]) -> None:
    """Nobody knows it, it is worse than chance, at chance, distrusted, or within its errors of chance; none is reversed."""
    known = Knowledge(critics=critics)

    assert posterior(of(3, 2), known) == posterior(of(3, 2, a0=(0, 5), a1=(5, 0)), known)


def test_a_good_critic_turns_a_narrow_vote() -> None:
    """Two votes against three, of which one is accepted and the other is rejected."""
    chances = posterior(of(3, 2, a0=(0, 1), a1=(1, 0)), Knowledge(critics={"c": GOOD}))

    assert chances[1] > chances[0]


def test_repeats_count_by_their_effective_number() -> None:
    """Of a critic that only repeats itself, any number of verdicts is one."""
    known = Knowledge(critics={"c": GOOD.model_copy(update={"correlation": 1.0})})

    assert posterior(of(3, 2, a1=(1, 0)), known) == pytest.approx(posterior(of(3, 2, a1=(6, 0)), known))


def test_copies_count_by_their_effective_number() -> None:
    """Six samples of a member whose samples are all alike are one vote, against two of somebody else."""
    copies = Evidence(answers=2, samples={"copies": (6, 0), "other": (0, 2)})
    known = Knowledge(members={"copies": Member(accuracy=0.5, correlation=1.0)})
    chances = posterior(copies, known)

    assert chances[1] > chances[0]


def test_a_better_member_outweighs_a_worse_one() -> None:
    """By more than two standard errors; within them their votes are equal."""
    disagree = Evidence(answers=2, samples={"good": (1, 0), "bad": (0, 1)})

    def chances(error: float) -> tuple[float, ...]:
        members = {"good": Member(accuracy=0.8, error=error), "bad": Member(accuracy=0.5, error=error)}
        return posterior(disagree, Knowledge(members=members))

    sure, unsure = chances(0.01), chances(0.2)
    assert sure[0] > sure[1]
    assert unsure[0] == pytest.approx(unsure[1])


def test_no_answer_is_unseen_where_all_stand() -> None:
    """Of a multiple choice whose options were all given."""
    closed = Evidence(answers=2, samples={"m": (3, 1)}, alternatives=2)

    assert posterior(closed, NOTHING)[-1] == 0


def test_nothing_said_leaves_everything_unseen() -> None:
    """There is no answer to believe."""
    assert posterior(Evidence(answers=0), NOTHING) == (1.0,)


def test_counts_must_fit_the_answers() -> None:
    """One line says what does not."""
    with pytest.raises(InputError, match="2 answers stand"):
        Evidence(answers=2, samples={"m": (1,)})
