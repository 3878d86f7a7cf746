"""Every decision is made here: the one that a count comes to, and the one that somebody takes beside a count.

`conclude` says what a rule's count came to. `ruled` is for a winner that a judge, a synthesizer, a search or the like has
named: the panel's own count stands beside it, and says who agrees, how far the winner is ahead in it, and how sure that makes
us. `docs/decisions/023-one-maker-of-decisions.md` says why it is measured so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypedDict, get_args

from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.seeds import rng
from contemplate.types import Answer, Decision, HowRead, Merge, Tally
from contemplate.voting.forms import Judged
from contemplate.voting.rule import Count, leads
from contemplate.voting.succession import succession
from contemplate.voting.tabulation import Tabulation

TieRule = Literal["first-seen", "random", "none", "judge"]
"""How a tie is broken. "judge" leaves it standing, as "none" does: breaking it takes a model's word."""


@dataclass(frozen=True)
class Terms:
    """The terms of every vote, whatever the rule.

    Attributes:
        rule: the name of the rule.
        quorum: how many ballots must say something, at least 1.
        seed: for the draw that breaks a tie.
    """

    rule: str
    quorum: int
    ties: TieRule
    seed: int

    def __post_init__(self) -> None:
        """Check them."""
        if self.quorum < 1:
            raise InputError(f"the quorum is {self.quorum}; it must be at least 1")
        if self.ties not in get_args(TieRule):
            raise InputError(f"a tie can be broken 'first-seen', 'random', by a 'judge' or 'none', not {self.ties!r}")


def conclude(tabulation: Tabulation, count: Count, terms: Terms, confidence: Callable[[int], Fraction]) -> Decision:
    """Break a tie, and say what a count came to.

    Args:
        tabulation: whose ballots were counted.
        count: what the rule found.
        terms: of the vote.
        confidence: in a class, should it win; in (0, 1].
    """
    reason = _no_quorum(tabulation, terms) or count.refusal
    chosen = None if reason else _first(tabulation, count, terms)
    if chosen is None and reason is None:
        by_judge = "; a judge is to break the tie" if terms.ties == "judge" else ""
        reason = f"{len(count.first)} answers share the first place{by_judge}"
    tied = len(count.first) > 1
    ahead = count.leads or leads(count.scores, sum(count.scores, Fraction(0)))
    return Decision(
        rule=f"{terms.rule} ({count.outcome})" if count.outcome and chosen is not None else terms.rule,
        **_winner(None if chosen is None else tabulation.options[chosen]),
        tally=_tally(tabulation, count),
        margin=0.0 if chosen is None else float(ahead[chosen]),
        ties=tuple(tabulation.options[option].text for option in count.first) if tied else (),
        tie_break=(terms.ties if chosen is not None else "none") if tied else None,
        abstentions=tabulation.silent,
        dissent=() if chosen is None else tabulation.dissenters(chosen),
        confidence=0.0 if chosen is None else float(confidence(chosen)),
        quorum=terms.quorum,
        merges=tabulation.merges,
        reason=reason,
    )


def undecided(
    rule: str,
    tally: Sequence[Tally],
    *,
    abstentions: Sequence[str] = (),
    quorum: int = 1,
    ties: Sequence[str] = (),
    merges: Sequence[Merge] = (),
    reason: str | None = None,
) -> Decision:
    """A tally that nothing has won yet, for counts that no rule makes: means of scores, verifications in a row.

    Args:
        rule: what the decision is called.
        tally: what stands behind each answer, in the order in which it is to be shown.
        abstentions: the seats that are behind none of them.
        quorum: how many seats had to say something.
        ties: the answers that share the first place, if several do; the tie stands.
        merges: which answers were counted as one.
        reason: why none wins.
    """
    return Decision(
        rule=rule,
        **_winner(None),
        tally=tuple(tally),
        margin=0.0,
        ties=tuple(ties),
        tie_break="none" if ties else None,
        abstentions=tuple(abstentions),
        quorum=quorum,
        merges=tuple(merges),
        reason=reason,
    )


def ruled(  # noqa: PLR0913 - all but three are named, and have defaults but one
    counted: Decision,
    answer: Answer,
    held: Mapping[str, Answer],
    *,
    rule: str,
    judged: Judged = (),
    breaks_tie: bool = False,
    seats: int | None = None,
    confidence: Fraction | None = None,
    asked: bool = False,
) -> Decision:
    """The decision for an answer that somebody, or something, named the winner; the panel's own count stands beside it.

    The seats behind the tally's row for that answer agree, all others in the tally dissent. The margin is how far that row is
    ahead of the best other one, as a share of all the tally's weight: 0 where another row is ahead of it, or it has none.

    An open answer is in words of its own, and so is each seat's: that they differ is no dissent, and nobody was asked
    whether they agree. So nobody dissents from one, and only those count who gave that very answer; unless they were `asked`.

    Args:
        counted: the panel's own count: tally, abstentions, merges and quorum are kept.
        answer: what was named the winner.
        held: what each seat holds, in seat order, to find the row of an answer that is written in another way.
        rule: what the decision is called.
        judged: pairs of canonical values that were found to say the same.
        breaks_tie: a judge chose between answers that the count left tied; the ties stay on record.
        seats: how many there are, those without an answer among them; None: all in the tally and all that abstained.
        confidence: in the winner, in (0, 1], where it does not come from how many seats agree; else it is
            (seats that agree + 1) / (all seats + 2), or of an open answer (seats that gave it + 1) / (these + 2).
        asked: whether the seats were asked about this answer and the others, so that an open one is as any other.
    """
    texts = _texts_of(counted, answer, held, judged)
    own = [row for row in counted.tally if row.answer in texts]
    others = [row for row in counted.tally if row.answer not in texts]
    agree = {seat for row in own for seat in row.seats}
    against = {seat for row in others for seat in row.seats} - agree
    count = seats if seats is not None else len(agree | against | set(counted.abstentions))
    if answer.kind == "open" and not asked:
        against, count = set(), len(agree)
    return Decision(
        rule=rule,
        **_winner(answer),
        tally=counted.tally,
        margin=_lead(own, others),
        ties=counted.ties if breaks_tie else (),
        tie_break="judge" if breaks_tie else None,
        abstentions=counted.abstentions,
        dissent=tuple(sorted(against, key=[*held, *sorted(against)].index)),
        confidence=float(succession(len(agree), count) if confidence is None else confidence),
        quorum=counted.quorum,
        merges=counted.merges,
    )


