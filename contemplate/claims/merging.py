"""From what the seats said to one table: claims that say the same are one, with all who made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from contemplate.claims.pairs import Pair
from contemplate.claims.words import words_of
from contemplate.types import Claim, ClaimSource, Stance

BY_FORM = "same normal form"
JUDGED = "a model judged them to say the same"


def merged(sources: Sequence[ClaimSource], judged: Mapping[Pair, bool]) -> tuple[Claim, ...]:
    """The claims that `sources` make, in the order of their first sources.

    Equal forms are one claim, and so are pairs that were judged to say the same, in the order of `judged`. What follows
    from several of these is held against the others: claims are not made one where two of their sources were judged
    different, or say other numbers or the contrary. So every source is in exactly one claim, in whatever order they come.

    Of several wordings that one stands which has most words in common with the others; of equals the shorter, which claims less.

    Args:
        sources: in the order of the seats.
        judged: whether two forms were found to say the same, the likeliest pairs first.
    """
    groups = {form: [form] for form in dict.fromkeys(words_of(source.text).form for source in sources)}
    text_of = {words_of(source.text).form: source.text for source in reversed(sources)}
    different = {frozenset(pair) for pair, same in judged.items() if not same}
    for pair, same in judged.items():
        one, other = (groups.get(form) for form in pair)
        if not same or one is None or other is None or one is other or _apart(one, other, text_of, different):
            continue
        one += other
        groups.update(dict.fromkeys(other, one))
    claims: dict[int, list[ClaimSource]] = {}
    for source in sources:
        claims.setdefault(id(groups[words_of(source.text).form]), []).append(source)
    return tuple(_claim(number, made) for number, made in enumerate(claims.values(), 1))


def _apart(one: Sequence[str], other: Sequence[str], text_of: Mapping[str, str], different: set[frozenset[str]]) -> bool:
    """Whether something speaks against it that two groups of forms say the same."""
    return any(
        frozenset((here, there)) in different or words_of(text_of[here]).opposes(words_of(text_of[there]))
        for here in one
        for there in other
    )


def _claim(number: int, made: Sequence[ClaimSource]) -> Claim:
    text = wording([source.text for source in made])
    form = words_of(text).form
    sources = tuple(
        source.model_copy(update={"merged": BY_FORM if words_of(source.text).form == form else JUDGED})
        if source.text != text
        else source
        for source in made
    )
    stances: dict[str, Stance] = {}
    for source in made:
        stances.setdefault(source.seat, Stance(seat=source.seat, turn=source.turn, side="for"))
    return Claim(id=str(number), text=text, sources=sources, stances=tuple(stances.values()))


def wording(texts: Sequence[str]) -> str:
    """The one of `texts` that stands for all: that has most words in common with the others; of equals the shorter."""

    def rank(text: str) -> tuple[Fraction, int, str]:
        common = sum((words_of(text).overlap(words_of(other)) for other in texts), Fraction(0))
        return -common, len(text), text

    return min(texts, key=rank)


def shared_out(lists: Mapping[str, Sequence[ClaimSource]], most: int) -> tuple[list[ClaimSource], dict[str, int]]:
    """At most `most` different claims of all seats: first the first of each, then the second of each, and so on.

    Args:
        lists: each seat's sources, in the order of the seats.
        most: how many forms there may be.

    Returns:
        The sources that are kept, in the order of the seats, and how many were left out of each seat that lost some.
    """
    forms: set[str] = set()
    for place in range(max(map(len, lists.values()), default=0)):
        for made in lists.values():
            if place < len(made) and len(forms) < most:
                forms.add(words_of(made[place].text).form)
    kept = {seat: [source for source in made if words_of(source.text).form in forms] for seat, made in lists.items()}
    cut = {seat: len(made) - len(kept[seat]) for seat, made in lists.items() if len(made) > len(kept[seat])}
    return [source for made in kept.values() for source in made], cut
