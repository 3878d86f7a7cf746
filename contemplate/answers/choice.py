"""Multiple choice: the answer is the letter of one option, however it is written.

`(B)`, `B.`, `B) Paris`, `option B` and the text of option B are the same. A statement that names two letters
("both A and B"), or a letter with the text of another option, chooses nothing.
"""

from __future__ import annotations

import re
import string

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare
from contemplate.answers.text import normal_form
from contemplate.types import AnswerKind, Question

MIN_CHOICES = 2
MAX_CHOICES = len(string.ascii_uppercase)

_WHOLE = re.compile(r"\W{0,4}([A-Za-z])\W{0,4}")
_LED = re.compile(r"[(\[]?([A-Za-z])(?:[)\]]|[.:](?=\s|$)|\s-\s|\)?:)\s*(.*)", re.S)
_LETTER = re.compile(
    r"""(?x)
      [(\[] (?P<bracketed>[A-Za-z]) [)\]]
    | \b (?:option|choice|answer|letter|Option|Choice|Answer|Letter) [ ] [(*"']{0,3} (?P<named>[A-Za-z]) \b (?!')
    | (?<![\w'’(\[/.-]) (?P<lone>[A-Z]) (?![\w'’/-]) (?!\.\w)
    """
)
_TAIL = re.compile(r"\b(?:because|since|not|rather than|instead of|as)\b", re.I)
_VERB = re.compile(r"[ ](?:is|are|was|and|or|because|since|as|seems|looks|would|must|has)\b|[ ]?(?:[^\w\s]|$)|\n")


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
        if (led := _LED.match(text)) and led[1].upper() in letters and (meant := by_text.get(normal_form(bare(led[2])))):
            return Reading(text, meant) if meant == led[1].upper() else NOTHING
        if abstains(text):
            return NOTHING
        if named := _named(_clause(text), letters):
            return _chosen(named.pop()) if len(named) == 1 else NOTHING
        return self._by_text(text, question)

    def last(self, text: str, question: Question) -> Reading | None:
        """The option named in the last line that names any letter; else the only option whose text stands in the last line."""
        letters = _letters(question)
        lines = [line for line in text.split("\n") if line.strip()]
        for line in reversed(lines):
            if named := _named(_clause(line), letters):
                return _chosen(named.pop()) if len(named) == 1 else None
        return self._by_text(lines[-1], question) if lines else None

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: they name one option."""
        return "same option"

    def typed(self, value: str) -> str:
        """The letter."""
        return value

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


def _chosen(letter: str) -> Reading:
    return Reading(letter.upper(), letter.upper())


def _clause(text: str) -> str:
    """`text` up to the words that begin a reason, behind the first letter named."""
    first = _LETTER.search(text)
    tail = _TAIL.search(text, first.end()) if first else None
    return text[: tail.start()] if tail else text


def _named(text: str, letters: str) -> set[str]:
    """The letters that `text` names. A lone "A" or "I" before a word is an article or a pronoun."""
    named = set()
    for match in _LETTER.finditer(text):
        letter = match["bracketed"] or match["named"] or match["lone"]
        if match["lone"] in {"A", "I"} and not _VERB.match(text, match.end()):
            continue
        if match["named"] and letter == "a":
            continue
        if letter.upper() in letters:
            named.add(letter.upper())
    return named
