"""What each model of an endpoint has refused to be told, and how it is asked without that.

A refusal names the field that it is about: by itself, in a sentence, or in a validator's list. A refused *value* of a field that
is taken otherwise ("temperature must be between 0 and 1") is nothing to learn from: who asked for it is told.
"""

from __future__ import annotations

import re
from collections import defaultdict

from contemplate.models.backends.refusals import ErrorBody
from contemplate.text.patterns import regex
from contemplate.types import Json

_LIMIT_FIELDS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_OPTIONAL = ("temperature", "top_p", "stop", "seed", "random_seed", "stream_options", "stream", *_LIMIT_FIELDS)
_GO_WITH = {"stream": ("stream_options",)}
"""What is senseless without a field that was refused."""
_SYSTEM = "system"
_STATUSES = {400, 422}
_STATUSES_OF_TEMPLATES = {400, 422, 500}
"""llama.cpp answers 500 where a chat template raises."""

_OF_THE_FIELD = regex(
    r"unsupported.?(?:parameter|value|field|argument)|extra.?(?:forbidden|fields?|inputs?)"
    r"|unknown.?(?:parameter|field|argument|name|key)|unrecogni[sz]ed"
    r"|unexpected.?(?:keyword|parameter|field|argument)|additional.?propert",
    re.I,
)
_REFUSED = regex(
    rf"{_OF_THE_FIELD.pattern}|un-?support|unknown|unexpected|forbidden|deprecated|removed|incompatible|disabled|ignored|no such"
    r"|not?\s+(?:\w+\s+)?(?:support|permit|allow|accept|implement|available|applicable|valid|compatible)"
    r"|n't\s+(?:support|allow|accept|permit|take)|invalid (?:parameter|argument|field)|\bonly\b|instead"
    r"|(?:not|n't|never)\s+(?:\w+\s+){0,2}(?:used|set|specified|given|sent|passed|provided|present|changed)"
    r"|must be (?:omitted|unset|removed|left out|empty|the default|default|none|null)"
    r"|must be (?:exactly |equal to |set to )?\d+(?:\.\d+)?(?![\d.])(?! (?:or|and|to)\b)",
    re.I,
)
_VALUE = regex(
    r"\bbetween\b|\brange\b|\bat (?:least|most)\b|\b(?:above|below|over|under|up to|maximum|minimum|exceed\w*)\b|<=?|>=?|[≤≥]"
    r"|\b(?:less|greater|smaller|larger|higher|lower|more|fewer) than\b|\bor (?:less|lower|more|higher|greater)\b"
    r"|\btoo (?:large|small|high|low|many|few|long|short|big)\b|\b(?:positive|negative|non-?negative|expected|one of)\b"
    r"|\bmust be (?:an? |in\b|of\b|within\b)|\bshould be\b|\bvalid (?:integer|number|float|string|list|boolean)\b"
    r"|\binvalid (?:value|type)\b",
    re.I,
)
_OF_SYSTEM = regex(
    r"\b(?:system|developer)\b['\"`]?.{0,20}\b(?:role|message|prompt|instruction)s?\b|\broles?\b.{0,20}['\"`:\s(](?:system|developer)\b"
    r"|['\"`](?:system|developer)['\"`]",
    re.I,
)
_NO_SYSTEM = regex(
    rf"{_REFUSED.pattern}|not (?:enabled|one of|among)|invalid|must be|not recogni[sz]ed", re.I
)  # fmt: skip
_OF_CONTENT = regex(r"polic|flagged|safety|harm|context|tokens?\b|too long|length", re.I)
_ONLY_OTHERS = regex(
    r"\bonly\b.{0,20}\buser\b.{0,20}\b(?:assistant|model)\b"
    r"|^(?!.*\bsystem\b).*(?:\broles must alternate|\b(?:be|of|expected)\b.{0,10}'user'.{0,12}'(?:assistant|model)')",
    re.I | re.DOTALL,
)
"""Roles that leave the system's out."""


_STREAM_NEEDED = regex(
    r"\bonly supports? stream|\bstream(?:ing)?\b['\"`]?\s+(?:mode )?(?:is required|must be (?:true|set to true|enabled|on))"
    r"|\b(?:enable|requires?) (?:the )?stream|non-?stream\w*\b.{0,40}\bnot (?:supported|allowed|available)",
    re.I,
)


