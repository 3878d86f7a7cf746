"""The library `reasoning-gym`: imported when it is first needed, and which of its tasks are not used."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from contemplate.errors import InputError
from contemplate.errors.boundary import boundary

_RUNS_ANSWERS = "its scorer runs what a model wrote as Python code"  # `eval`, or sympy's `parse_expr`, which uses it
_OTHERS_EACH_TIME = "its questions are other ones in each process, so that nothing could be repeated"
_PRINTS = "it prints while it makes its questions"

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "binary_matrix": _RUNS_ANSWERS,
        "countdown": _RUNS_ANSWERS,
        "intermediate_integration": _RUNS_ANSWERS,
        "n_queens": _RUNS_ANSWERS,
        "polynomial_multiplication": _RUNS_ANSWERS,
        "puzzle24": _RUNS_ANSWERS,
        "simple_integration": _RUNS_ANSWERS,
        "spiral_matrix": _RUNS_ANSWERS,
        "string_insertion": _RUNS_ANSWERS,
        "isomorphic_strings": _OTHERS_EACH_TIME,
        "knight_swap": _OTHERS_EACH_TIME,
        "list_functions": _OTHERS_EACH_TIME,
        "ransom_note": _OTHERS_EACH_TIME,
        "word_ladder": _OTHERS_EACH_TIME,
        "bf": _PRINTS,
    }
)
"""Tasks that are not used, each with the reason. That there are no others is tested with the versions that the extra allows."""


def library(source: str) -> Any:  # noqa: ANN401 - a module without types
    """The module `factory` of reasoning-gym, after its tasks have made themselves known there.

    Args:
        source: what it is needed for, in errors.

    Raises:
        InputError: it is not installed, or can't be imported.
    """
    if find_spec("reasoning_gym") is None:
        raise InputError(f"{source}: its tasks need reasoning-gym: pip install 'contemplate-ai[experiments]'")
    with boundary(f"{source}: importing reasoning-gym") as caught:
        return _imported()
    raise InputError(str(caught.error))


def _imported() -> Any:  # noqa: ANN401
    with warnings.catch_warnings():
        # What it depends on warns while it is first compiled, and where warnings are errors it could not be imported at all.
        warnings.simplefilter("ignore", SyntaxWarning)
        importlib.import_module("reasoning_gym")
        return importlib.import_module("reasoning_gym.factory")
