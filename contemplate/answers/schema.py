"""The JSON Schema of a question: checked once, and never a reason to read anything from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from contemplate.errors import InputError
from contemplate.text import one_line
from contemplate.types import Json, canonical_json

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MAX_SCHEMA = 10_000
"""The longest schema, in characters of its canonical JSON: it stands in every prompt."""
MAX_DEPTH = 32

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DATA = {"const", "enum", "default", "examples"}
_NAMED = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
_PROBES: tuple[Any, ...] = (None, True, 0, "", [], {}, [None], {"a": None})


def check_schema(schema: Json) -> None:
    """Refuse a schema that can't be worked with.

    Raises:
        InputError: it is no JSON Schema, too long, too deep, refers to what lies outside of it, or never ends.
    """
    from jsonschema.exceptions import SchemaError

    try:
        length = len(canonical_json(schema))
        deep = _depth(schema) > MAX_DEPTH
    except (TypeError, ValueError, RecursionError):
        raise InputError("the JSON Schema holds what is no JSON, or is nested without end") from None
    if length > MAX_SCHEMA or deep:
        raise InputError(
            f"the JSON Schema is {length:,} characters long{' and nested deeper than 32' if deep else ''};"
            f" the most is {MAX_SCHEMA:,} characters, nested {MAX_DEPTH} deep"
        )
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise InputError(
                f"the JSON Schema refers to {one_line(reference)!r}; only references within it, that begin with #, are followed"
            )
    try:
        type(_validator(schema)).check_schema(schema)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "its root"
        raise InputError(f"no valid JSON Schema: at {where}: {one_line(error.message, 160)}") from None
    _probe(schema)


def satisfies(value: object, schema: Json) -> bool:
    """Whether `value` satisfies `schema`; not if that can't be found out."""
    from referencing.exceptions import Unresolvable

    try:
        return _validator(schema).is_valid(cast("Any", value))
    except (Unresolvable, RecursionError, re.error):
        return False


def _probe(schema: Json) -> None:
    """Try a few small values: references that lead nowhere, or in circles, show at once."""
    from referencing import Registry, Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    validator = _validator(schema)
    root = Registry().resolver_with_root(Resource.from_contents(schema, default_specification=DRAFT202012))
    try:
        for probe in _PROBES:
            validator.is_valid(probe)
        for reference in _references(schema):
            root.lookup(reference)
    except Unresolvable as error:
        raise InputError(f"the JSON Schema refers to {one_line(str(error.ref))!r}, which is not in it") from None
    except RecursionError:
        raise InputError("the JSON Schema refers to itself without end") from None
    except re.error as error:
        raise InputError(f"the JSON Schema holds a pattern that is no regular expression: {error}") from None


def _validator(schema: Json) -> Validator:
    """A validator whose registry is empty: what is not in the schema is not found, and nothing is fetched."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for
    from referencing import Registry

    kind = validator_for(schema, default=Draft202012Validator)
    return kind(schema, registry=Registry())


def _references(schema: object, *, named: bool = False) -> Iterator[str]:
    """Every reference in `schema`; not what stands there as data. `named`: the keys here are names, and no keywords."""
    if isinstance(schema, list):
        for item in schema:
            yield from _references(item)
    elif isinstance(schema, dict):
        for key, item in schema.items():
            if not named and key in _REFERENCES and isinstance(item, str):
                yield item
            elif named or key not in _DATA:
                yield from _references(item, named=not named and key in _NAMED)


def _depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inside), default=0)
