"""Abilities that endpoints lack: replies held to a schema, log-probabilities, several samples, tools, pictures, sound.

Which of them a model has is known of a few providers, and is otherwise learned from the first refusal. A refusal names the
field that is refused, by itself (`param`) or in its message; it costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from contemplate.errors import UnsupportedError
from contemplate.models.backends.reply import ErrorBody
from contemplate.text.patterns import regex
from contemplate.types import Json, Request, ToolSpec, canonical_json

Ability = Literal["reply_schema", "logprobs", "n", "tools", "image", "audio"]

_REFUSALS = {400, 422, 501}
_REFUSALS_OF_PARTS = {400, 404, 415, 422, 500, 501}
"""llama.cpp answers 500 to a picture where its model takes none, and gateways 404: no endpoint for it."""
_FIELDS: dict[Ability, tuple[str, ...]] = {
    "reply_schema": ("response_format", "json_schema"),
    "logprobs": ("logprobs", "top_logprobs"),
    "n": ("n",),
    "tools": ("tools", "tool_choice", "functions"),
    "image": (),
    "audio": (),
}
_OF_PARTS = (
    r"multi.?modal|content (?:must|should) be (?:a )?string|unknown variant"
    r"|(?:invalid|unsupported|unknown) content (?:part |block )?type"
    r"|expected (?:a )?string|should be a valid string|str type expected|only (?:supports? )?text|text.only"
)
_NAMED: dict[Ability, re.Pattern[str]] = {
    "reply_schema": regex(r"response.?format|json.?schema|structured.?output|grammar", re.I),
    "logprobs": regex(r"log.?prob", re.I),
    "n": regex(
        r"(?<![\w\\.-])n(?![\w.-])|\bn_cmpl\b|\bN\b.{0,20}\b1\b|\b(?:one|single|multiple|number of) (?:completion|choice)",
        re.DOTALL,
    ),
    "tools": regex(r"\btools?\b|tool[_ -]?(?:choice|calls?|use)|function.?call|--jinja", re.I),
    "image": regex(rf"image|vision|mmproj|{_OF_PARTS}", re.I),
    "audio": regex(rf"audio|speech|{_OF_PARTS}", re.I),
}
_OF_A_VALUE = regex(
    r"too (?:large|big|small|many|long)|exceed|at most [1-9]|maximum|corrupt|decod|could not (?:be )?process|unable to process"
    r"|invalid (?:image|audio) (?:data|url|format)|invalid base64|pixels|dimension|polic|safety|flagged",
    re.I,
)
"""A picture or a sound that is found fault with is no sign that none is taken."""
_OF_THIS_SCHEMA = regex(r"invalid (?:json )?schema|schema (?:error|conversion)|grammar", re.I)
_LACKS: dict[Ability, str] = {
    "reply_schema": "{who} does not hold replies to a JSON Schema: {why}",
    "logprobs": "{who} gives no log-probabilities: {why}; name another model, or do without what needs them",
    "n": "{who} gives one sample a request: {why}",
    "tools": "{who} is not offered tools in its own form: {why}",
    "image": "{who} takes no pictures: {why}",
    "audio": "{who} takes no sound: {why}",
}
_PARTS: tuple[Ability, ...] = ("image", "audio")
_NEEDS_A_FLAG = "--jinja"
"""What older servers of llama.cpp say of tools, as an error of their own."""
_KNOWN = "its provider has no such field"


class Abilities:
    """The abilities that the models of one endpoint have been found to lack."""

    def __init__(self, lacks: Collection[Ability] = ()) -> None:
        """Start with what is known.

        Args:
            lacks: what none of its models has.
        """
        self._lacks = frozenset(lacks)
        self._refused: dict[tuple[str, str], str] = {}

    def missing(self, request: Request, who: str, n: int = 1) -> UnsupportedError | None:
        """The error for what `n` samples of `request` need and its model is known to lack; None if there is nothing.

        Args:
            request: what is asked.
            who: the endpoint and the model, for the message.
            n: how many samples.
        """
        for ability in _asked(request, n):
            why = _KNOWN if ability in self._lacks else self._refused.get((request.model, ability))
            if why is None and ability == "reply_schema" and self._refused:
                why = self._refused.get((request.model, canonical_json(request.reply_schema)))
            if why is not None:
                return _error(ability, who, why)
        return None

    def lacks(self, model: str, ability: Ability, why: str) -> None:
        """Remember that `model` lacks `ability`, and why."""
        self._refused[model, ability] = why

    def learn(self, request: Request, who: str, status: int, said: ErrorBody, n: int = 1) -> UnsupportedError | None:
        """The error for the ability that a refusal names, remembered from now on; None if it names none.

        A refusal that finds fault with a schema holds for that schema alone.

        Args:
            request: what was asked.
            who: the endpoint and the model, for the message.
            status: the HTTP status of the refusal.
            said: what stands in its body.
            n: how many samples were asked for.
        """
        for ability in _asked(request, n):
            expected = _REFUSALS_OF_PARTS if ability in _PARTS else _REFUSALS
            needs_a_flag = ability == "tools" and _NEEDS_A_FLAG in said.message
            if (status not in expected and not needs_a_flag) or not _names(said, ability):
                continue
            why = f"it answered {status}" + (f": {said.message}" if said.message else "")
            of_schema = ability == "reply_schema" and (said.code == "invalid_json_schema" or _OF_THIS_SCHEMA.search(said.message))
            self._refused[request.model, canonical_json(request.reply_schema) if of_schema else ability] = why
            return _error(ability, who, why)
        return None


def fields(request: Request, n: int = 1) -> Json:
    """The fields of the protocol that ask for what a request needs beside a reply."""
    wanted: Json = {}
    if request.reply_schema is not None:
        schema = {"name": "reply", "strict": True, "schema": request.reply_schema}
        wanted["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.logprobs is not None:
        wanted |= {"logprobs": True, "top_logprobs": request.logprobs}
    if n > 1:
        wanted["n"] = n
    if request.tools:
        wanted["tools"] = [_offered(tool) for tool in request.tools]
    return wanted


def _offered(tool: ToolSpec) -> Json:
    return {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}}


def _asked(request: Request, n: int) -> list[Ability]:
    asked: list[Ability] = []
    if request.reply_schema is not None:
        asked.append("reply_schema")
    if request.logprobs is not None:
        asked.append("logprobs")
    if n > 1:
        asked.append("n")
    if request.tools:
        asked.append("tools")
    if request.has_parts:
        asked.extend(ability for ability in _PARTS if ability in request.modalities)
    return asked


def _names(said: ErrorBody, ability: Ability) -> bool:
    """Whether a refusal is about that ability. What it says of itself goes before what its message may quote."""
    if ability in _PARTS:
        words = f"{said.code} {said.words or said.message}"
        return _NAMED[ability].search(words) is not None and _OF_A_VALUE.search(words) is None
    if said.param:
        return re.split(r"[.\[]", said.param.removeprefix("body."), maxsplit=1)[0] in _FIELDS[ability]
    return _NAMED[ability].search(said.message) is not None


def _error(ability: Ability, who: str, why: str) -> UnsupportedError:
    return UnsupportedError(_LACKS[ability].format(who=who, why=why), what=ability)