class Learned:
    """What the models of one endpoint do without from now on."""

    def __init__(self) -> None:
        """Start with nothing refused."""
        self._refused: defaultdict[str, set[str]] = defaultdict(set)
        self._streams: set[str] = set()

    def adapted(self, model: str, body: Json) -> Json:
        """The body of a request to `model`, without what it refuses."""
        refused = self._refused.get(model, set())
        left = dict(body)
        if model in self._streams:  # what comes is put together
            left |= {"stream": True, "stream_options": {"include_usage": True}}
        for field in refused - {_SYSTEM}:
            value = left.pop(field, None)
            if field in _LIMIT_FIELDS and value is not None:
                left[_LIMIT_FIELDS[field]] = value
            for other in _GO_WITH.get(field, ()):
                left.pop(other, None)
        if _SYSTEM in refused:
            left["messages"] = without_system(left["messages"])
        return left

    def learn(self, model: str, body: Json, status: int, said: ErrorBody) -> str | None:
        """The field that was refused, which is left out from now on; None if the refusal is about nothing of the kind.

        A model that gives nothing but streams is asked for one from now on.

        Args:
            model: who refused.
            body: what was sent.
            status: the HTTP status of the refusal.
            said: what stands in its body.
        """
        if status in _STATUSES and body.get("stream") is False and _STREAM_NEEDED.search(said.words or said.message):
            self._streams.add(model)
            return "stream"
        field = _SYSTEM if status in _STATUSES_OF_TEMPLATES and _refuses_system(said, body) else None
        if field is None and status in _STATUSES:
            field = self._refused_field(model, body, said)
        if field is not None:
            self._refused[model].add(field)
        return field

    def does_without(self, model: str, field: str) -> None:
        """Leave `field` out from now on."""
        self._refused[model].add(field)

    def _refused_field(self, model: str, body: Json, said: ErrorBody) -> str | None:
        def optional(field: str) -> bool:
            other_name = _LIMIT_FIELDS.get(field)
            return field in body and field in _OPTIONAL and (other_name is None or other_name not in self._refused[model])

        if _is_of_value(said):
            return None
        if said.param:
            path = re.split(r"[.\[]", said.param.removeprefix("body."), maxsplit=1)[0]
            return path if optional(path) else None
        return next((field for field in _named(said.words or said.message) if optional(field)), None)


def _is_of_value(said: ErrorBody) -> bool:
    """Whether a refusal finds fault with a value, not with the field."""
    if _OF_THE_FIELD.search(f"{said.code} {said.kind}"):
        return False
    return _VALUE.search(said.words or said.message) is not None


def _named(words: str) -> list[str]:
    """The fields that a sentence which refuses something names, in the order in which they stand there."""
    found: dict[str, None] = {}
    for clause in re.split(r"(?<=[^\d])[.;](?:\s|$)|\n", words):
        if _REFUSED.search(clause):
            names = re.finditer(rf"(?<![\w-]){_FIELD}(?![\w-])", clause)
            here = [name[0].lower() for name in names if _is_name(name, clause)]
            # "`temperature` and `top_p` cannot both be given": the one that matters less is left out.
            found |= dict.fromkeys(reversed(here) if re.search(r"\bboth\b", clause, re.I) else here)
    return list(found)


_CALLED_A_FIELD = regex(
    r"(?:parameters?|fields?|arguments?|inputs?|keys?|options?|supplied|support)[\s:(]*(?:\w+\s*,\s*)*$", re.I
)
_NEAR = 80
_FIELD = rf"(?i:{'|'.join(_OPTIONAL)})"


def _is_name(match: re.Match[str], clause: str) -> bool:
    """Whether it names a field: `stop` and the like are words as well, and need a sign of it."""
    if match[0].lower() not in {"stop", "stream", "seed"}:
        return True
    before, after = clause[max(match.start() - _NEAR, 0) : match.start()], clause[match.end() : match.end() + _NEAR]
    marked = before[-1:] in set("'\"`") and after[:1] in set("'\"`")
    begins = re.fullmatch(r"\s*(?:body\W+)?", before) is not None and after[:1] == ":"
    ends = re.search(r":\s*$", before) is not None and re.match(r"\s*(?:[.,;]|$)", after) is not None
    goes_on = re.match(r"\s*(?:is|are|sequences|parameter|field|argument|=)", after, re.I) is not None
    return marked or begins or ends or goes_on or _CALLED_A_FIELD.search(before) is not None


def _refuses_system(said: ErrorBody, body: Json) -> bool:
    """Whether a refusal is about the role of a system message, and there is one."""
    if not any(message.get("role") == "system" for message in body["messages"]):
        return False
    words = said.words or said.message
    if _ONLY_OTHERS.search(words):
        return True
    of_role = _OF_SYSTEM.search(words) is not None and _OF_CONTENT.search(words) is None
    return of_role and _NO_SYSTEM.search(words) is not None


def without_system(messages: list[Json]) -> list[Json]:
    """The messages with the text of system messages in front of the first one of the user."""
    told = "\n\n".join(_text(message["content"]) for message in messages if message["role"] == "system")
    others = [message for message in messages if message["role"] != "system"]
    place = next((place for place, message in enumerate(others) if message["role"] == "user"), None)
    if not told or place is None:
        return [*([{"role": "user", "content": told}] if told else []), *others]
    said = others[place]["content"]
    content = f"{told}\n\n{said}" if isinstance(said, str) else [{"type": "text", "text": told}, *said]
    return [*others[:place], {**others[place], "content": content}, *others[place + 1 :]]


def _text(content: object) -> str:
    """The text of a message that holds nothing else."""
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content)
    return str(content)
