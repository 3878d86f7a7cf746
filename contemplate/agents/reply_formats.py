"""Forms: what a reply must hold, and how it is asked for and read.

Where the endpoint can see to it, a reply is asked for as a JSON object that satisfies a schema; elsewhere in a tagged
text form, a last line such as `Verdict: sound`. Either way one function of this module reads it. Reading is total.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contemplate import answers
from contemplate.agents import parsing
from contemplate.agents.parsing import HIGHEST_GRADE, read_grades
from contemplate.agents.prompts import LETTERS
from contemplate.types import Answer, Json, Question

DIGEST_WORDS = 60
"""How long the digest of a reply may be, in words."""

_LAST_GRADES = re.compile(r"\[\[[^\[\]\n]{1,200}\]\](?![\s\S]*\[\[)")
_WORK = {"type": "string", "description": "your work, step by step"}


@dataclass(frozen=True)
class Parsed:
    """What was read from a reply.

    Attributes:
        answer: a position on the question.
        confidence: how sure it says that it is, in [0, 1].
        verdict: what a critic found.
        chose: the id of the turn that was chosen.
        found: anything else, by name; JSON values.
    """

    answer: Answer | None = None
    confidence: float | None = None
    verdict: Literal["sound", "flawed", "unclear"] | None = None
    chose: str | None = None
    found: Json = field(default_factory=dict)


Read = Callable[[str], Parsed | None]


@dataclass(frozen=True)
class ReplyFormat:
    """What a reply must hold.

    Attributes:
        tagged: the sentence that asks for it as text; it stands for `{answer_form}` and `{reply_form}` in a card.
        read: reads the tagged form; None if what was asked for is not in the text.
        fields: the properties of the JSON object that is asked for instead, where the endpoint can; empty for a form that
            is text everywhere.
        take: reads such an object; None if it does not hold what it must.
    """

    tagged: str
    read: Read
    fields: Json = field(default_factory=dict)
    from_object: Callable[[Json], Parsed | None] | None = None

    @property
    def schema(self) -> Json | None:
        """The JSON Schema of the object, or None."""
        if not self.fields:
            return None
        required = list(self.fields)
        return {"type": "object", "properties": self.fields, "required": required, "additionalProperties": False}

    @property
    def structured(self) -> str:
        """The sentence that asks for the JSON object."""
        holes = ", ".join(f'"{name}": <{_hole(rule)}>' for name, rule in self.fields.items())
        return f"Reply with one JSON object of this form, and nothing else: {{{holes}}}"

    def reading(self, text: str) -> Parsed | None:
        """What `text` holds, in either form; None if it can't be read."""
        if (
            self.from_object is not None
            and (found := parsing.read_object(text)) is not None
            and (said := self.from_object(found)) is not None
        ):
            return said
        return self.read(text)


def _hole(rule: Json) -> str:
    if "enum" in rule:
        return " or ".join(f'"{word}"' for word in rule["enum"])
    return str(rule.get("description", rule.get("type", "value")))


def answer(question: Question) -> ReplyFormat:
    """An answer to the question, in its kind's final line."""

    def read(text: str) -> Parsed | None:
        found = answers.read(text, question)
        return None if found is None else Parsed(answer=found)

    return ReplyFormat(answers.answer_form(question), read)


def confident_answer(question: Question) -> ReplyFormat:
    """An answer, and how sure its author is; a reply without a confidence has 0."""

    def read(text: str) -> Parsed | None:
        found = answers.read(text, question)
        return None if found is None else Parsed(answer=found, confidence=parsing.read_confidence(text) or 0.0)

    told = 'Before your answer write one line "Confidence: <0 to 100> %": how likely it is that your answer is right.'
    return ReplyFormat(f"{told}\n{answers.answer_form(question)}", read)


