"""What a reply states as its answer: where each statement stands, how far it goes, and what it is worth.

The line that prompts ask for ("Answer: 42", `#### 42`, `<answer>42</answer>`, a field `"answer": "42"`) goes before sentences
("the answer is 42"), and sentences under a condition come last. What stands in quotation marks, or is said to be somebody else's,
is none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from contemplate.answers.attribution import Voice, voice
from contemplate.answers.kind import Span
from contemplate.text import printable
from contemplate.text.patterns import regex

LENGTHS = {"line": 1_000, "phrase": 1_000, "lines": 1_000, "value": 20_000}
"""How many characters a statement has at most, by how far it goes."""

Worth = Literal["line", "sentence", "condition"]
"""The line that was asked for; a sentence; a sentence with a condition or a doubt."""

_LINES = 6
"""How many lines below a label are looked at for the first one that says something."""
_TRIES = 16
"""So many statements of each worth are read, from the last one."""
_SENTENCES = 64
"""So many sentences, from the last one, are asked who says them."""

_BLANK = " \t*_`\"'$:=\\[](){}#>-"
"""Characters that say nothing on a line of their own; in the next, brackets do, as `()` and `[]` are values of some kinds."""
_BLANK_BUT_BRACKETS = " \t*_`\"'$:=\\()#>-"
_PAIR = regex(r"\(.*\)|\[.*\]|\{.*\}")
"""A line that holds a pair of brackets."""

_STATED = regex(
    r"""(?xim)
      (?P<field> ["'] (?:final[ _]?)? answer ["'] [ \t]{0,4} : \s{0,8} )
    | (?P<tag> <(?:final[_ -]?)?answer> | <\|begin_of_box\|> )
    | (?P<line>
          ^ [#>*_ \t-]{0,12} (?:final[ ]|the[ ])? answer [*_ \t:]{0,8} $                     # a heading, the answer below it
        | ^ [ \t]{0,8} \#{4} [ \t]{1,8} (?=\S)
      )
    | (?P<label>
        \b (?: answer [ ]? (?:choice|option)? | antwort | r[ée]ponse (?:[ ]finale)? | respuesta (?:[ ]final)?
             | risposta (?:[ ]finale)? | resposta (?:[ ]final)? ) [*_`" \t\u00a0]{0,8} [:：=]
        | \b ответ [*_` \t]{0,8} (?: [:：=] | [—–-] (?=[ ]) )
        | (?:答案|答え?|解答|回答|正解|정답|답변|답) [*_` \t]{0,8} [:：]
      )
    | (?P<sentence>
        \b (?: answers? | (?:final|correct|right|best)[ ](?:option|choice|answer) )
        (?: [ ] (?:to|for|of) [ ] [^\n.:?!]{1,80}? )?
        (?: [ ] (?:therefore|thus|then|still|now) )?
        [ ] (?: is | are | was | remains | stays | (?:would|must|should|will)[ ]be ) \b
        (?: [ ] (?:therefore|thus|then|still|now|indeed) \b )?
        [ \t]{0,4} [:]?
      | \b (?: antwort [ ] (?:[^\n.:?!]{1,60}?[ ])? (?:ist|lautet|betr[äa]gt) (?:[ ](?:also|daher|somit|demnach))?
             | r[ée]ponse [ ] (?:[^\n.:?!]{1,60}?[ ])? est (?:[ ]donc)?
             | respuesta [ ] (?:[^\n.:?!]{1,60}?[ ])? es (?:[ ]por[ ]tanto)?
             | risposta [ ] (?:[^\n.:?!]{1,60}?[ ])? (?:è|e['’]) (?:[ ](?:quindi|dunque))?
             | resposta [ ] (?:[^\n.:?!]{1,60}?[ ])? é (?:[ ]portanto)?
             | ответ [ ] (?: равен | это | будет | составляет ) ) (?!\w) [ \t]{0,4} [:]?
      | 答案 (?:应该|應該|应|應|就|便)? (?:是|为|為|等于|選|选) [ ]{0,2} [:：]?
      | (?:选择|選擇|选|選) (?:项|項)? (?:是|为|為)? [ ]{0,2} [:：]? [ ]{0,2} (?=[*(（]{0,3} (?-i:[A-Z]) (?![A-Za-z]))
      | (?:答え?|解答|正解) は [、，]? [ ]{0,2} [:：]?
      | (?:정답|답변|답) [은는] [ ]{0,2} [:：]?
      )
    """
)
"""How a statement begins. Its groups are its forms: a JSON-looking `field`; an opening `tag`; a `line` of its own, behind or
below which the answer comes (`####`, a heading "Answer"); a `label` ("Answer:", which opens a line or stands within one); a
`sentence` ("the answer is")."""
_TAG = regex(r"<(?:final[_ -]?)?answer>|<\|begin_of_box\|>", re.I)
_TAG_END = regex(r"</(?:final[_ -]?)?answer>|<\|end_of_box\|>", re.I)
_LINE_START = regex(
    r"""(?xi) [\s#>*_`.\d)(•-]{0,16}
    (?: (?:so|thus|hence|therefore|and|then|now|my|the|our|final|correct|short|overall|single|one|finale|endg[üu]ltige|la|die
        |mi|ma|окончательный|итоговый|最终|最終|正确|正確|최종) [,:*_]{0,3} \s{0,2} ){0,5}"""
)
"""What may stand before a label that opens its line: marks, numbering, "So, the final"."""
_ABBREVIATED = r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bvs)(?<!\b[A-Z])"
_SENTENCE_END = regex(_ABBREVIATED + r"[.!?][*_)\"']{0,4}(?=\s+[A-ZÀ-ÖØ-ÞА-Я\"(*]|\s*$)|[。！？]")
"""Where the sentence of a statement ends; not behind "Dr." or an initial."""
_POLITE = regex(r"(?:です|でした|だ|である|となります|になります|입니다|이다|이에요|예요|라고 합니다)[\s.。!！]*$")
"""Endings of Japanese and Korean sentences, which are no part of the answer."""
_PLACEHOLDER = regex(
    r"[*_`$ ]{0,4}(?:<[a-z][^<>]{0,60}>|\[(?:your|the|final|insert|a|an|number|letter|answer)\b[^\[\]]{0,60}\])|[\s.…_]*\Z", re.I
)
"""What stands in the form that was asked for where the answer should: "<number>", "[your answer]", "...", or nothing."""
_NOT_BUT = regex(
    r"""(?xis) (?:not|never)\b [^,;.!?]{1,80} [,;.]? \s+
    (?: (?:but[ ])? (?:(?:instead|rather),?[ ])? it(?:['’]s|[ ]is) (?:[ ](?:rather|instead))? | (?:instead|rather),?
      | but (?:[ ](?:rather|instead))? (?![ ](?:it|we|i|you|this|that|they|there|he|she|the)\b) )
    \s+ (.+)"""
)
"""An answer behind one that is denied: "not 5, but 6", "not 5. It is 6"; its group is the answer."""
_NOT_THERE = regex(
    r"""(?xi) not [ ] (?: listed | among | any[ ]of | one[ ]of | in[ ]the[ ](?:list|options) | available
    | (?:given|provided)[ ](?:in|among|as) | present[ ]in | an[ ]option ) \b [^,;]{0,80} \Z"""
)
"""A statement that none of the options is right: "not listed", "not among the options"."""
_REMARK = regex(
    r"""(?xi) (?: not | never | that | unclear | wrong | incorrect | (?:partially|partly|mostly|also)[ ](?:correct|right)
    | (?:correct|right|valid) (?=[ ]+(?:as|because|since|and|for|but|in|with|too)\b)
    | (?:supported|confirmed|verified|consistent|expected|based|reasonable|plausible)
      (?=[ ]+(?:by|with|to|on|because|since|as|and)\b) ) \b"""
)
"""How a sentence goes on that speaks about the answer and states none: "that he needs ...", "correct because", "supported by"."""
_VALUE = regex(r"\"((?:[^\"\\]|\\.)*)|'((?:[^'\\]|\\.)*)", re.S)
"""A value in quotation marks, of a JSON-looking field."""
_LIST = regex(r"\[[^\[\]]{0,1000}\]")
"""A list as such a value."""
_ESCAPE = regex(r"\\(?:([\\\"'/])|u([0-9a-fA-F]{4})|([nrt])(?![A-Za-z]))")
"""Escaped characters in such a value; `\\nu` and the like are LaTeX, and no line ends."""
_QUOTE = regex(
    r"""(?x) (?<![\w"]) " (?=\S) (?:[^"\\\n]|\\.){1,800} " | “[^“”\n]{1,800}” | „[^„“”"\n]{1,800}[“”"]
    | «[^«»\n]{1,800}» | 「[^「」\n]{1,800}」
    | (?<![\w'’]) ['‘] (?=\w) [^'’\n]{0,400} (?: ['’](?=\w) [^'’\n]{0,400} ){0,8} ['’] (?!\w) | (?<!`)`(?!`)[^`\n]{1,800}`"""
)
"""A passage in quotation marks of whatever kind, on one line; an apostrophe opens none."""


class Statement(NamedTuple):
    """One statement of an answer.

    Attributes:
        text: what is stated, as "42" of "So the answer is 42."
        start: where the statement begins in the reply, with its label.
        end: where it ends.
        worth: what it is worth; the best that can be read is the answer.
        tagged: it stands between tags, which may hold a whole reply.
    """

    text: str
    start: int
    end: int
    worth: Worth
    tagged: bool = False


class Quotes:
    """The passages of a reply that stand in quotation marks; a reply that is one quotation as a whole quotes nothing."""

    def __init__(self, reply: str) -> None:
        """Find them, in time linear in the reply."""
        whole = (len(reply) - len(reply.lstrip()), len(reply.rstrip()))
        found = [match.span() for match in _QUOTE.finditer(reply) if match.span() != whole]
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def __contains__(self, place: int) -> bool:
        """Whether the character at `place` is quoted."""
        return self.around(place) is not None

    def around(self, place: int) -> tuple[int, int] | None:
        """The quotation in which the character at `place` stands."""
        before = bisect_right(self._starts, place) - 1
        if before < 0 or not self._starts[before] < place < self._ends[before]:
            return None
        return self._starts[before], self._ends[before]


def statements(reply: str, span: Span = "line", quotes: Quotes | None = None) -> list[Statement]:
    """What `reply` states as its answer, the last statement first; at most 16 of each worth."""
    quotes = quotes or Quotes(reply)
    found: list[Statement] = []
    counts = Counter[str]()
    for match in reversed(list(_STATED.finditer(reply))):
        if (worth := _worth(reply, match, quotes, counts)) is None or counts[worth] >= _TRIES:
            continue
        for statement in _stated(reply, match, span, worth):
            counts[worth] += 1
            found.append(statement)
    return found


def _worth(reply: str, match: re.Match[str], quotes: Quotes, counts: Counter[str]) -> Worth | None:
    """What a statement is worth; None for one that is not the author's."""
    if match["field"]:
        return "line"
    line_start = _before(reply, match.start())
    if match["tag"]:
        closed = _TAG_END.search(reply, match.end(), match.end() + LENGTHS["value"])
        return "line" if closed or not line_start.strip() else None
    if (quotation := quotes.around(match.start())) and not _is_line(reply, match.start(), "`"):
        return _closing(reply, quotation)
    if _is_blockquote(reply, match.start()):
        return None
    own_line = match["line"] is not None or (match["label"] is not None and _LINE_START.fullmatch(line_start) is not None)
    counts["asked"] += 1
    if counts["asked"] > _SENTENCES:
        return "line" if own_line else None
    said = voice(reply, match.start(), match.end(), alone=own_line)
    worth: dict[Voice, Worth | None] = {"own": "line" if own_line else "sentence", "weak": "condition", "none": None}
    return worth[said]


def _closing(reply: str, quotation: tuple[int, int]) -> Worth | None:
    """What a quoted statement is worth: nothing, unless the quotation ends the reply, and nobody else is said to have said it."""
    start, end = quotation
    return "condition" if not reply[end:].strip(" .*_\n") and voice(reply, start, end) == "own" else None


def _before(reply: str, place: int) -> str:
    """What stands on the line before `place`."""
    return reply[max(reply.rfind("\n", 0, place) + 1, place - 200) : place]


def _is_line(reply: str, place: int, mark: str) -> bool:
    """Whether the line of `place` as a whole stands between `mark`s."""
    start, end = reply.rfind("\n", 0, place) + 1, reply.find("\n", place)
    line = reply[start : end if end >= 0 else len(reply)].strip(" *_")
    return len(line) > 1 and line.startswith(mark) and line.endswith(mark)


def _is_blockquote(reply: str, place: int) -> bool:
    """Whether `place` stands on a quoted line ("> ...") behind which the reply goes on in words of its own."""
    if not _before(reply, place).lstrip().startswith(">"):
        return False
    return any(line.strip() and not line.lstrip().startswith(">") for line in reply[place:].split("\n")[1:])


def _stated(reply: str, match: re.Match[str], span: Span, worth: Worth) -> Iterator[Statement]:
    """The statement that `match` opens, if it says anything."""
    start, end = match.end(), min(len(reply), match.end() + LENGTHS[span])
    if match["field"]:
        if span != "value":  # a field of the value itself may be called "answer"
            yield Statement(_field(reply[start:end]), match.start(), start, worth)
        return
    if match["tag"]:
        closing = _TAG_END.search(reply, start, match.end() + LENGTHS["value"])
        content = reply[start : closing.start() if closing else end]
        content = _TAG.sub("\n", content).strip()
        if content and not _PLACEHOLDER.fullmatch(content):
            yield Statement(content, match.start(), closing.end() if closing else end, worth, tagged=True)
        return
    rest = reply[start:end]
    if (closing := _TAG_END.search(rest)) is not None:
        rest = rest[: closing.start()]
    line, more, length = _first_line(rest, span)
    if worth != "line":
        line, more = _sentence(line, more, span)
    elif (other := _NOT_BUT.match(line.lstrip(" *_"))) is not None:
        line, more = other[1], ""
    for text in readable(line, more, span):
        found = reply.find(text, start, start + length)
        yield Statement(text, match.start(), found + len(text) if found >= 0 else start + length, worth)


def _sentence(line: str, more: str, span: Span) -> tuple[str, str]:
    """What a sentence states on its line; nothing where it only speaks about the answer ("is not 5", "is that he needs ...")."""
    begun = line.lstrip(" *_")
    if _NOT_THERE.match(begun) and not more.strip():
        return "none", ""
    if other := _NOT_BUT.match(begun):
        line, more = other[1], ""
    elif _REMARK.match(begun):
        return "", ""
    if (stop := _SENTENCE_END.search(line)) and not (span == "value" and "{" in line):
        line, more = line[: stop.start()], ""
    return _POLITE.sub("", line), more


def readable(line: str, more: str, span: Span) -> Iterator[str]:
    """The statement on a line, and perhaps below it, unless it is a placeholder or nothing."""
    if _says(line, span) and not _PLACEHOLDER.match(line):
        yield line if span in {"line", "phrase"} or not more else f"{line}\n{more}"


def _says(line: str, span: Span) -> bool:
    """Whether a line holds more than characters that say nothing on a line of their own."""
    if span == "phrase" and _PAIR.search(line):
        return True
    return bool(line.strip(_BLANK if span in {"line", "phrase"} else _BLANK_BUT_BRACKETS))


def first_line(text: str, span: Span) -> tuple[str, str]:
    """The first line with something to read, and what follows."""
    return _first_line(text[: LENGTHS[span]], span)[:2]


def _first_line(text: str, span: Span) -> tuple[str, str, int]:
    """The same, and where the line ends; display maths and code fences stand on lines of their own."""
    length = 0
    for _ in range(_LINES):
        line, _, text = text.partition("\n")
        length += len(line) + 1
        if _says(line, span) and not line.lstrip().startswith("```"):
            return line.strip(), text, length
    return "", "", length


def _field(text: str) -> str:
    """The value of a JSON-looking field, of which models escape some backslashes and not others."""
    if quoted := _VALUE.match(text):
        return _ESCAPE.sub(_unescape, quoted[1] if quoted[1] is not None else quoted[2])
    if listed := _LIST.match(text):
        return listed[0]
    return text.partition("\n")[0].rstrip(" ,}`")


def _unescape(escape: re.Match[str]) -> str:
    if escape[2]:
        return printable(chr(int(escape[2], 16)))
    return escape[1] or " "