def composed(
    answer: Answer,
    agree: Sequence[str],
    against: Sequence[str],
    *,
    seats: Sequence[str],
    confidence: Fraction,
    quorum: int = 1,
    reason: str | None = None,
) -> Decision:
    """The decision for an open answer that was written of claims, which seats are for or against one by one.

    The tally is one row: the answer, with the seats that agree. The margin is how far these are ahead of those who dissent, as a
    share of both together; 0 where they are not.

    Args:
        answer: what was written.
        agree: the seats that are for a claim it rests on, and against none.
        against: the seats that are against a claim it rests on: they dissent.
        seats: all of the panel; those that take no side abstain.
        confidence: in the answer, in (0, 1].
        quorum: how many seats had to give a readable answer.
        reason: why nobody wrote it, if nobody did.
    """
    sided = {*agree, *against}
    lead = Fraction(max(len(agree) - len(against), 0), max(len(sided), 1))
    return Decision(
        rule="composition",
        **_winner(answer),
        tally=(Tally(answer=answer.text, votes=len(agree), weight=float(len(agree)), seats=tuple(agree)),),
        margin=float(lead),
        abstentions=tuple(seat for seat in seats if seat not in sided),
        dissent=tuple(against),
        confidence=float(confidence),
        quorum=quorum,
        reason=reason,
    )


def stands(counted: Decision, why: str) -> Decision:
    """The panel's own count, which stands because whoever was asked named no winner; `why` says so."""
    return counted.model_copy(update={"reason": counted.reason or why})


def with_mean_ranks(counted: Decision, ranks: Mapping[str, float]) -> Decision:
    """A decision whose tally says the mean rank that rankings gave to each answer.

    Args:
        counted: what was decided.
        ranks: the mean rank of each seat's reply, from 1, the best.
    """
    rows = []
    for row in counted.tally:
        found = [ranks[seat] for seat in row.seats if seat in ranks]
        rows.append(row.model_copy(update={"mean_rank": sum(found) / len(found) if found else None}))
    return counted.model_copy(update={"tally": tuple(rows)})


def _texts_of(counted: Decision, answer: Answer, held: Mapping[str, Answer], judged: Judged) -> set[str]:
    """The texts by which the tally may write `answer`: itself, those of who holds the same, and what these were counted for."""
    indices, _ = classes([*held.values(), answer], judged)
    same = [one.text for one, index in zip(held.values(), indices, strict=False) if index == indices[-1]]
    into = {merge.answer: merge.into for merge in counted.merges}
    return {form for text in (answer.text, *same) for form in (text, into.get(text, text))}


def _lead(own: Sequence[Tally], others: Sequence[Tally]) -> float:
    """The lead of one answer's rows over all others, as a share of the whole weight; at least 0."""
    whole = sum(row.weight for row in (*own, *others))
    ahead = max((row.weight for row in own), default=0.0) - max((row.weight for row in others), default=0.0)
    return max(0.0, ahead / whole) if whole else 0.0


class _Winner(TypedDict):
    """The fields of a decision that say who won."""

    winner: str | None
    value: str | None
    how: HowRead


def _winner(answer: Answer | None) -> _Winner:
    if answer is None:
        return {"winner": None, "value": None, "how": "stated"}
    return {"winner": answer.text, "value": answer.value, "how": answer.how}


def _no_quorum(tabulation: Tabulation, terms: Terms) -> str | None:
    if len(tabulation.cast) >= terms.quorum:
        return None
    return f"{len(tabulation.cast)} of {len(tabulation.ballots)} seats gave an answer, the quorum is {terms.quorum}"


def _first(tabulation: Tabulation, count: Count, terms: Terms) -> int | None:
    """The class that wins, after a tie was broken; None if it is left standing."""
    if len(count.first) == 1:
        return count.first[0]
    if terms.ties in {"none", "judge"}:
        return None
    if terms.ties == "first-seen":
        return min(count.first)
    by_value = {_name(tabulation.options[option]): option for option in count.first}
    names = sorted(by_value)
    return by_value[rng(terms.seed, "tie", *names).choice(names)]


def _name(answer: Answer) -> str:
    return f"{answer.kind}:{answer.value}"


def _tally(tabulation: Tabulation, count: Count) -> tuple[Tally, ...]:
    second = count.shares[0][1] if count.shares else count.scores
    order = sorted(range(len(count.scores)), key=lambda option: (-count.scores[option], -second[option], option))
    return tuple(
        Tally(
            answer=tabulation.options[option].text,
            votes=tabulation.size(option),
            weight=_finite(count.scores[option]),
            seats=tabulation.backers(option),
            shares={name: float(shares[option]) for name, shares in count.shares},
        )
        for option in order
    )


def _finite(score: Fraction) -> float:
    """`score` as a float; a sum of weights beyond the largest float is that float."""
    try:
        return float(score)
    except OverflowError:
        return 1.7976931348623157e308
