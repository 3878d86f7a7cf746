"""Recipes: strategies as YAML files, with parameters that can be set from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from io import StringIO
from typing import Any, NoReturn

from pydantic import ValidationError, field_validator

from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, RecipeError, UnknownNameError
from contemplate.explain import explain
from contemplate.steps import Refine, verb
from contemplate.steps.stops import STOP_TESTS
from contemplate.steps.vote import Weighing
from contemplate.types import Value, digest
from contemplate.yaml_file import Document, Location, parse_yaml, scalar

COMMON = ("focus", "focus_tokens")
"""The parameters of every recipe, whether it names them or not: how long documents are dealt (`Strategy`)."""

_TOP = ("summary", "paper", "note", "open", "parameters", "quorum", "calls_per_seat", "equivalence", "tools", *COMMON, "steps")

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
REFINE = "refine"
"""The parameter that every recipe has."""


class Parameter(Value):
    """Something about a recipe that can be set: `$name` in its steps stands for its value.

    Attributes:
        default: its value if nobody sets it.
        summary: one line on what it does.
    """

    default: str | int | float | bool
    summary: str = ""

    @field_validator("default", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        if not isinstance(value, str | int | float | bool):
            msg = "a parameter's default is a word, a number, true or false"
            raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueErrors with their place
        return value


_MOST_KEPT = 64
"""Of so many settings of its parameters a recipe remembers what it came to."""


class Recipe:
    """A recipe as it stands in its file, its parameters still open."""

    def __init__(self, text: str, name: str, file: str) -> None:
        """Read a recipe.

        Raises:
            RecipeError: with path, line and the words allowed.
        """
        self.name, self.file, self.text = name, file, text
        self.digest = digest(text)
        self._made: dict[str, Strategy] = {}  # by the values of its parameters
        self._document = parse_yaml(text, file)
        self._top = self._document.mapping()
        for word in self._top:
            if word not in _TOP:
                self._unknown(word, _TOP)
        self.parameters = self._parameters()
        self.strategy()  # a recipe must make sense with its defaults

    def __repr__(self) -> str:
        defaults = ", ".join(f"{name}={one.default!r}" for name, one in self.parameters.items())
        return f"<Recipe {self.name!r}: {defaults or 'no parameters'}>"

    def _repr_html_(self) -> str:
        """The recipe as a notebook shows it: what it does, its parameters and steps, its text."""
        from contemplate.catalogue.notebook import recipe_html

        return recipe_html(self)

    @property
    def summary(self) -> str:
        """One line on what it does."""
        return str(self._top.get("summary", ""))

    @property
    def paper(self) -> str | None:
        """Whom it follows."""
        return self._top.get("paper")

    @property
    def note(self) -> str | None:
        """The note on where it departs from the paper or from the authors' code."""
        return self._top.get("note")

    @property
    def for_open(self) -> str | None:
        """The name of the recipe that takes its place where the question is open; None where it does that itself."""
        named = self._top.get("open")
        return None if named is None else str(named)

    def line_of(self, word: str) -> int | None:
        """The first line on which `word` stands as a value, or None."""
        return next((line for path, line in self._document.lines.items() if self._document.at(path) == word), None)

    def strategy(self, settings: Mapping[str, object] | None = None) -> Strategy:
        """The strategy with its parameters set.

        Every recipe has a parameter `refine` besides its own: true puts the question more tightly first, "ask" asks about that.

        Raises:
            UnknownNameError: it has no parameter of that name.
            RecipeError: a value does not fit where it is used.
        """
        refine = None if REFINE in self.parameters else (settings or {}).get(REFINE)
        settings = {name: value for name, value in (settings or {}).items() if name != REFINE or name in self.parameters}
        for name in settings:
            if name not in self.parameters and name not in COMMON:
                raise UnknownNameError(f"parameter of {self.name}", name, list(self.parameters))
        if refine not in (None, True, False, "ask"):
            raise RecipeError(self.file, f"{REFINE} is true, false or ask, and not {refine!r:.40}")
        strategy = self._kept(settings)
        return strategy.refined(ask=refine == "ask") if refine else strategy

    def _kept(self, settings: Mapping[str, object]) -> Strategy:
        """The strategy with its own parameters set, made once for the same values."""
        values = {name: parameter.default for name, parameter in self.parameters.items()} | dict(settings)
        try:
            known = json.dumps(values)
        except (TypeError, ValueError):  # nothing that a recipe can be set to; it is said where
            return self._strategy(values, settings)
        if known not in self._made:
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            self._made[known] = self._strategy(values, settings)
        return self._made[known]

    def _strategy(self, values: Mapping[str, object], settings: Mapping[str, object] | None) -> Strategy:
        filled = Document(self.file, self._fill(self._top, values, ()), self._document.lines)
        body = {word: value for word, value in filled.value.items() if word not in {"parameters", "note", "open"}}
        body |= {name: value for name, value in (settings or {}).items() if name in COMMON and name not in self.parameters}
        try:
            return Strategy.model_validate({**body, "name": self.name, "digest": self.digest})
        except ValidationError as error:
            problem = explain(error, filled, partial(_allowed, filled.value))
            if settings:
                raise RecipeError(
                    problem.file, f"{problem.problem} (with {_said(settings)})", line=problem.line, where=problem.where
                ) from None
            raise problem from None

    def parameters_of(self, strategy: Strategy) -> dict[str, Any] | None:
        """The values of the parameters with which the recipe gives `strategy`; None if there are none."""
        row = strategy.model_dump(mode="json")
        found = {name: parameter.default for name, parameter in self.parameters.items()}
        if isinstance(strategy.steps[0], Refine) and self._top["steps"][0].get("do") != "refine":
            found[REFINE], row["steps"] = "ask" if strategy.steps[0].ask else True, row["steps"][1:]
        for name, value in _values(self._top, row):
            if name in found and isinstance(value, str | int | float | bool):
                found[name] = value
        usual = {name: Strategy.model_fields[name].default for name in COMMON}
        found |= {name: row[name] for name in COMMON if name not in found and row[name] not in (usual[name], self._top.get(name))}
        try:
            given = self.strategy(found)
        except RecipeError:
            return None
        return found if given == strategy else None

    def _fill(self, value: Any, values: Mapping[str, object], path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - YAML values
        if isinstance(value, dict):
            return {key: self._fill(inner, values, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._fill(inner, values, (*path, number)) for number, inner in enumerate(value)]
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in values:
                allowed = ", ".join(f"${name}" for name in values) or "none: there are no parameters"
                raise RecipeError(self.file, f"unknown parameter {value!r} (allowed: {allowed})", line=self._document.line(path))
            return values[value[1:]]
        return value

    def _parameters(self) -> dict[str, Parameter]:
        given = self._top.get("parameters") or {}
        if not isinstance(given, dict):
            raise RecipeError(self.file, "'parameters' is a mapping of names", line=self._document.line(("parameters",)))
        found: dict[str, Parameter] = {}
        for name, row in given.items():
            if not _NAME.match(name):
                line = self._document.line(("parameters", name))
                raise RecipeError(self.file, f"a parameter's name is of the form my_name, not {name!r}", line=line)
            try:
                found[name] = Parameter.model_validate(row if isinstance(row, dict) else {"default": row})
            except ValidationError as error:
                inner = Document(self.file, row, {})
                problem = explain(error, inner, lambda _: ("default", "summary"))
                line = self._document.line(("parameters", name))
                raise RecipeError(self.file, problem.problem, line=line, where=f"parameters.{name}") from None
        return found

    def _unknown(self, word: str, allowed: Sequence[str]) -> NoReturn:
        if not any(get_close_matches(one, allowed, n=1) for one in self._top):
            # another program's file, perhaps through a link: none of it is shown
            raise RecipeError(self.file, f"it has none of the words of a recipe ({', '.join(allowed)})", line=1)
        near = get_close_matches(word, allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        message = f"unknown word {word!r}{hint} (allowed: {', '.join(allowed)})"
        raise RecipeError(self.file, message, line=self._document.line((word,)))


def dump(strategy: Strategy) -> str:
    """The recipe of a strategy, as YAML. Loading it gives an equal strategy, but for name and digest."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # keep `do` first
    stream = StringIO()
    writer.dump(strategy.to_dict(), stream)
    return stream.getvalue()


def load(text: str, name: str = "custom", file: str = "recipe.yaml", settings: Mapping[str, object] | None = None) -> Strategy:
    """The strategy that a recipe's text describes.

    Raises:
        RecipeError: with path, line and the words allowed.
    """
    return Recipe(text, name, file).strategy(settings)


def settings_of(typed: Iterable[str], option: str = "--set", example: str = "rounds=3") -> dict[str, object]:
    """Read each `NAME=VALUE`, as the command line gives it.

    Args:
        typed: what was typed after each `option`.
        option: by which they are given.
        example: of one.

    Raises:
        InputError: one is not of that form, or two set the same name otherwise.
    """
    found: dict[str, object] = {}
    for text in typed:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            msg = f"{option} {text}: expected NAME=VALUE, as {example}"
            raise InputError(msg)
        read = scalar(value)
        if name in found and found[name] != read:
            msg = f"{option} {text}: {name} is {found[name]} already; give it once"
            raise InputError(msg)
        found[name] = read
    return found


def _said(settings: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _values(recipe: Any, row: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - YAML and JSON values
    """What stands in a strategy where its recipe has a parameter."""
    if isinstance(recipe, dict) and isinstance(row, dict):
        for word, inner in recipe.items():
            yield from _values(inner, row.get(word))
    elif isinstance(recipe, list) and isinstance(row, list):
        for inner, value in zip(recipe, row, strict=False):
            yield from _values(inner, value)
    elif isinstance(recipe, str) and recipe.startswith("$"):
        named = row.get("rule", row.get("test")) if isinstance(row, dict) else row  # a stop test may be given by its name
        yield recipe[1:], named


def _allowed(top: object, location: Location) -> Sequence[str]:
    """The words allowed in the part of the recipe `top` in which `location` ends; the tags of unions in it are passed over."""
    here: object = top
    words: Sequence[str] = _TOP
    for part in location[:-1]:
        inside: dict[Any, Any] = here if isinstance(here, dict) else dict(enumerate(here)) if isinstance(here, list) else {}
        if part not in inside:
            continue
        here = inside[part]
        if isinstance(here, dict):
            words = _words_of(part, here) or words
    return words


def _words_of(name: int | str, row: Mapping[str, object]) -> Sequence[str] | None:
    """The words allowed in a step, a stop test or the like; None if it is none of them."""
    if name == "weighing":
        return list(Weighing.model_fields)
    if name == "until":
        rule = row.get("rule", "predictive") if row.get("test") == "settled" else row.get("test")
        test = STOP_TESTS.get(rule) if isinstance(rule, str) else None
        return list(test.model_fields) if test else None
    step = verb(row["do"]) if isinstance(row.get("do"), str) else None  # type: ignore[arg-type]  # as the line says
    return list(step.model_fields) if step else None
