"""Multiple choice: the answer is the letter of one option, however it is written.

`(B)`, `B.`, `B) Paris`, `option B` and the text of option B are the same. A statement that names two letters
("both A and B"), a letter with the text of another option, "not A" or "none of the above" (where that is no option) chooses
nothing. In a reply without a statement a first or last line that is wholly an option counts, else the last line that names one
letter; a reply that breaks off in the middle of a sentence names none.
"""

from __future__ import annotations

import re
import string

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, folded
from contemplate.answers.text import normal_form
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

MIN_CHOICES = 2
MAX_CHOICES = len(string.ascii_uppercase)

_ROUND_AN_OPTION = 100
"""So many characters of letters, marks and markup a line has at most besides the option that it consists of."""

_WHOLE = regex(r"\W{0,4}([A-Za-z])\W{0,4}")
_LED = regex(r"[(\[]?([A-Za-z])(?:[)\]]|[.:](?=\s|$)|\s-\s|\)?:)\s*(.*)", re.S)
_LETTER = regex(
    r"""(?x)
      [(\[] (?P<bracketed>[A-Za-z]) [)\]]
    | \b (?:option|choice|answer|letter|Option|Choice|Answer|Letter) [ ] [(*"']{0,3} (?P<named>[A-Za-z]) \b (?!')
    | (?<![\w'’(\[/.-]) (?P<lone>[A-Z]) (?![\w'’/-]) (?!\.\w)
    """
)
_TAIL = regex(r"\b(?:because|since|not|rather than|instead of|as)\b", re.I)
_STATED_TAIL = regex(_TAIL.pattern + r"|\b(?:while|whereas|although|though|than|which|where|whose)\b", re.I)
_NEXT_SENTENCE = regex(r"\.\s+(?=[A-Z][\w'’]*\s+\w)|\n")
_NEGATED = regex(
    r"(?:\b(?:not|never|neither|nor|except)|n['’]t)\s+(?:be\s+)?(?:(?:option|choice|answer|letter)\s+)?[(\[*_\"']{0,3}\Z", re.I
)
_NO_OPTION = regex(
    r"(?:it is |its |there is )?(none of|all of|neither of|both of|no (?:correct |right |valid )?(?:option|choice|answer))\b"
)

_NAMES = regex(r"(?:option|choice|answer)\s+[(\[]?([A-Za-z])[)\]]?", re.I)
_HEAD = regex(r"[.;,\n]|\s(?:because|since|as|while|which)\b")
_DANGLING = regex(
    r"(?:\b(?:[Tt]he|an|[Ss]o|of|and|or|to|that|because|since|is|are|was|with|by|for|in|on|at|as|but|if|than|then|which|from|not"
    r"|[Tt]herefore|[Tt]hus|[Hh]ence)|[,;(\[–—])\s*\Z"
)
_VERB = regex(r"[ ](?:is|are|was|and|or|because|since|as|seems|looks|would|must|has)\b|[ ]?(?:[^\w\s]|$)|\n")


