"""An open answer held against the claims that it rests on: what is wrong with it, how sure it is, who is against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contemplate.claims.words import words_of
from contemplate.claims.written import needs_claims
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import Claim, ClaimState, Composition, Entailment, Sentence, seat_number

NOT_CHECKED = "not checked: nobody has confirmed that it follows from its claims"
"""The flag of a sentence that no checker spoke of."""

_SAYS_DISPUTED = regex(
    r"\b(?:disput|disagree|contest|debat|controvers|unsettled|unresolved|undecided|divided|uncertain|unclear|differ\b|differing"
    r"|not (?:settled|agreed|clear|certain|known)|no (?:agreement|consensus)|open question|objection|doubt|split\b"
    r"|some\b.{1,200}\bothers?\b|one side|both sides|on the other hand)",
    re.IGNORECASE | re.DOTALL,
)
_REASON = 200
"""How much of a checker's reason a flag holds, in characters."""
_OF_CLAIMS = regex(r"\bclaims?\b", re.IGNORECASE)
_SAID_WELL = 3
"""So many claims one sentence can say in words of its own."""
_TAKEN_UP = Fraction(1, 2)
"""The share of a claim's content words that a sentence which names more claims must hold to say it."""
_CLAIM = 2_000
"""The longest wording of a claim that is written into an answer as it is, in characters."""

Key = tuple[str, tuple[str, ...]]
"""A sentence by its words and its claims: what a checker said of it holds as long as both stay."""


@dataclass(frozen=True)
class Faults:
    """What is wrong with an answer.

    Attributes:
        flags: for each sentence what is wrong with it, each in one line.
        left_out: the ids of claims that stand, matter, and are named nowhere.
        whole: what is wrong with the answer as a whole.
    """

    flags: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]
    whole: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things are."""
        return len(self.whole) + len(self.left_out) + sum(map(len, self.flags))

    @property
    def any(self) -> bool:
        """Whether there is something to mend."""
        return self.count > 0


def faults_of(sentences: Sequence[Sentence], claims: Sequence[Claim], seats: int, missing: Iterable[str] = ()) -> Faults:
    """What can be told of an answer without a call.

    Args:
        sentences: of the answer.
        claims: of the panel.
        seats: how many there are on it.
        missing: claims that a checker misses; those that stand count.
    """
    states: dict[str, ClaimState] = {claim.id: claim.state for claim in claims}
    named = taken_up(sentences, claims)
    wanted = {*that_matter(claims, seats), *(claim for claim in missing if states.get(claim) == "stands")}
    left_out = tuple(claim.id for claim in claims if claim.id in wanted and claim.id not in named)
    return Faults(tuple(tuple(_flags(sentence, states)) for sentence in sentences), left_out)


def taken_up(sentences: Iterable[Sentence], claims: Iterable[Claim]) -> set[str]:
    """The ids of the claims that sentences say.

    Of up to three claims that a sentence names it is taken to say each, in whatever words. No sentence says more of them well;
    of more it says those whose words it uses.
    """
    words = {claim.id: words_of(claim.text).content for claim in claims}
    found: set[str] = set()
    for sentence in sentences:
        if len(sentence.claims) <= _SAID_WELL:
            found.update(sentence.claims)
            continue
        said = words_of(sentence.text).content
        found.update(one for one in sentence.claims if one in words and len(words[one] & said) >= _TAKEN_UP * len(words[one]))
    return found


def _flags(sentence: Sentence, states: Mapping[str, ClaimState]) -> Iterable[str]:
    if not sentence.claims and needs_claims(sentence.text):
        yield "rests on no claim"
    for claim in sentence.claims:
        match states.get(claim):
            case None:
                yield f"names claim {claim}, and there is none"
            case "fell":
                yield f"rests on claim {claim}, which fell"
            case "disputed" if not _SAYS_DISPUTED.search(sentence.text):
                yield f"rests on claim {claim}, which is disputed, and does not say so"
            case _:
                pass


def any_that(claims: Iterable[Claim], state: ClaimState) -> bool:
    """Whether any claim is in that state."""
    return any(claim.state == state for claim in claims)


def that_matter(claims: Sequence[Claim], seats: int) -> tuple[str, ...]:
    """The ids of the claims that stand and no answer should leave out.

    Those that at least two seats are for, and as many as half of the panel, or as any other claim has.
    """
    standing = [claim for claim in claims if claim.state == "stands"]
    most = max((len(claim.seats_for) for claim in standing), default=0)
    least = max(2, min(most, (seats + 1) // 2))
    return tuple(claim.id for claim in standing if len(claim.seats_for) >= least)


def checkable(sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[Sentence]:
    """The sentences that a checker can hold against something: those that name a claim which did not fall."""
    live = {claim.id for claim in claims if claim.state != "fell"}
    return [sentence for sentence in sentences if live.intersection(sentence.claims)]


def key(sentence: Sentence) -> Key:
    """A sentence by its words and its claims."""
    return sentence.text, sentence.claims


def by_sentence(shown: Sequence[Sentence], found: Sequence[Entailment]) -> dict[Key, Entailment]:
    """What a checker said of each of the sentences that it was `shown`, as far as it did."""
    return {key(shown[one.sentence - 1]): one for one in found if one.sentence <= len(shown)}


def entailed(verdict: Entailment | None) -> tuple[str, ...]:
    """What a checker finds wrong with a sentence; nothing where it found nothing, or did not speak of it."""
    if verdict is None or verdict.follows:
        return ()
    reason = one_line(verdict.reason, _REASON)
    return (f"does not follow from its claims{f': {reason}' if reason else ''}",)


def with_flags(sentences: Sequence[Sentence], flags: Sequence[Sequence[str]]) -> tuple[Sentence, ...]:
    """The sentences with what is wrong with each, beside what was known of it before."""
    return tuple(
        sentence.model_copy(update={"flags": (*sentence.flags, *theirs)})
        for sentence, theirs in zip(sentences, flags, strict=True)
    )


def talk(sentences: Sequence[Sentence], claims: Sequence[Claim], question: str) -> list[Sentence]:
    """The sentences that speak of the claims, which no reader was shown, and of nothing that the panel has found.

    A small model repeats what it was told of claims as if that were part of the answer. Where the question or a claim speaks of
    claims itself, there are none.
    """
    if any(_OF_CLAIMS.search(text) for text in (question, *(claim.text for claim in claims))):
        return []
    return [sentence for sentence in sentences if not sentence.claims and _OF_CLAIMS.search(sentence.text)]


# --- what an answer is worth ------------------------------------------------------------------------------


def confidence_in(sentences: Sequence[Sentence], claims: Sequence[Claim]) -> Fraction:
    """The mean over the sentences of the least confidence among the claims of each, in (0, 1].

    A sentence that needs claims and names none that there is counts 0; one that needs none is left out. Never less than
    1 / (sentences + 2), the rule of succession for none of so many.
    """
    sure = {claim.id: Fraction(claim.confidence) for claim in claims}
    worth = []
    for sentence in sentences:
        named = [sure[claim] for claim in sentence.claims if claim in sure]
        if named or sentence.claims or needs_claims(sentence.text):
            worth.append(min(named, default=Fraction(0)))
    mean = sum(worth, Fraction(0)) / max(len(worth), 1)
    return min(max(mean, Fraction(1, len(worth) + 2)), Fraction(1))


def sides_of(sentences: Sequence[Sentence], claims: Sequence[Claim]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The seats that are for a claim which an answer rests on and against none, and those that are against one; by number."""
    named = {claim for sentence in sentences for claim in sentence.claims}
    used = [claim for claim in claims if claim.id in named]
    against = {seat for claim in used for seat in claim.seats_against}
    agree = {seat for claim in used for seat in claim.seats_for} - against
    return tuple(sorted(agree, key=_place)), tuple(sorted(against, key=_place))


