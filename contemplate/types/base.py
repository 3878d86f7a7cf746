"""The base of every value, and the one JSON text of it, over which digests and keys are taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from contemplate.errors import InputError
from contemplate.explain import explain_value

Json = dict[str, Any]
V = TypeVar("V", bound="Value")


if TYPE_CHECKING:
    once = cached_property
else:

    class once(cached_property):  # noqa: N801 - read as a word, as other decorators are
        """A property that is worked out once and kept; without the lock that `cached_property` has before 3.12."""

        def __get__(self, instance: object, owner: type[Any] | None = None) -> object:
            """The value."""
            if instance is None:
                return self
            value = instance.__dict__[self.attrname] = self.func(instance)
            return value


class Value(BaseModel):
    """A frozen value.

    Where one is built in Python, what is wrong is said in one line. Where pydantic builds it, as the part of a file or of
    another value, pydantic's own error says what and where.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(once,))

    def __init__(self, /, **data: Any) -> None:  # noqa: ANN401 - whatever is to be validated
        """Take the fields by name.

        Raises:
            InvalidValueError: a field is missing, unknown, or not what is allowed.
        """
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)  # as BaseModel does, without another call
        except ValidationError as error:
            raise self._refusal(error, data) from None

    # As pydantic marks its own: it does not call this one for the parts of a value, and keeps the path to what is wrong.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    _usual: ClassVar[Mapping[str, object] | None] = None

    @classmethod
    def made(cls, **fields: Any) -> Self:  # noqa: ANN401 - as the fields are
        """The value with these fields, which the caller knows to be valid: what this system made itself need not be checked.

        All that have no default must be given, as what they are in the end: a tuple and not a list.
        """
        usual = cls.__dict__.get("_usual")
        if usual is None:
            usual = cls._usual = {name: _usual(field) for name, field in cls.model_fields.items()}
        return _built(cls, {**usual, **fields}, _names_of(tuple(fields)), None)

    def altered(self, **fields: Any) -> Self:  # noqa: ANN401 - as the fields are
        """The same with these fields instead, which the caller knows to be valid: `model_copy` in less time."""
        own, names = self.__dict__, type(self).__pydantic_fields__
        if len(own) != len(names):  # what was worked out once may not be so for the other one
            own = {name: own[name] for name in names}
        given = self.__pydantic_fields_set__
        if not fields.keys() <= given:
            given = _names_of((*given, *fields))
        return _built(type(self), {**own, **fields}, given, self.__pydantic_extra__)

    @classmethod
    def _refusal(cls, error: ValidationError, given: Mapping[str, object]) -> InputError:
        """The mistake in the fields given, as one line."""
        return explain_value(error, cls.__name__, given, list(cls.model_fields))


_set = object.__setattr__


@cache
def _names_of(fields: tuple[str, ...]) -> set[str]:
    """The names of fields that were given: one set for all values that were given the same, since nobody changes it."""
    return set(fields)


def _usual(field: FieldInfo) -> object:
    return None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})


def _built(kind: type[V], fields: dict[str, Any], given: set[str], extra: dict[str, Any] | None) -> V:
    value = kind.__new__(kind)
    _set(value, "__dict__", fields)
    _set(value, "__pydantic_fields_set__", given)
    _set(value, "__pydantic_extra__", extra)
    _set(value, "__pydantic_private__", None)
    return value


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN. Digests and keys are taken over it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of `text`, in hex. Line ends are normalised first, and what UTF-8 can't hold is replaced."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()
