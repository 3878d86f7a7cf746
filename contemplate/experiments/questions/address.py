"""A source of questions in one word, as `gym:chain_sum?size=200&seed=1`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote

from contemplate.errors import InputError
from contemplate.yaml_file import scalar


@dataclass(frozen=True)
class Address:
    """A source with its options.

    Attributes:
        source: as it was written.
        name: what stands between the colon and the question mark.
        options: what follows the question mark, by name, as text.
    """

    source: str
    name: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, source: str, rest: str) -> Address:
        """`rest` is what follows the scheme of `source`.

        Raises:
            InputError: there is no name, or an option is not of the form `name=value`, or stands there twice.
        """
        name, _, query = rest.partition("?")
        if not name:
            raise InputError(f"{source!r}: a name is missing behind the colon")
        options: dict[str, str] = {}
        for part in filter(None, query.split("&")):
            option, equals, value = part.partition("=")
            if not equals or not option or not value:
                raise InputError(f"{source}: an option has the form name=value, not {part!r}")
            if option in options:
                raise InputError(f"{source}: the option {option!r} stands there twice")
            options[option] = unquote(value)
        return cls(source, name, options)

    def only(self, known: Collection[str]) -> None:
        """Refuse options that are none of `known`.

        Raises:
            InputError: with the nearest one.
        """
        for option in self.options:
            if option not in known:
                near = get_close_matches(option, list(known), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise InputError(f"{self.source}: unknown option {option!r}{hint} (known: {', '.join(known) or 'none'})")

    def whole(self, option: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`.

        Raises:
            InputError: it is something else.
        """
        if option not in self.options:
            return default
        value = scalar(self.options[option])
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise InputError(
            f"{self.source}: {option}: a whole number from {least} to {most:,} is wanted, not {self.options[option]!r}"
        )

    def word(self, option: str, default: str, known: Sequence[str]) -> str:
        """One of the words `known`.

        Raises:
            InputError: it is something else.
        """
        value = self.options.get(option, default)
        if value in known:
            return value
        raise InputError(f"{self.source}: {option}: {value!r} is not allowed; allowed: {', '.join(known)}")
