"""The list of claims with which a seat ends its reply.

A line "Claims:", in a dozen languages and whatever markup, and below it numbered, dashed or bare lines; the last such list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contemplate.claims.words import words_of
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.text.thinking import without_thinking

MOST_PER_SEAT = 12
"""The most claims that one seat brings."""
LONGEST = 400
"""The longest claim, in characters; of a longer one the beginning stands."""

_LOOKED_AT = 200_000
_LINES = 600
"""How many lines of a list are read; a seat may write more of them than anybody wants."""

_WORD = (
    "claims?|behauptungen|aussagen|kernaussagen|thesen|affirmations|allégations|afirmaciones|afirmações|alegações|affermazioni"
    "|beweringen|stellingen|twierdzenia|tezy|påståenden|påstande|påstander|iddialar|утверждения|тезисы|твердження"
    "|主张|主張|论点|論點|论断|声明|주장"
)
_BEFORE = (
    "(?:(?:the|my|our|here|are|is|key|main|numbered|list|of|core|final|central|supporting|summary|meine|die|wichtigste|mes|les"
    "|mis|las|le|mie|minhas|as|мои)[ ]){0,6}"
)
_HEADING = regex(
    rf"[\s#>*_~=|-]{{0,12}}(?:\d{{1,2}}[.)]\s{{0,3}})?[*_]{{0,3}}{_BEFORE}(?:{_WORD})"
    r"(?P<more>\s(?!\d)[\w ,'’-]{1,60})?[*_\s]{0,4}"
    rf"(?:(?P<colon>[:：])[*_\s]{{0,4}}(?P<rest>\S.*)?)?[*_\s=-]{{0,20}}",
    re.IGNORECASE,
)
_MARK = regex(
    r"""(?xi) (?P<indent>[ \t>]{0,16}) [*_]{0,3}
      (?: (?:claim|c|behauptung|aussage|these|affirmation|afirmaci[oó]n|тезис)\s?\#?\d{1,3}\s?[.):：*_-]{1,4}
        | [(\[]?\d{1,3}[.)\]:、．]{1,2} | [-*•–—‣▪◦·+](?=\s) | [①-⑳] | [a-z]\)(?=\s) )
      \s{0,6} """
)
_INLINE = regex(r"(?:(?<=\s)|\A)[(\[]?(\d{1,2})[.)\]]\s+")
_NOT_A_LIST = regex(r"\s{0,3}(?:#{1,6}\s|```|~~~|-{3,}\s*\Z|={3,}\s*\Z|\*\*[^*]{1,80}\*\*:?\s*\Z)")
_NO_CLAIM = regex(r"[\W_]*(?:(?:none|n/?a|no claims?|claim|your claim|text)[\W_]*)?", re.IGNORECASE)
_STRONG = regex(r"(?<![\d)])\*\*|\*\*(?![\d(])|(?<!\w)__|__(?!\w)")
_DEEPER = 2


@dataclass(frozen=True)
class Listed:
    """What was read from a reply that ends with its claims.

    Attributes:
        claims: each once, at most `MOST_PER_SEAT`.
        prose: the reply without the list.
        cut: how many further claims were left out.
    """

    claims: tuple[str, ...]
    prose: str
    cut: int = 0


def listed(reply: str) -> Listed | None:
    """The claims that a reply lists itself; None where it has no such list.

    Args:
        reply: any text; of a long one the end is looked at.
    """
    text = without_thinking(reply[-_LOOKED_AT:].replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.split("\n")
    for number in range(len(lines) - 1, -1, -1):
        heading = _heading(lines[number])
        if heading is None:
            continue
        below = lines[number + 1 :]
        rest = heading["rest"]
        found, used = _items([*([rest] if rest else []), *below])
        used -= 1 if rest else 0
        if found:
            prose = "\n".join([*lines[:number], *below[max(used, 0) :]]).strip()
            return kept(found, prose)
    return None


def kept(texts: Sequence[str], prose: str = "") -> Listed:
    """At most `MOST_PER_SEAT` of `texts` as the claims of one seat, each on one line and once."""
    once: dict[str, str] = {}
    for text in texts:
        claim = as_claim(text)
        if claim and not _NO_CLAIM.fullmatch(claim):
            once.setdefault(words_of(claim).form, claim)
    claims = tuple(once.values())
    return Listed(claims[:MOST_PER_SEAT], prose, max(len(claims) - MOST_PER_SEAT, 0))


def as_claim(text: str) -> str:
    """`text` as a claim is shown: on one line, printable, without emphasis and quotes around all of it."""
    claim = one_line(_STRONG.sub("", text), LONGEST).strip()
    for mark in ("*", "_", '"', "“", "`"):
        end = "”" if mark == "“" else mark
        inside = claim[len(mark) : len(claim) - len(end)]
        if len(claim) > 2 * len(mark) and claim.startswith(mark) and claim.endswith(end) and mark not in inside:
            claim = inside.strip()
    return claim


def _heading(line: str) -> re.Match[str] | None:
    """The heading of a list that `line` is: with more words than the bare ones only with a colon or markup."""
    if len(line) > LONGEST and ":" not in line[:120]:
        return None
    found = _HEADING.fullmatch(line[:4_000])
    if found is None or (found["more"] and not found["colon"] and not line.lstrip().startswith(("#", "**"))):
        return None
    return found


def _items(lines: Sequence[str]) -> tuple[list[str], int]:
    """The items of the list that `lines` begin with, and how many lines it takes."""
    items: list[str] = []
    indent, gap, marked = 0, False, False
    for number, line in enumerate(lines[:_LINES]):
        if not line.strip():
            gap = bool(items)
            continue
        mark = _MARK.match(line)
        if mark is None and (_NOT_A_LIST.match(line) or _heading(line) or (gap and marked) or (gap and not marked)):
            return items, number
        if mark is not None and (items or line[mark.end() :].strip()):
            depth = len(mark["indent"].expandtabs(4))
            if marked and depth >= indent + _DEEPER:
                items[-1] += " " + line[mark.end() :].strip()
            elif items and not marked:
                return items, number
            else:
                indent, marked = (depth, True) if not marked else (indent, True)
                items += _apart(line[mark.end() :].strip(), line, mark)
        elif marked and items:
            items[-1] += " " + line.strip()
        else:
            items += _apart(line.strip(), line, None)
        gap = False
    return items, min(len(lines), _LINES)


def _apart(text: str, line: str, mark: re.Match[str] | None) -> list[str]:
    """The items on one line: several where they are numbered on from the first one ("1. so 2. and so")."""
    whole = text if mark is None else line[len(mark["indent"]) :]
    numbered = [*_INLINE.finditer(whole)]
    runs = [int(found[1]) for found in numbered] == list(range(1, len(numbered) + 1))
    if len(numbered) < 2 or not runs or numbered[0].start() != 0:  # noqa: PLR2004 - several
        return [text]
    ends = [*(found.start() for found in numbered[1:]), len(whole)]
    return [whole[found.end() : end].strip(" ;,") for found, end in zip(numbered, ends, strict=True)]
