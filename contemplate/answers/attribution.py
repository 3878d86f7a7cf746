"""Who says a sentence about an answer, and how: its author, somebody whom the author quotes, or a mere supposition.

A reply that takes part in a discussion is full of other people's answers: "one reply claims that the answer is 13", "their answer
is 13", "if the answer were 13", '"the answer is 13" can't be'. None of these is a statement of the reply's own.
"""

from __future__ import annotations

import re
from typing import Literal

from contemplate.text.patterns import regex

Voice = Literal["own", "weak", "none"]
"""The author's own; own with a condition or a doubt, which counts where nothing else is stated; no statement of the author's."""

_FAR = 300
"""So many characters before and behind the words are looked at."""
_OTHER = r"""(?: agents? | assistants? | repl(?:y|ies) | responses? | solutions? | solvers? | seats? | peers? | panel\w{0,5}
    | participants? | colleagues? | debaters? | opponents? | critics? | critiques? | reviewers? | judges?
    | experts? | students? | teachers?
    | authors? | users? | persons? | people | someone | somebody | anyone | everyone | others? | they | he
    | she | drafts? | candidates?
    | voters?    | models? | proposals? | attempts? | messages? | texts? | comments? | bots? )"""
"""Who may be quoted."""
_SAYS = r"""(?: claim | say | state | argue | suggest | think | believe | assert | insist | propose | maintain | contend | report
    | conclude | announce | declare | reply | feel | vote | agree | write | repeat | hold | swear | pretend
    | mention | reckon | suppose
    | consider | guess | assume | put | end | finish )"""
