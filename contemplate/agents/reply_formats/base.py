"""Reply formats, and the values that are read by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from contemplate.agents import parsing
from contemplate.answers.reading import visible
from contemplate.types import Answer, Found, Json, Value

WORK: Json = {"type": "string", "description": "your work, step by step"}
"""The property of an object that comes before what it concludes."""


class Parsed(Value):
    """The values that were read from a reply.

    Attributes:
        answer: a position on the question.
        confidence: how sure it says that it is, in [0, 1].
        verdict: what a critic found.
        chose: the id of the turn that was chosen.
        found: anything else.
    """

    answer: Answer | None = None
    confidence: float | None = None
    verdict: Literal["sound", "flawed", "unclear"] | None = None
    chose: str | None = None
    found: Found = Found()


Read = Callable[[str], Parsed | None]
FromObject = Callable[[Json], Parsed | None]


@dataclass(frozen=True)
class ReplyFormat:
    """The form that a reply must have, and how it is read.

    Attributes:
        tagged: the sentence that asks for it as text; it stands for `{answer_form}` and `{reply_form}` in a card.
        read: reads the tagged form; None if what was asked for is not in the text.
        fields: the properties of the JSON object that is asked for instead, where the endpoint can; empty for a form that
            is text everywhere.
        from_object: reads such an object; None if it does not hold what it must.
        program: finds the program in a reply that is to hold one: it is run, and `read` reads what it printed. None for a form
            that is read from the reply itself.
    """

    tagged: str
    read: Read
    fields: Json = field(default_factory=dict)
    from_object: FromObject | None = None
    program: Callable[[str], str | None] | None = None

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

    def reading(self, text: str, *, as_object: bool = False) -> Parsed | None:
        """The values that `text` holds; None if it can't be read.

        An object counts only where one was asked for and all of the reply is that object; it is never read as text then,
        whatever words stand in its fields. One beside other words may be quoted from somebody who wants to be read in
        place of the author.

        Args:
            text: the reply.
            as_object: whether an object was asked for.
        """
        if as_object and self.from_object is not None:
            row = parsing.whole_object(text)
            row = row if row is not None else parsing.whole_object(visible(text))
            if row is not None:
                return self.from_object(row)
        return self.read(text)


def _hole(rule: Json) -> str:
    if "enum" in rule:
        return " or ".join(f'"{word}"' for word in rule["enum"])
    return str(rule.get("description", rule.get("type", "value")))
