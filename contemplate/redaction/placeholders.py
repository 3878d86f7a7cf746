"""Placeholders: what is hidden has a name of its own in all texts of a run, and is put back where that stands."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contemplate.redaction.finding import found

_FORM = re.compile(r"\[(EMAIL|PHONE|IBAN|CARD|KEY|NAME|TEXT|CODE)(Z*)-(\w{1,8})\]", re.IGNORECASE)
_LATE = 8


@dataclass
class Redactor:
    """Hides the same words behind the same placeholder, and puts them back.

    What stands in the texts that it is made of is numbered in their order. What comes up later, as in a seat's reply, is named
    after a keyed hash of it, so that no name hangs on who spoke first; without a key it can't be put back.

    Attributes:
        names: hidden in either case.
        key: of the hash; empty: none.
    """

    names: tuple[str, ...] = ()
    key: str = ""
    _values: dict[str, str] = field(default_factory=dict)
    _hidden: dict[str, str] = field(default_factory=dict)
    _mark: str = ""

    @classmethod
    def of(
        cls, texts: Sequence[str], names: Iterable[str] = (), values: Iterable[str] = (), codes: Iterable[str] = (), key: str = ""
    ) -> Redactor:
        """A redactor for the words of a run.

        Args:
            texts: all that is known from the start.
            names: hidden in either case, as words of their own.
            values: hidden wherever they stand as they are.
            codes: likewise: numbers and the like.
            key: a secret.
        """
        kept = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
        redactor = cls(names=kept, key=key)
        while any(one.group(2).upper() == redactor._mark for text in texts for one in _FORM.finditer(text)):
            redactor._mark += "Z"
        given = [*((value, "TEXT") for value in values if value.strip()), *((code, "CODE") for code in codes)]
        counts: dict[str, int] = {}
        for text in texts:
            for span in found(text, kept, given):
                value = text[span.begin : span.end]
                if value not in redactor._values:
                    counts[span.kind] = counts.get(span.kind, 0) + 1
                    redactor._name(value, span.kind, str(counts[span.kind]))
        for value, kind in given:
            if value not in redactor._values:
                counts[kind] = counts.get(kind, 0) + 1
                redactor._name(value, kind, str(counts[kind]))
        return redactor

    @property
    def values(self) -> tuple[str, ...]:
        """All that is hidden so far."""
        return tuple(self._values)

    def hidden(self, text: str) -> str:
        """`text` with placeholders for what must not be told."""
        parts, reached = [], 0
        known = ((value, name[1:].partition("-")[0].rstrip("Z")) for value, name in self._values.items())
        for span in found(text, self.names, known):
            value = text[span.begin : span.end]
            parts += [text[reached : span.begin], self._values.get(value) or self._late(value, span.kind)]
            reached = span.end
        return "".join([*parts, text[reached:]])

    def restored(self, text: str) -> str:
        """`text` with the words put back for their placeholders; what no placeholder of ours is stays."""
        return _FORM.sub(lambda one: self._hidden.get(one.group().upper(), one.group()), text)

    def _late(self, value: str, kind: str) -> str:
        if not self.key:
            return f"[{kind}{self._mark}-x]"
        short = hmac.new(self.key.encode(), f"{kind}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
            :_LATE
        ]
        return self._name(value, kind, short)

    def _name(self, value: str, kind: str, name: str) -> str:
        placeholder = f"[{kind}{self._mark}-{name}]"
        self._values[value] = placeholder
        self._hidden[placeholder.upper()] = value
        return placeholder
