"""Old names: for one release they go on working, and say what the new one is."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from operator import attrgetter
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])


def renamed(names: Mapping[str, str]) -> Callable[[object, str], object]:
    """A `__getattr__` for a class whose attributes have new names.

    Args:
        names: the new name of each old one; a name within an attribute is written with a dot, as "runner.prepare".

    Example:
        >>> class Panel:
        ...     __getattr__ = renamed({"moved": "with_positions"})
    """

    def get(self: object, name: str) -> object:
        if name not in names:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        kind = type(self).__name__
        warnings.warn(f"'{kind}.{name}' is called '{kind}.{names[name]}' now", DeprecationWarning, stacklevel=2)
        found: object = attrgetter(names[name])(self)
        return found

    return get


def renamed_names(module: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """A `__getattr__` for a module or package whose names have new ones.

    Args:
        module: its full name.
        names: the new name of each old one.
    """

    def get(name: str) -> object:
        if name not in names:
            msg = f"module {module!r} has no attribute {name!r}"
            raise AttributeError(msg)
        warnings.warn(f"{module}.{name} is called {module}.{names[name]} now", DeprecationWarning, stacklevel=2)
        found: object = getattr(sys.modules[module], names[name])
        return found

    return get


def renamed_arguments(**names: str) -> Callable[[F], F]:
    """A decorator for a function whose arguments have new names.

    Args:
        **names: the new name of each old one.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def call(*arguments: object, **named: object) -> object:
            for old, new in names.items():
                if old in named:
                    message = f"{function.__qualname__}: the argument {old!r} is called {new!r} now"
                    warnings.warn(message, DeprecationWarning, stacklevel=2)
                    named.setdefault(new, named.pop(old))
            return function(*arguments, **named)

        return cast("F", call)

    return decorate
