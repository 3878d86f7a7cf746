"""What is learned of witnesses without any right answer, and of whom it is not believed."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import Evidence, Knowledge, Lesson, Verdicts, learn, posterior
from contemplate.voting.witnesses.panel import Panel
from simulated_panels import CRITIC, MEMBER, Simulated, Sort, lesson


def lessons(sort: Sort, accuracy: float = 0.6, count: int = 200) -> list[Lesson]:
    """What a simulated panel learns from."""
    return [lesson(Simulated(f"learning/{number}", accuracy, sort)) for number in range(count)]


def known(sort: Sort, count: int = 120) -> list[Lesson]:
    """The same with the truth told."""
    found = []
    for number in range(count):
        question = Simulated(f"known/{number}", 0.6, sort)
        one = lesson(question)
        stands = list(dict.fromkeys(question.samples[:5]))
        found.append(one.model_copy(update={"truth": stands.index(0) if 0 in stands else len(stands)}))
    return found


def test_a_good_critic_is_found_without_gold() -> None:
    """Its rates within a tenth, and that it repeats itself."""
    critic = learn(lessons(Sort(0.8, 0.8, 0.3))).critics[CRITIC]

    assert critic.distrust is None
    assert critic.sensitivity == pytest.approx(0.8, abs=0.1)
    assert critic.specificity == pytest.approx(0.8, abs=0.1)
    assert 0.1 < critic.correlation < 0.6


def scattered(accuracy: float, mistakes: int, count: int = 100) -> list[Lesson]:
    """Ten samples of each question, of one member; a mistake is one of so many that are as likely."""
    random, found = Random("scattered"), []
    for _ in range(count):
        right = random.betavariate(2 * accuracy, 2 - 2 * accuracy)
        drawn = Counter(0 if random.random() < right else random.randint(1, mistakes) for _ in range(10))
        found.append(Lesson(evidence=Evidence(answers=len(drawn), samples={MEMBER: tuple(drawn.values())})))
    return found


@pytest.mark.parametrize("accuracy", [0.2, 0.4, 0.7])
@pytest.mark.parametrize("mistakes", [10, 100])
def test_how_widely_mistakes_scatter_is_learned(accuracy: float, mistakes: int) -> None:
    """So that weak members who seldom make the same mistake are not taken for members who are never right."""
    learned = learn(scattered(accuracy, mistakes))

    assert learned.scatter > 2
    assert learned.members[MEMBER].accuracy == pytest.approx(accuracy, abs=0.1)


def test_a_few_questions_do_not_tell_how_widely_mistakes_scatter() -> None:
    """It stays as it is usual; so where mistakes cluster."""
    assert 2 == learn(scattered(0.3, 100, count=1)).scatter
    assert 2 == learn(lessons(Sort(0.5, 0.5, 0))).scatter
    assert 2 == learn([]).scatter


@pytest.mark.parametrize(
    ("sort", "why"),
    [
        (Sort(0.5, 0.5, 0), "better than chance|as readily"),
        (Sort(0.5, 0.5, 0.95), "better than chance|as readily"),
        (Sort(0.2, 0.2, 0.7), "as readily"),
        (Sort(0, 0, 0, echo=True), "popular"),
        (Sort(0, 0, 0.7, echo=True), "popular"),
    ],
    ids=str,
)
def test_who_knows_nothing_is_not_trusted(sort: Sort, why: str) -> None:
    """By chance, stubborn, worse than chance, or an echo of what is popular."""
    critic = learn(lessons(sort)).critics[CRITIC]

    assert critic.rates is None
    assert critic.distrust is not None
    assert any(part in critic.distrust for part in why.split("|"))


def test_an_echo_is_found_out_for_certain_where_the_truth_is_known() -> None:
    """And a good critic is trusted there."""
    assert learn(known(Sort(0, 0, 0, echo=True))).critics[CRITIC].rates is None
    assert learn(known(Sort(0.8, 0.8, 0.3))).critics[CRITIC].rates is not None


@pytest.mark.parametrize("accuracy", [0.45, 0.6, 0.8])
def test_the_accuracy_of_a_panel_is_found_without_gold(accuracy: float) -> None:
    """Within a tenth."""
    found = learn(lessons(Sort(0.5, 0.5, 0), accuracy))

    assert found.accuracy == pytest.approx(accuracy, abs=0.1)
    assert found.members[MEMBER].accuracy == pytest.approx(found.accuracy, abs=0.02)


def test_a_better_member_is_told_from_a_worse_one() -> None:
    """By their votes alone."""
    rng = Random(1)
    found = []
    for _ in range(300):
        votes = [[0] * 4 for _ in range(2)]
        for member, accuracy in enumerate((0.8, 0.4)):
            for _ in range(3):
                votes[member][0 if rng.random() < accuracy else rng.randrange(1, 4)] += 1
        found.append(Lesson(evidence=Evidence(answers=4, samples={"good": tuple(votes[0]), "bad": tuple(votes[1])})))
    members = learn(found).members

    assert members["good"].accuracy - members["bad"].accuracy > 0.15


@pytest.mark.parametrize("votes", [(1,), (5,), (3, 1, 1)])
def test_one_question_teaches_next_to_nothing(votes: tuple[int, ...]) -> None:
    """A panel that agrees is taken to be right nearly as before; no vote weighs more or less; the interval is wide."""
    found = learn([Lesson(evidence=Evidence(answers=len(votes), samples={MEMBER: votes}))])
    agreed = Evidence(answers=1, samples={MEMBER: (3,)})

    assert posterior(agreed, Knowledge())[0] == pytest.approx(posterior(agreed, found)[0], abs=0.2)
    assert 1.0 == Panel([MEMBER], found).weight(MEMBER)
    assert found.members[MEMBER].error > 0.3


def test_nothing_is_learned_from_nothing() -> None:
    """No question, or one without a vote."""
    empty = Lesson(evidence=Evidence(answers=1, samples={"m": (0,)}, verdicts={"c": Verdicts(accepts=(1,), rejects=(0,))}))

    assert learn([]) == learn([empty]) == Knowledge()


@given(
    rows=st.lists(
        st.tuples(st.lists(st.integers(0, 4), min_size=2, max_size=2), st.lists(st.integers(0, 3), min_size=4, max_size=4)),
        max_size=12,
    )
)
def test_anything_can_be_learned_from(rows: list[tuple[list[int], list[int]]]) -> None:
    """Whatever the counts are, all that is learned is a chance, and knowledge goes to JSON and back."""
    found = learn(
        [
            Lesson(
                evidence=Evidence(
                    answers=2,
                    samples={"m": tuple(votes)},
                    verdicts={"c": Verdicts(accepts=tuple(said[:2]), rejects=tuple(said[2:]))},
                )
            )
            for votes, said in rows
        ]
    )

    assert Knowledge.model_validate_json(found.model_dump_json()) == found


@given(st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=12), min_size=1, max_size=20))
def test_a_few_questions_teach_little(counts: list[list[int]]) -> None:
    """Whatever was said to them, the panel is neither infallible nor hopeless."""
    knowledge = learn([Lesson(evidence=Evidence(answers=len(row), samples={"m": tuple(row)})) for row in counts])

    assert 0.1 < knowledge.accuracy < 0.9
