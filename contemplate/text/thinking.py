"""Thinking aloud, as models write it into a reply: between tags of a dozen forms, closed or not.

A block opens at the start of a reply or of a line and ends with the closing mark of its own family; one that is never closed
was broken off, and goes to the end. Some templates swallow the opening mark: then all that stands before a closing one is
thought.
A tag in quotation marks, or one that begins a sentence about tags, is talked about, and opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from contemplate.text.patterns import regex

_FAR = 400_000
"""How far the head of a huge reply is searched for the end of its thinking, in characters."""

_WORDS = r"think(?:ing)?|thoughts?|reasoning|reflection|analysis|rationale|scratch_?pad|chain_of_thought|cot|inner_monologue"
_MARK = regex(
    rf"""(?imx)
      < (?P<xml_end>/?) (?:[a-z]{{1,12}}:)? (?P<xml>{_WORDS}) [ ]? >
    | \[ (?P<bracket_end>/?) (?P<bracket>think(?:ing)?|reasoning|thoughts?) \]
    | ◁ (?P<wedge_end>/?) (?P<wedge>think(?:ing)?) ▷
    | <\| (?: (?P<of_end>end_of_) | begin_of_ | start_of_ ) (?P<of>{_WORDS}) \|>
    | <\| (?: (?P<under_end>end_) | start_ | begin_ ) (?P<under>{_WORDS}) \|>
    | <\| (?P<bar_end>/?) (?P<bar>{_WORDS}) \|>
    | <\|inner_ (?: prefix | (?P<inner_end>suffix) ) (?P<inner>) \|>
    | (?P<harmony_end> (?:<\|end\|>\s{{0,4}})? (?:<\|start\|>\s{{0,4}}assistant\s{{0,4}})? <\|channel\|>\s{{0,4}}final\b
        [^<]{{0,40}} (?:<\|constrain\|>[^<]{{0,40}})? <\|message\|> | (?-i:assistantfinal) ) (?P<harmony>)
    | (?: (?:<\|start\|>\s{{0,4}}assistant\s{{0,4}})? <\|channel\|>\s{{0,4}}(?:analysis|commentary)\b [^<]{{0,80}} <\|message\|>
        | \A (?-i:analysis(?=[A-Z])) ) (?P<harmony_start>)
    | <\|channel>\s{{0,4}}(?:thought|thinking|analysis)\b (?P<channel_start>)
    | (?P<channel_end><channel\|>) (?P<channel>)
    | <unused94>\s{{0,4}}(?:thought\b)? (?P<unused_start>)
    | (?P<unused_end><unused95>) (?P<unused>)
    | ^[ \t]{{0,4}}thinking(?:\.\.\.|…)[ \t]{{0,4}}$ (?P<dots_start>)
    | (?P<dots_end>(?:\.\.\.|…)[ ]?done[ ]thinking\.?) (?P<dots>)
    | ^[ \t]{{0,4}}here[ ]is[ ]my[ ]thought[ ]process:? (?P<process_start>)
    | ^[ \t]{{0,4}}(?P<process_end>here[ ]is[ ]my[ ]response:) (?P<process>)
    """
)
_BRACKET = regex(r"[<\[◁]")
_WITHOUT_BRACKET = ("assistantfinal", "thinking.", "thinking…", "done thinking", "here is my")
"""Words of which one stands in every mark that does not begin with a bracket."""
_FAMILIES = ("xml", "bracket", "wedge", "of", "under", "bar", "inner", "harmony", "channel", "unused", "dots", "process")
_OPENS_A_SENTENCE = regex(
    r"[ ]{1,4}(?:is|are|was|opens?|closes?|ends?|marks?|starts?|begins?|means?|tags?|blocks?|and|or)\b", re.I
)
_TALKED_ABOUT = regex(r"[`\"'”’]|[ ]{1,4}[a-z]")
_FRAME = regex(r"\s*<\|[A-Za-z_]{1,24}\|>\s*")


def opening(text: str) -> tuple[str, str]:
    """Split the thinking that opens a reply off.

    Returns:
        The thinking, without its marks, and what comes behind it; the whole text where none opens it.
    """
    thoughts, at = [], 0
    for start, end, thought in _blocks(text):
        if text[at:start].strip():
            break
        thoughts.append(thought.strip())
        at = end
    return ("\n".join(thoughts), _unframed(text[at:])) if thoughts else ("", text)


def without_thinking(text: str) -> str:
    """`text` without any block of thinking."""
    kept, at = [], 0
    for start, end, _ in _blocks(text):
        kept.append(text[at:start])
        at = end
    return _unframed("".join([*kept, text[at:]])) if at else text


def tail(text: str, length: int) -> str:
    """The last `length` characters of `text`; behind the mark of thinking that opens it, if it is not closed before them."""
    if len(text) <= length:
        return text
    mark = _MARK.match(text[:200].lstrip())
    if mark is None or _closes(mark) or any(map(_closes, _marks(text, min(len(text) - length, _FAR)))):
        return text[-length:]
    return mark[0] + text[-length:]


def _unframed(text: str) -> str:
    """`text` without the marks in which templates frame what comes behind the thinking."""
    frame = _FRAME.match(text)
    return text[frame.end() :] if frame else text.lstrip()


def _blocks(text: str) -> list[tuple[int, int, str]]:
    """Where each block starts and ends, marks included, and what is thought in it; one behind the other."""
    found: list[tuple[int, int, str]] = []
    talked_about = set[tuple[str, str]]()
    if not (marks := list(_marks(text, len(text)))):
        return found
    endings = _endings(marks)
    place, at = 0, 0
    while place < len(marks):
        mark = marks[place]
        place += 1
        if _closes(mark):
            if _family(mark) not in talked_about and _is_mark(text, mark):  # what opened it was swallowed
                thought = "\n".join([*(earlier[2] for earlier in found), text[at : mark.start()]])
                found, at = [(0, mark.end(), thought)], mark.end()
            continue
        ending = endings[place - 1]
        if not _opens(text, mark, at, closed=ending < len(marks)):
            talked_about.add(_family(mark))
            continue
        end = marks[ending].end() if ending < len(marks) else len(text)
        found.append((mark.start(), end, text[mark.end() : marks[ending].start() if ending < len(marks) else end]))
        place, at = ending + 1, end
    return found


def _marks(text: str, end: int) -> Iterator[re.Match[str]]:
    """The marks before `end`. Most texts have none: only where a bracket stands is looked closely."""
    lowered = text[:end].lower()
    if lowered.startswith("analysis") or any(words in lowered for words in _WITHOUT_BRACKET):
        yield from _MARK.finditer(text, 0, end)
        return
    at = 0
    for bracket in _BRACKET.finditer(text, 0, end):
        if bracket.start() >= at and (mark := _MARK.match(text, bracket.start(), end)):
            yield mark
            at = mark.end()


def _endings(marks: list[re.Match[str]]) -> list[int]:
    """For each mark the place of the next one that closes its family; behind all of them if none does."""
    nearest: dict[tuple[str, str], int] = {}
    endings = [len(marks)] * len(marks)
    for place in range(len(marks) - 1, -1, -1):
        family = _family(marks[place])
        endings[place] = nearest.get(family, len(marks))
        if _closes(marks[place]):
            nearest[family] = place
    return endings


def _family(mark: re.Match[str]) -> tuple[str, str]:
    """The family of a mark, and the word in it, where its family has several."""
    groups = mark.groupdict()
    name = next(name for name in _FAMILIES if groups[name] is not None or groups.get(f"{name}_start") is not None)
    word = (mark[name] or "").lower()
    return name, {"thinking": "think", "thoughts": "thought"}.get(word, word)


def _closes(mark: re.Match[str]) -> bool:
    return any(mark[f"{name}_end"] for name in _FAMILIES)


def _is_mark(text: str, mark: re.Match[str]) -> bool:
    """Whether a closing mark closes, and is not talked about."""
    return text[max(mark.start() - 1, 0) : mark.start()] not in {"`", '"', "'", "“"} and not _TALKED_ABOUT.match(text, mark.end())


def _opens(text: str, mark: re.Match[str], at: int, *, closed: bool) -> bool:
    """Whether an opening mark opens a block, and does not begin a sentence about tags; within a line only one that is closed."""
    if _OPENS_A_SENTENCE.match(text, mark.end()):
        return False
    line = text[max(text.rfind("\n", 0, mark.start()) + 1, at) : mark.start()]
    return not line.strip() or (closed and line[-1].isspace())
