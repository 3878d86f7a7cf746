"""The words of a claim: its normal form, its content words, its numbers, and whether it denies.

Two claims are equal by form only where every word, number, sign and denial is; of two with other numbers, or one denial
more, no overlap of words says that they are the same.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from contemplate.answers.numeral import numeric
from contemplate.text.patterns import regex

_EXCLAIMED = regex(r"(?<=[^\W\d])!+(?!=)")
_COMPARISONS = frozenset("<>≤≥≠±")
_EMPHASIS = regex(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_QUIET = regex(r"[.,;:\"“”„«»‘’'…。，、；：]")
"""Marks that part words and say nothing."""
_TOKEN = regex(
    r"""(?x)
      (?P<number> (?: (?<![^\s(\[=<>≤≥≠]) [-−] )? \d{1,100} (?: [.,:/]\d{1,100} )* )
    | (?P<word> [^\W\d_]{1,200} (?: ['’][^\W\d_]{1,20} ){0,3} )
    | (?P<sign> \S )
    """
)


def _each(words: str) -> list[str]:
    return words.split()


_NUMBER_WORDS = {
    word: str(number) for number, word in enumerate(_each("two three four five six seven eight nine ten eleven twelve"), 2)
}
_DENIALS = frozenset(
    _each(
        "not no never none nobody nothing neither nor cannot cant without hardly nicht kein keine keinen nie ohne pas jamais sans"
        " nunca sin non mai senza não nunca sem нет не никогда без 不 没 非"
    )
)
_CONTRACTIONS = frozenset(
    f"{verb}nt" for verb in _each("is are was were do does did have has had ca could wo would should must need might ai sha")
)
_EMPTY = frozenset(
    _each(
        "a an the of to in on at for by with from as is are was were be been being it its this that these those and or but if"
        " then than so such can could may might will would shall should must do does did has have had there their they them he"
        " she we you your our i which who what when where while also more most very any some each other into over under about"
        " between only just der die das ein eine und oder ist sind zu im mit von für auf le la les un une des et ou est sont de"
        " du en pour el los las y o es son con para il lo gli e"
    )
)
_SUFFIX = regex(r"(?:ations?|ings?|ies|ied|edly|ed|ly|es|s)\Z")
_SHORTEST = 3
_DENYING = regex(r"[不没非]")
_IDEOGRAPHS = regex(r"[぀-ヿ㐀-鿿가-힯]")


@dataclass(frozen=True)
class Words:
    """What two claims are compared by.

    Attributes:
        form: every word, number and sign in order; equal ones are equal claims.
        content: the stems of the words that say something, and the numbers.
        numbers: how often each number, and each sign of comparison, stands in it.
        denies: whether the number of its denials is odd.
    """

    form: str
    content: frozenset[str]
    numbers: frozenset[tuple[str, int]]
    denies: bool

    def opposes(self, other: Words) -> bool:
        """Whether the two can't say the same: they hold other numbers, or one denies."""
        return self.numbers != other.numbers or self.denies != other.denies

    def overlap(self, other: Words) -> Fraction:
        """The share of their content words that they have in common, in [0, 1]; 0 where one has none."""
        both = len(self.content) + len(other.content)
        return Fraction(2 * len(self.content & other.content), both) if self.content and other.content else Fraction(0)


@lru_cache(maxsize=1024)
def words_of(text: str) -> Words:
    """The words of `text`, in any language and spelling; total, in time linear in its length."""
    tokens = [*_tokens(text)]
    numbers = Counter(token for kind, token in tokens if kind == "number" or token in _COMPARISONS)
    after = [*(token for _, token in tokens[1:]), ""]
    denials = [token for (kind, token), then in zip(tokens, after, strict=False) if kind == "word" and then != "only"]
    content = {part for kind, token in tokens if kind != "sign" for part in _content(kind, token)}
    form = " ".join(token for _, token in tokens)
    return Words(form, frozenset(content), frozenset(numbers.items()), sum(map(_denied, denials)) % 2 == 1)


def _tokens(text: str) -> list[tuple[str, str]]:
    spelled = _EXCLAIMED.sub(" ", unicodedata.normalize("NFKC", _EMPHASIS.sub("", text)))
    spelled = spelled.replace("!=", " ≠ ").replace("<=", " ≤ ").replace(">=", " ≥ ")
    shouted = spelled.isupper()
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(spelled):
        kind, token = match.lastgroup or "sign", match[0]
        if kind == "word":
            folded = token if not shouted and len(token) > 1 and token.isupper() else token.casefold()
            folded = folded.replace("'", "").replace("’", "")
            if folded in _NUMBER_WORDS:
                found.append(("number", _NUMBER_WORDS[folded]))
            elif folded != "the":
                found.append((kind, folded))
        elif kind == "number":
            value = numeric(token.replace("−", "-"))
            found.append((kind, token if value is None else str(value)))
        elif not _QUIET.fullmatch(token):
            found.append((kind, token))
    return found


def _denied(word: str) -> bool:
    word = word.casefold()
    return word in _CONTRACTIONS or word in _DENIALS or _DENYING.search(word) is not None


def _content(kind: str, token: str) -> list[str]:
    if kind == "number":
        return [token]
    word = token.casefold()
    if word in _EMPTY or _denied(word):
        return []
    if _IDEOGRAPHS.search(word):
        return [word[place : place + 2] for place in range(max(len(word) - 1, 1))]
    return [stem(word)]


def stem(word: str) -> str:
    """`word` without a light English ending: "scales", "scaled" and "scaling" are "scal"; short words are left as they are."""
    ending = _SUFFIX.search(word)
    if ending is None or ending.start() < _SHORTEST or word.endswith("ss"):
        return word[:-1] if len(word) > _SHORTEST and word.endswith("e") else word
    bare = word[: ending.start()]
    if ending[0] in {"ies", "ied"}:
        return f"{bare}y"
    doubled = ending[0] in {"ed", "ing", "ings"} and len(bare) > _SHORTEST and bare[-1] == bare[-2] and bare[-1] not in "lsz"
    bare = bare[:-1] if doubled else bare
    return bare[:-1] if len(bare) > _SHORTEST and bare.endswith("e") else bare