def verdict(*, good: str = "sound", bad: str = "flawed", digest: bool = False) -> ReplyFormat:
    """Whether a reply holds, perhaps with a digest of it.

    Args:
        good, bad: the words for it.
        digest: ask for the decisive steps of the reply in a few words, found as "digest".
    """
    short = f"the decisive steps of the reply you checked, at most {DIGEST_WORDS} words, without judging them"
    fields: Json = {"check": {**_WORK, "description": "your check, step by step; quote the first wrong step if there is one"}}
    if digest:
        fields["summary"] = {"type": "string", "description": short}
    fields["verdict"] = {"type": "string", "enum": [good, bad]}

    def said(concluded: parsing.Verdict | None, **found: str | None) -> Parsed | None:
        return (
            None if concluded is None else Parsed(verdict=concluded, found={name: text for name, text in found.items() if text})
        )

    def read(text: str) -> Parsed | None:
        return said(
            parsing.read_verdict(text, good=good, bad=bad), digest=clipped(parsing.read_summary(text)) if digest else None
        )

    def from_object(row: Json) -> Parsed | None:
        concluded = parsing.read_verdict(f"Verdict: {row.get('verdict')}", good=good, bad=bad)
        return said(concluded, digest=clipped(row.get("summary")), words=f"{row.get('check')}\nVerdict: {row.get('verdict')}")

    tagged = f'End with one line: "Verdict: {good}" or "Verdict: {bad}".'
    if digest:
        tagged = f'Then write one line "Summary: " and {short}.\n{tagged}'
    return ReplyFormat(tagged, read, fields, from_object)


def clipped(text: object) -> str | None:
    """At most twice `DIGEST_WORDS` words of `text`, on one line; None if it is no text."""
    if not isinstance(text, str) or not text.strip():
        return None
    words = text.split()
    return " ".join(words[: 2 * DIGEST_WORDS])[:1000] + (" ..." if len(words) > 2 * DIGEST_WORDS else "")


def choice(ids: Sequence[str], *, tie: bool = False) -> ReplyFormat:
    """One of several lettered replies, by the ids of their turns; with `tie` none of them is a choice too."""
    letters = [*LETTERS[: len(ids)], *(["tie"] if tie else [])]

    def said(place: int | None, *, tied: bool) -> Parsed | None:
        if place is not None:
            return Parsed(chose=ids[place])
        return Parsed(found={"tie": True}) if tie and tied else None

    def read(text: str) -> Parsed | None:
        return said(parsing.read_choice(text, len(ids)), tied="choice: tie" in text[-200:].casefold())

    def from_object(row: Json) -> Parsed | None:
        return read(f"Choice: {row.get('choice')}")

    words = "the letter of that reply" + (', or "tie"' if tie else "")
    return ReplyFormat(
        f'End with one line: "Choice: " and {words}.',
        read,
        {"work": _WORK, "choice": {"type": "string", "enum": letters}},
        from_object,
    )


def score(low: float, high: float, *, name: str = "score") -> ReplyFormat:
    """A number in [low, high], found as "score"."""
    rule = {"type": "number", "minimum": low, "maximum": high, "description": f"{low:g} to {high:g}"}

    def said(number: float | None) -> Parsed | None:
        return None if number is None else Parsed(found={"score": number})

    def from_object(row: Json) -> Parsed | None:
        return said(parsing.read_score(f"Score: {row.get(name)}", low, high))

    tagged = f'End with one line: "{name.capitalize()}: " and a number from {low:g} to {high:g}.'
    return ReplyFormat(tagged, lambda text: said(parsing.read_score(text, low, high)), {"work": _WORK, name: rule}, from_object)


def sure(*, alone: bool = False) -> ReplyFormat:
    """Whether one is sure, yes or no: found as "score", 1 or 0.

    Args:
        alone: one word and nothing else, so that the likelihood of the first token says how sure; any reply will do then.
    """

    def said(yes: bool | None) -> Parsed | None:  # noqa: FBT001 - the one thing it takes
        return None if yes is None else Parsed(found={"score": float(yes)})

    told = 'Reply with one word and nothing else: "yes" or "no".'
    if alone:
        return ReplyFormat(told, lambda text: said(parsing.read_yes_no(text)) or Parsed())
    fields: Json = {"answer": {"type": "string", "enum": ["yes", "no"]}}
    return ReplyFormat(
        told, lambda text: said(parsing.read_yes_no(text)), fields, lambda row: said(parsing.read_yes_no(str(row.get("answer"))))
    )


