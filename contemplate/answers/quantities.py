r"""Which quantity of a statement is its value: a statement has one, and what explains or qualifies it is not it.

- **Left open** ("5 or 6", "between 5 and 7", "5-7", "5, 6 and 7"): none.
- **An aside** in brackets behind a space ("18 (3 * 6)"), a reason or a second sentence explains.
- **Behind an equals sign** stands what comes out ("3 boxes of 12 = 36 eggs").
- **A preposition** ties a quantity to the one before ("36 eggs in 3 boxes", "6 of the 9 eggs"): it qualifies. A verb
  parts them, and the later one counts ("Each of the 3 boys gets 14").
- **In several units** ("5 hours 30 minutes"): the whole in the unit that the question names; else none.

What is left to be worked out (`2^{10}`, `3 * 6`, `\sqrt{16}`) is, if a rational number comes out; else there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from contemplate.answers.expression import parse
from contemplate.answers.number_words import in_words, leading_words
from contemplate.answers.numeral import NUMERAL, value_of
from contemplate.answers.polynomial import NotReadable
from contemplate.answers.units import in_one_unit
from contemplate.text.patterns import regex

_FAR = 40
_LONGEST_RUN = 200
_MOST = 64
"""So many quantities of a statement are looked at."""

_SIGNS = regex(
    r"""(?x) (?: [-+*/^(){}\d$€£¥₹%\s√π] | \.(?=\d)
    | (?<=\d)[,'](?=\d) | \\sqrt\[\d\] | \\(?:sqrt|[dtc]?frac|pi|left|right)(?![A-Za-z]) )+"""
)
_WORKED = regex(r"\\[a-z]|[√π^]|-\s*\(|\d\s*\(")
_SYMBOL = regex(r"(?<=[\d)}*/^])[A-Za-z](?![A-Za-z])")
_DIFFERENCE = regex(r"\s*[\d.]{1,40}(\s*)-(\s*)[\d.]{1,40}\s*")
_NOT_COMPUTED = regex(r"[$€£¥₹]|\\(?:left|right)|(?<=\d)[,'](?=\d{3})")
_ROOT = regex(r"√\s?(\d+)")

_PREPOSITIONS = (
    *("in", "of", "for", "per", "with", "within", "on", "at", "from", "by", "over", "before", "during", "under"),
    *("to", "into", "among", "between", "every", "across", "than", "that", "out", "against"),
)
_ASIDE = regex(
    r"""(?x) (?<=[\w)}%$.]) [ ]{1,3}
      (?: (?<=[\d)%][ ]) \\?\{ [^{}]{1,300} \}
        | \( (?! \s?(?:or|to)\b | [^()]{0,9}\d[^()]{0,9}\)\s*[*/^] ) [^()]{1,300} \) | \[ [^\[\]]{1,300} \] )
    | \( (?! \s?(?:or|to)\b ) [^()\d]{0,300} [A-Za-z]{2} [^()]{0,300} \)"""
)
_CLAUSE_END = regex(
    r"""(?xi) ; | ,(?!\d) | \b(?: because | since | which | who | not | rather | as | so | where | after | when | while | if
    | including | assuming | given | i\.e\. | (?:for|with|at)\s[A-Za-z]\s?= ) (?!\w)"""
)
_SENTENCE_END = regex(r"[.!?:](?=\s)|\n|—")
_ADVERBS = regex(
    r"(?:[\W_]|\b(?:about|exactly|approximately|only|just|the|roughly|around|nearly|almost|a|total|of|it|is|its)\b)*", re.I
)
_PREPOSITION = "(?:" + "|".join(_PREPOSITIONS) + ")"
_SETTING = regex(r"[^\w]*(?:in|after|for|at|by|on|with|from|within|over|during|before|of)\b[^\d.=]{0,60}", re.I)
_BOUND = regex(
    r"""(?xi) (?: \b(?: (?:less|more|fewer|greater|higher|lower|larger|smaller) (?:[ ]or[ ]equal)? [ ] (?:than|to)
        (?:[ ]or[ ]equal[ ]to)? | at[ ](?:least|most) | up[ ]to ) | [<>≤≥] =? | \\(?:leq?|geq?|lt|gt)(?![a-z]) ) [\s$*]* \Z"""
)
"""What makes a number a bound, and the answer an inequality."""
_ASKS_BOUND = regex(
    r"\b(?:least|most|(?:mini|maxi)(?:mum|mal)|(?:less|more|fewer|greater|larger|smaller) than|up to|limit|bound|inequal)|[<>≤≥]",
    re.I,
)
_LABEL = regex(r"\b(?:step|case|part|question|problem|exercise|equation|method)\s+\Z", re.I)
_CONDITION = regex(r"[^\w]*(?:if|when|because|given|assuming|while|although|as|there being)\b[^,;=]*[,;](?=\D*\d)", re.I)
_VERB = regex(
    r"""(?xi) \b(?: is | are | was | were | be | has | have | had | do | does | can | will | would | should | must | each | sum
    | total | altogether | got | gets? | made | makes? | making | costs? | took | takes? | earns? | needs? | pays? | gave | gives?
    | giving
    | leaves? | leaving | equals? | receives? | contains? | holds? | sold | sells? | spent | spends? | saves? | eats? | drinks?
    | runs? | travels? | walks? | reads? | weighs? | produces? | becomes? | remains? | yields? | comes? | adds? | bought | buys?
    ) \b"""
)
_INFINITIVE = regex(r"\bto [a-z]{1,20}\b|\b(?:that|who|which)\b.*", re.I)
_QUALIFIES = regex(rf"[\s-]*(?:[^\W\d]+[\s-]+){{0,4}}?{_PREPOSITION}\b[^.;=:]*", re.I)
_JOINT = regex(
    r"""(?xi) \s* (?P<unit> (?:[^\W\d]+[ ]){0,2}? [^\W\d]*? ) \s*[,(]?\s*
      \b (?P<word>or|to|through|and|maybe|perhaps|possibly|remainder|r) \b [\s$]* (?:(?:maybe|perhaps|possibly|even)[ ])?
    | \s* (?:±|\\pm|:(?!\s)|')? \s*"""
)
_SAME = regex(r"[^\d,;]{0,30}\b(?:or|i\.e\.)[\s,]*(?:about|approximately|roughly|nearly|around|almost)\s*", re.I)
_NAMED = regex(r"\W*([A-Za-z])\s*=\s*[^,;=]{1,60}(?:[,;]|\band\b)\s*(?:and\s+)?(?!\1)[A-Za-z]\s*=", re.I)
_LISTED = regex(r"\s*(?:,\s*(?:and|or)?|and|or|;)?\s*", re.I)
_UNIT = regex(r"\s*([^\W\d]*)")
_ODDS = regex(r"(?:\s*chance)?[\s-]*(?:in|out of)(?:\s+every)?[\s-]*", re.I)
_OF_ODDS = regex(r"\b(?:probabilit|chance|odds|fraction|proportion|likelihood|likely|ratio)", re.I)


class Quantity(NamedTuple):
    """A quantity in a text; its value is None where it has no rational one."""

    start: int
    end: int
    value: Fraction | None
    percent: bool = False


def stated(plain: str, asked: str, *, percent: bool) -> Quantity | None:
    """The quantity that a statement gives.

    Args:
        plain: the statement in plain characters.
        asked: the question.
        percent: 50% is 50, and not 1/2.

    Returns:
        The quantity, its value None if the statement leaves it open; None if there is no quantity at all.
    """
    found = list(_quantities(plain, percent=percent))[:_MOST]
    if not found:
        return None
    if len(found) > 1 and all(_LISTED.fullmatch(plain, one.end, other.start) for one, other in pairwise(found)):
        outside = plain[: found[0].start] + plain[found[-1].end :]
        if not re.search(r"\w", outside) and len({one.value for one in found}) > 1:
            return _open(found)
    if _NAMED.match(plain):
        return _open(found)
    if (words := leading_words(plain[: found[0].start], percent=percent)) is not None:
        found = [Quantity(0, words[1], words[0]), *found]
    return _of_clause(plain, found, asked)


def without_asides(text: str) -> str:
    """`text` without what stands in brackets behind a space, if a number is left."""
    outside = _ASIDE.sub(" ", text)
    return outside if re.search(r"\d", outside) or in_words(outside) is not None else text


def worked_out(plain: str, place: int) -> Quantity | None:
    """What the run of signs around a place comes to, None if nothing is to be worked out there."""
    for run in _SIGNS.finditer(plain, max(0, place - _LONGEST_RUN)):
        if run.end() > place:
            return _whole(plain, run) if run.start() <= place and _WORKED.search(run[0]) else None
    return None


def _open(found: Sequence[Quantity]) -> Quantity:
    """No value, where those of `found` stand."""
    return Quantity(found[0].start, found[-1].end, None)


def _of_clause(plain: str, found: list[Quantity], asked: str) -> Quantity | None:
    """The quantity of the clause that counts."""
    if not _ASKS_BOUND.search(asked):
        exact = [one for one in found if not _is_bound(plain, one)]
        if not exact:
            return _open(found)._replace(percent=found[0].percent)
        found = exact
    if condition := _CONDITION.match(plain):
        found = [one for one in found if one.start >= condition.end()] or found
    if len(found) > 1 and _is_setting(plain[: found[0].start]) and not _JOINT.fullmatch(plain, found[0].end, found[1].start):
        found = found[1:]
    end = _clause_end(plain, found[0])
    clause = [one for one in found if one.start < end]
    if equals := [one for one in clause if one.start > plain.rfind("=", 0, end)]:
        clause = equals
    if (whole := in_one_unit(plain[clause[0].start :], asked)) is not None:
        return Quantity(clause[0].start, max(end, clause[0].end), whole[0])
    return _last_said(plain, [*clause, *found[found.index(clause[-1]) + 1 :][:1]], len(clause), asked)


def _is_bound(plain: str, one: Quantity) -> bool:
    """Whether a quantity is only said to be a bound of the value."""
    return _BOUND.search(plain, max(0, one.start - _FAR), one.start) is not None


def _last_said(plain: str, found: list[Quantity], count: int, asked: str) -> Quantity:
    """The last of `count` quantities that is not tied to the one before; a choice or a pair of two is left open."""
    said = found[0]
    for place, (before, one) in enumerate(pairwise(found), 1):
        gap = plain[before.end : one.start]
        joined = _joined(plain, before, one, asked) if before.end == said.end else None
        if joined is not None:
            said = joined
        elif place < count and not (_QUALIFIES.fullmatch(gap) and not _VERB.search(_INFINITIVE.sub("", gap))):
            said = one
    return said


def _joined(plain: str, one: Quantity, other: Quantity, asked: str) -> Quantity | None:
    """What two neighbours come to: one in so many, or a choice, a range or a pair that is left open; None if two things."""
    gap, tail = plain[one.end : other.start], plain[other.end :]
    if _SAME.fullmatch(gap) or (one.value is not None and one.value == other.value):
        return one._replace(end=other.end)
    if one.value is not None and other.value and _ODDS.fullmatch(gap):
        bare = one.value < other.value and not re.search(r"\w", plain[: one.start] + tail)
        if _OF_ODDS.search(asked + tail) or ("in" in gap and (one.value == 1 or bare)):
            return Quantity(one.start, other.end, one.value / other.value)
    if not (joint := _JOINT.fullmatch(gap)):
        return None
    unit, behind = (joint["unit"] or "").strip(), _UNIT.match(tail)
    other_unit = behind[1] if behind else ""
    if joint["word"] in {"to", "through"} and unit not in {"", other_unit}:
        return None
    said_again = joint["word"] == "or" and unit and other_unit and other_unit != unit
    return one if said_again else _open([one, other])


def _is_setting(head: str) -> bool:
    """Whether a quantity behind these opening words is said only in passing ("In 5 years he will be 30")."""
    return _LABEL.search(head) is not None or (_SETTING.fullmatch(head) is not None and _VERB.search(head) is None)


def _clause_end(plain: str, first: Quantity) -> int:
    ends = [match.start() for match in (_CLAUSE_END.search(plain, first.end),) if match]
    if _ADVERBS.fullmatch(plain, 0, first.start) and (sentence := _SENTENCE_END.search(plain, first.end)):
        ends.append(sentence.start())
    return min(ends, default=len(plain))


def _quantities(plain: str, *, percent: bool) -> Iterator[Quantity]:
    """The quantities of a text: numerals, and runs of signs that leave something to be worked out."""
    numerals = list(NUMERAL.finditer(plain))[::-1]
    for run in _SIGNS.finditer(plain):
        inside = list[re.Match[str]]()
        while numerals and numerals[-1].start() < run.end():
            inside.append(numerals.pop())
        if not inside:
            continue
        worked = _WORKED.search(run[0]) is not None
        if worked or len(inside) > 1:
            whole = _whole(plain, run)
            if worked or whole is not None:
                yield whole or Quantity(run.start(), run.end(), None)
                continue
        for numeral in inside:
            if (value := value_of(numeral, percent=percent)) is not None:
                yield Quantity(numeral.start(), numeral.end(), value, bool(numeral["percent"]))


def _whole(plain: str, run: re.Match[str]) -> Quantity | None:
    """The quantity that a run of signs is as a whole; None if it is no expression."""
    try:
        return Quantity(run.start(), run.end(), None if _SYMBOL.match(plain, run.end()) else _computed(run[0]))
    except NotReadable:
        return None


def _computed(run: str) -> Fraction | None:
    """The value of a run of signs; None for a range, and for what is no rational number.

    Raises:
        NotReadable: it is no expression.
    """
    run = _ROOT.sub(r"\\sqrt{\1}", _NOT_COMPUTED.sub("", run)).replace("√", "\\sqrt").replace("π", "\\pi ")
    value = parse(run.strip().rstrip("(-+*/^{ ").lstrip(")}*/ ")).constant
    if value is not None and (difference := _DIFFERENCE.fullmatch(run)) and (value < 0 or not all(difference.groups())):
        return None
    return value
