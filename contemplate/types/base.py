"""The base of every value, and the one JSON text of it, over which digests and keys are taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from contemplate.errors import InputError
from contemplate.explain import explain_value

Json = dict[str, Any]


class Value(BaseModel):
    """A frozen value.

    Where one is built in Python, what is wrong is said in one line. Where pydantic builds it, as the part of a file or of
    another value, pydantic's own error says what and where.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    @classmethod
    def _refusal(cls, error: ValidationError, given: Mapping[str, object]) -> InputError:
        """The mistake in the fields given, as one line."""
        return explain_value(error, cls.__name__, given, list(cls.model_fields))


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN. Digests and keys are taken over it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of `text`, in hex. Line ends are normalised first, and what UTF-8 can't hold is replaced."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()
