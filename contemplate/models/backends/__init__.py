"""Backends: the ways to reach models. Each is imported when it is first asked for, and what it builds on with it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from contemplate.models.backends.base import Backend

if TYPE_CHECKING:
    from contemplate.models.backends.litellm import LiteLLMBackend
    from contemplate.models.backends.local import LocalBackend
    from contemplate.models.backends.openai import OpenAIBackend
    from contemplate.models.backends.routing import Router
    from contemplate.models.backends.scripted import ScriptedBackend

__all__ = ["Backend", "LiteLLMBackend", "LocalBackend", "OpenAIBackend", "Router", "ScriptedBackend"]

_HOMES = {
    "LiteLLMBackend": "litellm",
    "LocalBackend": "local",
    "OpenAIBackend": "openai",
    "Router": "routing",
    "ScriptedBackend": "scripted",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