"""What they do."""
_SAYING = regex(
    rf"""(?xi) \b (?: {_SAYS} (?:s|es|ed|d|ing)? | said | thought | wrote | written | held | answered | concluding | believing
    | replied | replies | sagt | behauptet | meint | dit | affirme | pr[ée]tend | dice | afirma | afferma | diz ) \b
    | говорит | утверждает | считает | 说 | 認為 | 认为 | 声称 | 言う | 主張"""
)
"""Verbs of saying, by which an answer is somebody's: "Agent 2 claims that the answer is 13"."""
_DERIVING = regex(
    r"""(?xi) \b (?: (?: see | know | note | mean | show | find | get | give | read | decide | determine
    | deduce | infer | confirm
    | verify | obtain | follow | prove | yield | indicate | tell | learn | have ) (?:s|es|ed|d|ing)?
    | impl(?:y|ies|ied) | verifie[sd] | found | got | gave
    | given | known | shown | meant | had | told | learnt | seen | saw ) \b"""
)
"""Verbs of finding, which leave an answer the author's, but for others as subject: "the students found that the answer is 13"."""
_ADJECTIVES = r"(?:(?:own|final|correct|right|true|actual|only|overall|exact|last|numeric(?:al)?)\s+){0,2}"
_ARTICLE = rf"(?:\b(?:the|my|our|this|its|a|an|die|la|a|der)\s+)?{_ADJECTIVES}['’*_`]{{0,3}}\Z"
"""What may stand between such words and "answer", at the end of what stands before that: "the final"."""
_GAP = regex(rf"(?:[\s,:]{{0,4}}|[^.!?;\n]{{0,80}}\b(?:that|with|on|in|as|dass|que|che)\b[\s:,]{{0,4}}){_ARTICLE}", re.I)
"""What may stand between a verb and "answer" if its object is the answer: "that the", "with all steps that the final"."""
_OWN_SUBJECT = regex(
    r"""(?xi) (?: \b (?: i | we | me | us | my | our | let['’]?s | this | that | it | which | these | those | above
    | calculations? | computations?
    | reasoning | analysis | work(?:ing)? | maths? | arithmetic | algebra | equations? | formulas? | results? | evidence | tables?
    | patterns? | checks? | logic | theorems? | facts? | steps? | proofs? | safe | fair | can | to | be | and | so | thus
    | therefore | hence ) \W* (?: (?: can | could | will | would | may | must | now | then | therefore
    | thus | hence | also | still | do | have
    | finally | to
    | safely | both | all | clearly | simply | confidently | already | again | only | once ) \W+ ){0,3} | \A\W* ) \Z"""
)
"""The end of a clause before a verb of saying that is the author's own: "so I would", "the calculation", or nothing at all."""
_TEMPTED = regex(
    r"""(?xi) \b(?: tempting | tempted | wrong | mistake | easy | natural | naive(?:ly)? | might
    | (?:first|at[ ]first|initially|originally) )\b"""
)
"""Of the author, but not what is thought in the end: "it is tempting to say that the answer is 13"."""
_PAST_GUESS = regex(r"(?:thought|guessed|assumed|believed|supposed)\Z", re.I)
"""So is this: "I thought that the answer is 13"."""
_SUPPOSED = regex(
    rf"\b(?:if|whether|suppose|supposing|assume|assuming|imagine|pretend|unless|until|had|in case)\s+(?:that\s+)?{_ARTICLE}", re.I
)
"""An answer that is only supposed: "if the answer is 13", "whether the answer is"."""
_OWNED = regex(
    rf"""(?: \b(?:their|his|her|your|another|other|previous|earlier|old|wrong|incorrect|false|mistaken|common|popular|na[ïi]ve
    |tempting|intuitive|first|initial|original|proposed|claimed|suggested|alternative|majority|consensus|rejected|rival|seine|ihre|deren)
    | (?<=\w)(?<!question)(?<!problem)(?<!puzzle)(?<!exercise)['’]s | \w\ws['’] ) \s+ {_ADJECTIVES} [*_`]{{0,3}} \Z""",
    re.I | re.X,
)
"""An answer that is somebody else's, or does not stand: "their answer is", "Ann's answer is", "the wrong answer is"."""
_DENIED = regex(
    rf"""(?: \b(?:doubts?|den(?:y|ies)|disagrees?|disputes?|rejects?|refutes?|wrong|false|incorrect|untrue|mistaken
    |impossible|unlikely|absurd|unclear|unsure|uncertain)\b
    | (?:\bnot|n['’]t|\bnever|\bcannot) \s+ (?:be\s+)?
      (?:think|believe|agree|say|accept|see|mean|true|the\s+case|correct|right|certain|sure|clear|follow|imply|conclude|that)\b
    | \bno\s+(?:reason|way|proof|evidence)\b
    ) [^.!?;,\n]{{0,24}}? (?:\s(?:that|how|why|whether))? \s+ {_ARTICLE}""",
    re.I | re.X,
)
"""An answer that is denied: "I don't think that the answer is", "it is unlikely that the answer is"."""
_CLAIM = regex(
    r"(?<!\bmy )(?<!\bour )\b(?:claim|idea|assumption|suggestion|notion|possibility|guess|belief|hypothesis"
    r"|assertion|opinion|rumou?r)"
    rf"s?\s+(?:(?:was|is)\s+)?that\s+{_ARTICLE}",
    re.I,
)
"""An answer that is a claim, of nobody or of others: "the idea that the answer is"; not "my guess is that the answer is"."""
_ACCORDING = regex(
    rf"""(?: \baccording\ to\s+(?!(?:the|this|these|our|my|that)\b) [^.!?;,\n]{{1,40}}
    | (?:\A\W*|\b(?:according\ to|in)\s+) (?:(?:the|an?|one|some|another|other|this)\s+){{0,2}} {_OTHER}\b [^.!?;\n]{{0,40}}[,:] )
    \s* {_ARTICLE}""",
    re.I | re.X,
)
"""An answer with its source before it: "according to Reply 2, the answer is", "in another reply: the answer is"."""
_SAID_AFTER = regex(
    rf"""(?xi) \A [^.!?\n]{{0,60}}? [\s,]
    (?: (?:says|said|claims|claimed|argues|argued|writes|wrote|insists|believes|thinks|states|stated) \s+ (?!(?:i|we)\b)\w
      | according\ to \s+ (?: (?:(?:the|an?|one|some|another|other|this)\s+){{0,2}} {_OTHER}\b | (?-i:[A-Z])\w )
      | as \s+ [^.,;\n]{{1,40}} \s (?:claims?|claimed|says?|said|states?|stated|argues?|argued|suggests?|suggested|wrote) \b
    )"""
)
"""An answer with its source behind it: "... is 13, says Agent 2", "... is 13, according to the others"."""
_CLAUSE = regex(r"[,;:]|\b(?:and|but|so)\b", re.I)
_SUBORDINATE = regex(r"\b(?:as|since|because|when|after|given|while|although|though)\b", re.I)
"""A clause that only leads up to the author's own: "as the reply says, the answer is"."""
_OTHERS = regex(rf"(?xi) \b{_OTHER}\b")
_OTHERS_LINE = regex(rf"(?xi) \b(?:{_OTHER})\b [^\n]{{0,80}} : [*_ ]{{0,4}} \Z")
"""A line that says whose the next one is: "Reply 2 ends with:"."""
_LABEL_START = regex(r"[\s*_#>`-]*(?:(?:the|final|correct)\s+){0,3}", re.I)
"""What may stand before "answer" at the beginning of a line."""
_AUTHORS = regex(r"\b(?:i|my|our|we|me)\b", re.I)
_CHECKED = regex(rf"\b(?:check|double-check|test|verify)(?:ing)?\s+{_ARTICLE}", re.I)
"""An answer that is checked and not stated: "we check the answer", "verifying the answer"."""
_OF_OWN = regex(r"\b(?:my|our|this)\s+(?:\w+\s+){0,2}\Z", re.I)
"""With `_APPROVED` behind it, a remark on an answer that stands elsewhere: "so my answer is correct"."""
_APPROVED = regex(r"\A\W*(?:indeed\s+)?(?:correct|right|valid|confirmed|verified|consistent)\b[\s.!*_)]*\Z", re.I)
_CONDITION = regex(
    r"\b(?:if|were|had|unless|otherwise|assuming|suppose|supposing|in that case|wenn|falls|si|se|если)\b|如果|もし|만약", re.I
)
_UNREAL = regex(r"\bif\b[^.,;]{0,20}\b(?:were|was|had|did)\b", re.I)
"""A condition behind the answer that is not so: "... would be 13 if x were 2"."""
_WOULD = regex(r"\b(?:would|were|w[äa]re|serait|ser[ií]a|sarebbe)\b", re.I)
_DOUBT = regex(r"\b(?:maybe|perhaps|possibly|vielleicht|quiz[áa]s?|peut-[êe]tre|forse|talvez)\b", re.I)
_BREAK = regex(r"[.!?;][*_)\"”']{0,4}\s|\n|[。！？；]")
"""Where a sentence ends."""


