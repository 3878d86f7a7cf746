"""Cards: the roles that agents play, each one Markdown file with YAML front matter."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, ValidationError

from contemplate.answers import AFTERWARDS, AT_THE_END
from contemplate.errors import RecipeError
from contemplate.explain import explain
from contemplate.types import AnswerKind, Sampling, Value, digest
from contemplate.yaml_file import parse_yaml

AFTER_REASONING = "answer_after_reasoning"
PLACEHOLDERS = (AFTER_REASONING, "answer_form", "reply_form", "program_form")
"""What may stand in braces in a card: `{answer_form}` becomes the demand for the final line of this question's kind,
`{answer_after_reasoning}` the same in words that go on from a demand for reasoning, `{reply_form}` the demand for what a
critic, a judge or a voter is to end with, `{program_form}` the demand for a program."""

_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_HOLE = re.compile(r"\{([a-z_]+)\}")
_MAX_CARD = 100_000


_FRONT = ("summary", "open", "system", "temperature", "top_p", "max_tokens", "stop", "models", "tools")


class Card(Value):
    """A role.

    Attributes:
        name: the file's name without `.md`.
        summary: one line on what the role is for.
        instruction: what the agent is told, after the problem and the words it is shown.
        open: what it is told in place of that where the question is open; None where the same will do. Not written out: a run
            keeps the card as its question has it (`for_kind`).
        system: a system message that comes first; used only where a protocol needs a persona.
        temperature, top_p, max_tokens, stop: how its replies are drawn; what is not given is left to the run.
        models: models that this role insists on, the first with the rest as fallbacks; normally none.
        tools: the names of tools, or of tool servers, that this role may call, and no others; None where it does not say. Not
            written out: a run keeps what is granted in its plan (`contemplate.types.ToolPlan`).
        digest: SHA-256 of the file's text.
    """

    name: str
    summary: str
    instruction: str
    open: Annotated[str | None, Field(exclude=True)] = None
    system: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    stop: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tools: Annotated[tuple[str, ...] | None, Field(exclude=True)] = None
    digest: str = ""

    def sampling(self, default: Sampling) -> Sampling:
        """The way to draw a reply in this role: what the card sets, and `default` for the rest."""
        given = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens, "stop": self.stop or None}
        granted = {name: value for name, value in given.items() if value is not None}
        return default.model_copy(update=granted) if granted else default

    def for_kind(self, kind: AnswerKind) -> Card:
        """The card as a question of that kind has it."""
        if self.open is None:
            return self
        return self.model_copy(update={"instruction": self.open.strip() if kind == "open" else self.instruction, "open": None})

    def told(self, form: str) -> str:
        """The instruction with its placeholder filled by the sentence that says what the reply must hold."""

        def filled(hole: re.Match[str]) -> str:
            if hole.group(1) == AFTER_REASONING:
                return form.replace(AT_THE_END, AFTERWARDS, 1)
            return form if hole.group(1) in PLACEHOLDERS else hole.group()

        return _HOLE.sub(filled, self.instruction)

    @property
    def takes_schema(self) -> bool:
        """Whether it leaves the form of the reply to contemplate, so that it may be asked for as a JSON object."""
        return "{reply_form}" in self.instruction

    @property
    def answers(self) -> bool:
        """Whether it answers the question itself, and is no critic, judge or voter."""
        return any(f"{{{hole}}}" in self.instruction for hole in ("answer_form", AFTER_REASONING))

    @property
    def writes_programs(self) -> bool:
        """Whether it answers by a program, which is run: what that prints is the answer."""
        return "{program_form}" in self.instruction


def load_card(text: str, name: str, file: str) -> Card:
    """Read a card from the text of its file.

    Raises:
        RecipeError: with the line and what is allowed there.
    """
    if len(text) > _MAX_CARD:
        raise RecipeError(file, f"a card has at most {_MAX_CARD:,} characters, this one {len(text):,}")
    text = text.replace("\r\n", "\n")
    fence = _FENCE.match(text)
    if fence is None:
        raise RecipeError(file, "a card begins with front matter: a line '---', YAML with a 'summary', a line '---'", line=1)
    document = parse_yaml(fence.group(1), file, first_line=2)
    front = document.mapping()
    body = text[fence.end() :].strip()
    for reserved in ("name", "instruction", "digest"):
        if reserved in front:
            raise RecipeError(file, f"{reserved!r} is not set in a card", line=document.line((reserved,)), where=reserved)
    if not body:
        raise RecipeError(file, "the card says nothing: write the instruction below the front matter")
    for said in (str(front.get("open") or ""), body):
        for hole in _HOLE.finditer(said):
            if hole.group(1) not in PLACEHOLDERS:
                line = text.split(hole.group())[0].count("\n") + 1
                allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                raise RecipeError(file, f"unknown placeholder {hole.group()}; allowed: {allowed}", line=line)
    try:
        return Card.model_validate({**front, "name": name, "instruction": body, "digest": digest(text)})
    except ValidationError as error:
        raise explain(error, document, lambda _: _FRONT) from None