def pick(ids: Sequence[str]) -> ReplyFormat:
    """One of several numbered replies, by the ids of their turns; the first one if the number can't be read.

    The order in which they were shown is found as "order", and whether the number could not be read as "unread".
    """

    def read(text: str) -> Parsed:
        place = parsing.read_pick(text, len(ids))
        unread = {"unread": True} if place is None else {}
        return Parsed(chose=ids[place or 0], found={"order": list(ids), **unread})

    return ReplyFormat('End with one line: "Choice: " and the number of that reply.', read)


BallotFormat = Literal["choice", "ranking", "approval", "points"]
TOTAL_POINTS = 10


def ballot(ids: Sequence[str], form: BallotFormat) -> ReplyFormat:
    """A ballot over lettered replies, found by the ids of their turns.

    `choice` is read as such; "ranking" is a list of ids, best first; "approved" a list of ids; "points" maps ids to points
    that sum to 10.
    """
    if form == "choice":
        return choice(ids)
    some = {"type": "string", "enum": list(LETTERS[: len(ids)])}
    if form == "points":

        def read_points(text: str) -> Parsed | None:
            found = parsing.read_points(text, len(ids), TOTAL_POINTS)
            return None if found is None else Parsed(found={"points": {ids[place]: points for place, points in found.items()}})

        def points_from_object(row: Json) -> Parsed | None:
            given = row.get("points")
            text = ", ".join(f"{letter} {points}" for letter, points in given.items()) if isinstance(given, dict) else ""
            return read_points(f"Points: {text}")

        rule = {
            "type": "object",
            "description": f"points for each letter, {TOTAL_POINTS} in all",
            "properties": {letter: {"type": "integer", "minimum": 0, "maximum": TOTAL_POINTS} for letter in some["enum"]},
            "required": some["enum"],
            "additionalProperties": False,
        }
        tagged = f'End with one line: "Points: " and exactly {TOTAL_POINTS} points shared among the letters, as in "A 7, B 3".'
        return ReplyFormat(tagged, read_points, {"work": _WORK, "points": rule}, points_from_object)

    name, marker = ("ranking", "Final ranking") if form == "ranking" else ("approved", "Approved")
    reading = parsing.read_ranking if form == "ranking" else parsing.read_approval

    def read_list(text: str) -> Parsed | None:
        found = reading(text, len(ids))
        return None if found is None else Parsed(found={name: [ids[place] for place in found]})

    def list_from_object(row: Json) -> Parsed | None:
        given = row.get(name)
        if not isinstance(given, list):
            return None
        return read_list(f"{marker}: {', '.join(map(str, given)) or 'none'}")

    words = "all letters, best first" if form == "ranking" else 'the letters of all replies that you approve of, or "none"'
    return ReplyFormat(
        f'End with one line: "{marker}: " and {words}.',
        read_list,
        {"work": _WORK, name: {"type": "array", "items": some, "description": words}},
        list_from_object,
    )


LIKELIHOODS = {"sure": 20.0, "likely": 1.0, "impossible": 0.001}
"""What a state of a search is worth for each word that is said of it (arXiv:2305.10601)."""


def likelihood() -> ReplyFormat:
    """How likely something leads to the right answer, in one of three words; what that is worth is found as "value"."""

    def read(text: str) -> Parsed | None:
        last = f"value: {text.strip().rpartition(chr(10))[2]}"
        word = parsing.read_word(text, "value", list(LIKELIHOODS)) or parsing.read_word(last, "value", list(LIKELIHOODS))
        return None if word is None else Parsed(found={"word": word, "value": LIKELIHOODS[word]})

    words = " or ".join(f'"Value: {word}"' for word in LIKELIHOODS)
    fields: Json = {"work": _WORK, "value": {"type": "string", "enum": list(LIKELIHOODS)}}
    return ReplyFormat(f"End with one line: {words}.", read, fields, lambda row: read(f"Value: {row.get('value')}"))


def items(what: str) -> ReplyFormat:
    """A list of texts, found as "items"."""

    def read(text: str) -> Parsed | None:
        found = parsing.read_items(text)
        return None if found is None else Parsed(found={"items": found})

    def from_object(row: Json) -> Parsed | None:
        given = row.get("items")
        texts = [text.strip() for text in given if isinstance(text, str) and text.strip()] if isinstance(given, list) else []
        return Parsed(found={"items": texts[:100]}) if texts else None

    rule = {"type": "array", "items": {"type": "string"}, "description": what}
    return ReplyFormat(f"Write {what} as a numbered list, one on each line.", read, {"items": rule}, from_object)