class ChoiceKind:
    """One option of several."""

    name: AnswerKind = "choice"
    span: Span = "line"

    def form(self, question: Question) -> str:
        """The final line that a prompt asks for: one of the letters of the question's options."""
        letters = _letters(question)
        return f"Answer: <letter>, where <letter> is one of {', '.join(letters)}"

    def read(self, text: str, question: Question) -> Reading | None:
        """The one option that a statement names, by letter or by text."""
        text = bare(text)
        letters, by_text = _letters(question), _options(question)
        if (whole := _WHOLE.fullmatch(text)) and whole[1].upper() in letters:
            return _chosen(whole[1])
        if letter := by_text.get(normal_form(text)):
            return Reading(text, letter)
        if (led := _LED.match(text)) and led[1].upper() in letters and (meant := _meant(led[2], by_text)):
            return Reading(text, meant) if meant == led[1].upper() else NOTHING
        if abstains(text):
            return NOTHING
        if no_option := _NO_OPTION.match(folded(text[:100])):
            return _alike(text, no_option[1], by_text)
        return self._in_words(text, question)

    def _in_words(self, text: str, question: Question) -> Reading | None:
        """The one option that a sentence names."""
        letters = _letters(question)
        named, negated = _named(_clause(_first_sentence(text, letters), _STATED_TAIL), letters)
        if named or negated:
            return _chosen(named.pop()) if len(named) == 1 else NOTHING
        return self._by_text(text, question)

    def last(self, text: str, question: Question) -> Reading | None:
        """A line that is wholly an option; else the last one that names a letter; else the only text of one in the last line."""
        letters = _letters(question)
        lines = [line for line in text.split("\n") if line.strip()]
        if not lines:
            return None
        if wholly := self._wholly(lines, question):
            return _chosen(wholly) if wholly in letters else None
        if self._breaks_off(lines[-1], question):
            return None
        for line in reversed(lines):
            if named := _named(_clause(line), letters)[0]:
                return _chosen(named.pop()) if len(named) == 1 else None
        return self._by_text(lines[-1], question)

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: they name one option."""
        return "same option"

    def typed(self, value: str) -> str:
        """The letter."""
        return value

    def _wholly(self, lines: list[str], question: Question) -> str | None:
        """The option that is the whole of the last line, or else of the first; "?" where such lines make a list."""
        forms = [_option(line, question) for line in (*lines[:2], *lines[-2:])]
        for one, neighbour in ((forms[-1], forms[-2]), (forms[0], forms[1] if len(lines) > 1 else None)):
            if one:
                return "?" if len(lines) > 1 and neighbour and neighbour != one else one
        return None

    def _breaks_off(self, line: str, question: Question) -> bool:
        """Whether a last line ends in the middle of a sentence, and names no option in it."""
        begun = re.split(r"[.!?]\s+", line.strip())[-1]
        if _DANGLING.search(begun):
            return True
        if " " not in begun or not begun[-1].isalnum():
            return False
        return not _named(begun, _letters(question))[0] and self._by_text(begun, question) is None

    def _by_text(self, text: str, question: Question) -> Reading | None:
        """The only option whose text stands in `text` as whole words, and not inside of another option's."""
        words = f" {normal_form(text)} "
        found = {form: letter for form, letter in _options(question).items() if f" {form} " in words}
        longest = [form for form in found if not any(form != other and f" {form} " in f" {other} " for other in found)]
        return Reading(question.choices[ord(found[longest[0]]) - ord("A")], found[longest[0]]) if len(longest) == 1 else None


def _letters(question: Question) -> str:
    return string.ascii_uppercase[: len(question.choices)]


def _options(question: Question) -> dict[str, str]:
    """The letter of each option by its normal form; forms that two options share are left out."""
    forms = [normal_form(choice) for choice in question.choices]
    return {form: letter for form, letter in zip(forms, _letters(question), strict=False) if form and forms.count(form) == 1}


def _option(line: str, question: Question) -> str | None:
    """The letter of the option that a line consists of."""
    if len(line) > _ROUND_AN_OPTION + max(map(len, question.choices)):
        return None
    line = bare(line)
    letters, by_text = _letters(question), _options(question)
    for form in (_WHOLE, _NAMES):
        if (found := form.fullmatch(line)) and found[1].upper() in letters:
            return found[1].upper()
    led = _LED.match(line)
    letter = by_text.get(normal_form(bare(led[2]))) if led else by_text.get(normal_form(line))
    return letter if led is None or letter == led[1].upper() else None


def _alike(text: str, opening: str, by_text: dict[str, str]) -> Reading:
    """The option "None of these" for "none of the above", where there is one such option."""
    alike = [letter for form, letter in by_text.items() if form.startswith(opening)]
    return Reading(text, alike[0]) if len(alike) == 1 else NOTHING


def _meant(text: str, by_text: dict[str, str]) -> str | None:
    """The option whose text is the whole of `text`, or the head of it."""
    return by_text.get(normal_form(bare(text))) or by_text.get(normal_form(bare(_HEAD.split(text, maxsplit=1)[0])))


def _chosen(letter: str) -> Reading:
    return Reading(letter.upper(), letter.upper())


def _first_sentence(text: str, letters: str) -> str:
    """`text` up to the end of the sentence that names the first letter."""
    for stop in _NEXT_SENTENCE.finditer(text):
        if _named(text[: stop.start()], letters)[0]:
            return text[: stop.start()]
    return text


def _clause(text: str, tail: re.Pattern[str] = _TAIL) -> str:
    """`text` up to the words that begin a reason, behind the first letter named."""
    first = _LETTER.search(text)
    reason = tail.search(text, first.end()) if first else None
    return text[: reason.start()] if reason else text


def _named(text: str, letters: str) -> tuple[set[str], set[str]]:
    """The letters that `text` names, and those it says not to be it. A lone "A" or "I" before a word is no letter."""
    named, negated = set[str](), set[str]()
    for match in _LETTER.finditer(text):
        letter = match["bracketed"] or match["named"] or match["lone"]
        if match["lone"] in {"A", "I"} and not _VERB.match(text, match.end()):
            continue
        if match["named"] and letter == "a":
            continue
        if letter.upper() in letters:
            before = text[max(0, match.start() - 40) : match.start()]
            (negated if _NEGATED.search(before) else named).add(letter.upper())
    return named, negated - named
