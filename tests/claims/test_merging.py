"""Claims that say the same are one, and none is lost."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import merged, shared_out, wording, words_of, worth_asking
from contemplate.claims.pairs import Pair
from contemplate.types import ClaimSource

FAST, QUICK, RAPID, SLOW = "It is fast for reads", "Reads are fast", "Fast reads it has", "It is not fast for reads"


def source(text: str, seat: int = 1) -> ClaimSource:
    """A claim of a seat."""
    return ClaimSource(seat=f"seat-{seat}", turn=f"1.propose/seat-{seat}", text=text)


def pair(one: str, other: str) -> Pair:
    """Two claims, by their forms."""
    first, second = sorted((words_of(one).form, words_of(other).form))
    return first, second


def test_equal_forms_are_one_with_all_who_made_it() -> None:
    """By themselves; the reason stands with the source, and a seat is for it once."""
    (claim,) = merged([source("It is free."), source("it is **free**"), source("It is free.", 3)], {})
    assert (claim.id, claim.text, claim.seats_for) == ("1", "It is free.", ("seat-1", "seat-3"))
    assert [made.merged for made in claim.sources] == ["", "same normal form", ""]


def test_judged_pairs_are_one() -> None:
    """With the reason; what was judged different is not."""
    sources = [source(FAST, 1), source(QUICK, 2), source("Hiring is hard", 3)]
    one, other = merged(sources, {pair(FAST, QUICK): True, pair(FAST, "Hiring is hard"): False})
    assert (one.text, one.seats_for, other.text) == (QUICK, ("seat-1", "seat-2"), "Hiring is hard")
    assert [made.merged for made in one.sources] == ["a model judged them to say the same", ""]


def test_a_chain_does_not_join_what_was_judged_different() -> None:
    """A is B and B is C, but A is not C: the likelier pair stands."""
    judged = {pair(FAST, QUICK): True, pair(QUICK, RAPID): True, pair(FAST, RAPID): False}
    claims = merged([source(FAST, 1), source(QUICK, 2), source(RAPID, 3)], judged)
    assert [claim.seats_for for claim in claims] == [("seat-1", "seat-2"), ("seat-3",)]


def test_opposites_are_not_joined_whatever_was_judged() -> None:
    """Not even by a chain."""
    claims = merged([source(FAST, 1), source(SLOW, 2)], {pair(FAST, SLOW): True})
    assert len(claims) == 2


def test_the_wording_is_the_one_most_like_the_others() -> None:
    """And of equals the shorter one, which claims less."""
    texts = ["Reads are fast", "Reads are fast on servers", "Servers give fast reads on disks"]
    assert wording(texts) == "Reads are fast on servers"
    assert wording(["Reads are always fast", "Reads are fast"]) == "Reads are fast"


_OTHERS = ("It is fast", "it is fast!", "Hiring is hard", "It is 5 times as fast", "reads")
TEXTS = st.sampled_from([FAST, QUICK, RAPID, SLOW, *_OTHERS])
SOURCES = st.lists(st.builds(source, TEXTS, st.integers(1, 4)), max_size=12)


@given(SOURCES, st.data())
def test_every_source_is_in_exactly_one_claim_in_whatever_order(sources: list[ClaimSource], data: st.DataObject) -> None:
    """And who is merged with whom does not hang on the order of seats or claims, nor are opposites ever one."""
    judged = {one: data.draw(st.booleans()) for one in worth_asking(sources)}
    turned = data.draw(st.permutations(sources))
    claims, again = merged(sources, judged), merged(turned, judged)

    def made(source: ClaimSource) -> tuple[str, str, str]:
        return source.seat, source.turn, source.text

    assert sorted(made(one) for claim in claims for one in claim.sources) == sorted(map(made, sources))
    assert {(claim.text, frozenset(map(made, claim.sources))) for claim in claims} == {
        (claim.text, frozenset(map(made, claim.sources))) for claim in again
    }
    for claim in claims:
        assert {one.seat for one in claim.sources} == set(claim.seats_for)
        assert not any(words_of(a.text).opposes(words_of(b.text)) for a, b in combinations(claim.sources, 2))


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.integers(1, 60))
def test_what_is_too_much_is_cut_from_the_ends_of_the_longest_lists(sizes: list[int], most: int) -> None:
    """Each seat keeps its first claims, as many as another one has kept; what was cut is said."""
    lists = {f"seat-{seat}": [source(f"{seat} x {place}", seat) for place in range(size)] for seat, size in enumerate(sizes, 1)}
    kept, cut = shared_out(lists, most)
    left = {seat: [one for one in kept if one.seat == seat] for seat in lists}
    assert len(kept) == min(most, sum(sizes))
    assert all(lists[seat][: len(left[seat])] == left[seat] for seat in lists)
    assert all(len(lists[seat]) - len(left[seat]) == cut.get(seat, 0) for seat in lists)
    lost = [len(left[seat]) for seat in cut]
    assert not lost or max(map(len, left.values())) <= min(lost) + 1