def _place(seat: str) -> tuple[int, str]:
    return seat_number(seat), seat


# --- where nobody writes one ------------------------------------------------------------------------------


def most_certain_first(claims: Iterable[Claim], state: ClaimState) -> list[Claim]:
    """The claims of a state, those first that are surest, then those that more seats are for."""
    return sorted(
        (claim for claim in claims if claim.state == state),
        key=lambda claim: (-claim.confidence, -len(claim.seats_for), int(claim.id)),
    )


def item(claim: Claim) -> Sentence:
    """A claim as an item of a list, in its own words."""
    return Sentence(text=f"- {one_line(claim.text, _CLAIM)}", claims=(claim.id,))


def listed(claims: Sequence[Claim], why: str) -> tuple[str, Composition] | None:
    """An answer that nobody wrote: the claims that stand as a list; or where none does, the disputed ones with both sides.

    Args:
        claims: of the panel.
        why: why nobody wrote one.

    Returns:
        The text and its sentences; None where all claims fell.
    """
    standing = most_certain_first(claims, "stands")
    if standing:
        sentences = [item(claim) for claim in standing]
        return _joined(sentences), Composition(sentences=tuple(sentences), flags=(why,))
    disputed = most_certain_first(claims, "disputed")
    if not disputed:
        return None
    opening = Sentence(text="The panel has agreed on nothing. What is disputed:")
    items = [Sentence(text=_both_sides(claim), claims=(claim.id,)) for claim in disputed]
    return f"{opening.text}\n\n{_joined(items)}", Composition(sentences=(opening, *items), flags=(why,))


def _joined(items: Sequence[Sentence]) -> str:
    return "\n".join(item.text for item in items)


def _both_sides(claim: Claim) -> str:
    """A disputed claim, how many are for it and against it, and why."""
    parts = [f"- {one_line(claim.text, _CLAIM)}"]
    for side, word in (("for", "For it"), ("against", "Against it")):
        stances = [stance for stance in claim.stances if stance.side == side]
        reasons = "; ".join(dict.fromkeys(one_line(stance.reason, _REASON) for stance in stances if stance.reason.strip()))
        count = f"{len(stances)} seat{'s' * (len(stances) != 1)}"
        parts.append(f"{word}: {count}{f' ({reasons})' if reasons else ''}.")
    return " ".join(parts)