def anything() -> ReplyFormat:
    """Any reply that is not empty; its text is what was asked for."""
    return ReplyFormat("", lambda _: Parsed())


def ruling(question: Question, sides: Sequence[str]) -> ReplyFormat:
    """Which of several sides is right and what the answer is then, found as "side"; or none of them yet, and no answer."""
    words = [*sides, "none"]

    def said(side: str | None, text: str, **found: str) -> Parsed | None:
        if side is None:
            return None
        answer = None if side == "none" else answers.read(text, question)
        return Parsed(answer=answer, found={"side": side, **found}) if answer or side == "none" else None

    def read(text: str) -> Parsed | None:
        return said(parsing.read_word(text, "side", words), text)

    def from_object(row: Json) -> Parsed | None:
        side, answer = parsing.read_word(f"side: {row.get('side')}", "side", words), row.get("answer")
        if isinstance(answer, str) and not answer.strip():
            side = "none" if side else None
        return said(side, f"Answer: {answer}", words=f"{row.get('reason')}\nSide: {side}\nAnswer: {answer}")

    offered = " or ".join(f'"Side: {word}"' for word in words)
    tagged = f"Write one line: {offered}. With none, give no answer. Otherwise: {answers.answer_form(question)}"
    fields: Json = {
        "reason": {"type": "string", "description": "why"},
        "side": {"type": "string", "enum": words},
        "answer": {"type": "string", "description": "the answer; empty with none"},
    }
    return ReplyFormat(tagged, read, fields, from_object)


def graded_answer(question: Question, ids: Sequence[str]) -> ReplyFormat:
    """An answer, and a grade from 1 to 5 for each reply that was read, found as "grades" by the ids of their turns.

    Without as many grades as replies there are none; that is no failure.
    """

    def read(text: str) -> Parsed | None:
        grades = read_grades(text, len(ids))
        found = answers.read(_LAST_GRADES.sub(" ", text), question)
        return None if found is None else Parsed(answer=found, found={"grades": dict(zip(ids, grades, strict=False))})

    form = answers.answer_form(question).replace("End your reply with", "Then write", 1)
    example = ", ".join(str(number % HIGHEST_GRADE + 1) for number in range(len(ids)))
    told = (
        f"End with one line of {len(ids)} grades from 1 to {HIGHEST_GRADE}, one for each reply in its order, like [[{example}]]."
    )
    return ReplyFormat(f"{form}\n{told}", read)


def stance(question: Question) -> ReplyFormat:
    """An answer, and whether its author agrees with the solution on the table, found as "agrees" if that is said."""

    def read(text: str) -> Parsed | None:
        found, stated = answers.read(text, question), parsing.read_word(text, "stance", ("agree", "disagree"))
        return None if found is None else Parsed(answer=found, found={} if stated is None else {"agrees": stated == "agree"})

    told = (
        'Before your answer write one line "Stance: agree" or "Stance: disagree": whether you accept the solution on the table.'
    )
    return ReplyFormat(f"{told}\n{answers.answer_form(question)}", read)


def pair_scores(low: float, high: float, pair: tuple[Answer, Answer]) -> ReplyFormat:
    """A score for each of two texts, A and B, found as "scores"; the answer is the one of `pair` that scores more, if any."""
    rule = {"type": "number", "minimum": low, "maximum": high, "description": f"{low:g} to {high:g}"}

    def said(scores: tuple[float, float] | None, **found: str) -> Parsed | None:
        if scores is None:
            return None
        better = None if scores[0] == scores[1] else pair[scores[1] > scores[0]]
        return Parsed(answer=better, found={"scores": list(scores), **found})

    def read(text: str) -> Parsed | None:
        return said(parsing.read_pair_scores(text, low, high))

    def from_object(row: Json) -> Parsed | None:
        lines = f"Score A: {row.get('score_a')}\nScore B: {row.get('score_b')}"
        return said(parsing.read_pair_scores(lines, low, high), words=f"{row.get('work')}\n{lines}")

    tagged = f'End with two lines: "Score A: " and "Score B: ", each with a number from {low:g} to {high:g}.'
    return ReplyFormat(tagged, read, {"work": _WORK, "score_a": rule, "score_b": rule}, from_object)
