"""Elections whose results are known, by every rule that reads rankings."""

from __future__ import annotations

import pytest

from builders import rankings
from contemplate.voting import decide

TENNESSEE = "42 M>N>C>K, 26 N>C>K>M, 15 C>K>N>M, 17 K>C>N>M"
CYCLE = "3 A>B>C, 2 B>C>A, 2 C>A>B"
SCHULZE = "5 A>C>B>E>D, 5 A>D>E>C>B, 8 B>E>D>A>C, 3 C>A>B>E>D, 7 C>A>E>B>D, 2 C>B>A>D>E, 7 D>C>E>B>A, 8 E>B>A>D>C"


@pytest.mark.parametrize(
    ("profile", "rule", "winner"),
    [
        (TENNESSEE, "plurality", "M"),
        (TENNESSEE, "hybrid", "M"),
        (TENNESSEE, "majority", None),
        (TENNESSEE, "instant-runoff", "K"),
        (TENNESSEE, "borda", "N"),
        (TENNESSEE, "copeland", "N"),
        (TENNESSEE, "ranked-pairs", "N"),
        (TENNESSEE, "pairwise", "N"),
        (CYCLE, "ranked-pairs", "A"),
        (CYCLE, "copeland", None),
        (SCHULZE, "ranked-pairs", "A"),
        (SCHULZE, "copeland", "E"),
    ],
)
def test_who_wins(profile: str, rule: str, winner: str | None) -> None:
    """Tennessee's capital, a cycle of three, and the 45 voters of Schulze's example."""
    assert decide(rankings(profile), rule=rule, ties="none").winner == winner


@pytest.mark.parametrize(
    ("rule", "scores"),
    [
        ("borda", {"N": 194, "C": 173, "M": 126, "K": 107}),
        ("copeland", {"N": 3, "C": 2, "K": 1, "M": 0}),
        ("ranked-pairs", {"N": 3, "C": 2, "K": 1, "M": 0}),
        ("instant-runoff", {"K": 58, "M": 42, "N": 26, "C": 15}),
        ("plurality", {"M": 42, "N": 26, "K": 17, "C": 15}),
    ],
)
def test_the_scores_of_tennessee(rule: str, scores: dict[str, float]) -> None:
    """Each rule's figures, highest first; the seats are those that put an answer first, whatever the rule."""
    decision = decide(rankings(TENNESSEE), rule=rule)

    assert [(row.answer, row.weight) for row in decision.tally] == list(scores.items())
    assert {row.answer: row.votes for row in decision.tally} == {"M": 42, "N": 26, "C": 15, "K": 17}


@pytest.mark.parametrize(
    ("rule", "margin"),
    [("borda", 21 / 300), ("copeland", 0.16), ("ranked-pairs", 0.16), ("instant-runoff", 0.16), ("plurality", 0.16)],
)
def test_the_margins_of_tennessee(rule: str, margin: float) -> None:
    """Points of the 300 that one can get; the narrowest pair, 58 to 42; the last round; first choices."""
    assert decide(rankings(TENNESSEE), rule=rule).margin == pytest.approx(margin)


def test_the_decision_by_a_ranking() -> None:
    """Who put the winner first is behind it, who put another first dissents, and who said nothing abstains."""
    decision = decide(rankings("2 A>B, 1 B>A, 1 -"), rule="ranked-pairs")

    assert (decision.winner, decision.dissent, decision.abstentions) == ("A", ("seat-3",), ("seat-4",))
    assert decision.confidence == pytest.approx((2 + 1) / (4 + 2))
    assert decision.margin == pytest.approx(1 / 3)


def test_a_winner_that_lost_a_pair_has_no_margin() -> None:
    """In a cycle ranked pairs have a winner, but not one that beats everybody."""
    decision = decide(rankings(CYCLE), rule="ranked-pairs")

    assert (decision.winner, decision.ties, decision.margin) == ("A", (), 0)


@pytest.mark.parametrize("rule", ["copeland", "ranked-pairs", "borda", "instant-runoff"])
def test_a_level_cycle_is_a_tie_of_all(rule: str) -> None:
    """Where everything is symmetrical nobody is favoured."""
    decision = decide(rankings("1 A>B>C, 1 B>C>A, 1 C>A>B"), rule=rule, ties="none")

    assert (decision.winner, decision.ties, decision.tie_break) == (None, ("A", "B", "C"), "none")


def test_instant_runoff_is_not_monotone() -> None:
    """Ten voters raise the winner to the first place, and it loses."""
    before = decide(rankings("39 A>B>C, 35 B>C>A, 26 C>A>B"), rule="instant-runoff")
    after = decide(rankings("39 A>B>C, 10 A>B>C, 25 B>C>A, 26 C>A>B"), rule="instant-runoff")

    assert (before.winner, after.winner) == ("A", "C")


def test_elimination_ties() -> None:
    """Of those with the fewest, who had fewer before drops out; who never had drops out together; the last level ones tie."""
    earlier = decide(rankings("5 A>D, 3 B>A, 2 C>B>A, 4 D>C, 1 E>C"), rule="instant-runoff", ties="none")
    together = decide(rankings("3 A, 2 B>C, 2 C>B"), rule="instant-runoff", ties="none")
    level = decide(rankings("2 A>C, 2 B, 1 C"), rule="instant-runoff", ties="none")

    assert {row.answer: row.weight for row in earlier.tally} == {"A": 5, "B": 5, "D": 4, "C": 3, "E": 1}
    assert (together.winner, [row.weight for row in together.tally]) == ("A", [3, 2, 2])
    assert (level.winner, level.ties) == (None, ("A", "B"))


def test_partial_rankings_share_the_last_places() -> None:
    """Of four answers a ballot that names one gives 3 points to it, and 1 to each other."""
    decision = decide(rankings("1 A, 1 B>C>D>A"), rule="borda")

    assert {row.answer: row.weight for row in decision.tally} == {"A": 3, "B": 4, "C": 3, "D": 2}


def test_duplicates_count_at_their_best_place() -> None:
    """An answer named twice stands where it was named first."""
    one, other = (decide(rankings(text), rule="borda").tally for text in ("1 A>B>A>C>B", "1 A>B>C"))

    assert one == other


def test_wide_rankings_take_little_time() -> None:
    """Forty answers in a circle tie in ranked pairs, by far fewer steps than there are orders."""
    names = [chr(0x4E00 + number) for number in range(40)]
    circle = ", ".join(f"1 {'>'.join(names[start:] + names[:start])}" for start in range(40))

    assert len(decide(rankings(circle), rule="ranked-pairs", ties="none").ties) == 40