def voice(text: str, start: int, end: int, *, alone: bool = False) -> Voice:
    """Who says the words from `start` to `end` of `text` ("answer is"), and with what certainty.

    Args:
        text: the reply.
        start: where the words begin.
        end: where they end.
        alone: they are the label of a line of its own ("Answer:"), so that only the line above can say whose it is.
    """
    if alone:
        return "none" if _introduced(text, start) else "own"
    before, after = _before(text, start), text[end : end + _FAR].partition("\n")[0]
    stop = _BREAK.search(after)
    rest = after[: stop.start() + 1] if stop else after
    if any(words.search(before) for words in (_SUPPOSED, _OWNED, _DENIED, _CLAIM, _CHECKED, _ACCORDING)):
        return "none"
    is_check = _OF_OWN.search(before) and _APPROVED.match(rest)
    if is_check or _says_another(before) or _SAID_AFTER.match(rest) or _introduced(text, start):
        return "none"
    condition = _CONDITION.search(before) is not None
    if _WOULD.search(text[start:end]) and (condition or _UNREAL.search(rest)):
        return "none"
    if rest.rstrip(" *_)\"'").endswith("?"):
        return "none"
    return "weak" if condition or _DOUBT.search(before) else "own"


def _before(text: str, start: int) -> str:
    """The words of the same sentence before `start`."""
    before = text[max(0, start - _FAR) : start]
    breaks = [stop.end() for stop in _BREAK.finditer(before)]
    return before[breaks[-1] :] if breaks else before


def _says_another(before: str) -> bool:
    """Whether the nearest verb of saying has another subject than the author, or says what is no longer thought."""
    said = [(verb.end(), verb, _OWN_SUBJECT) for verb in _SAYING.finditer(before)]
    derived = [(verb.end(), verb, None) for verb in _DERIVING.finditer(before)]
    end, verb, own = max([*said, *derived], key=lambda found: found[0], default=(0, None, None))
    if verb is None or not _GAP.fullmatch(before, end):
        return False
    subject = _CLAUSE.split(before[: verb.start()])[-1]
    if "," in before[end:] and _SUBORDINATE.search(subject):
        return False
    if _PAST_GUESS.search(verb[0]) or (own and _TEMPTED.search(subject)):
        return True
    return own.search(subject) is None if own else _OTHERS.search(subject) is not None


def _introduced(text: str, start: int) -> bool:
    """Whether the line above says that what follows is somebody else's ("Reply 2 ends with:")."""
    line_start = text.rfind("\n", 0, start) + 1
    if not _LABEL_START.fullmatch(text, line_start, start):
        return False
    above = text[max(0, line_start - _FAR) : line_start].rstrip().rpartition("\n")[2]
    return _OTHERS_LINE.search(above) is not None and not _AUTHORS.search(above)
