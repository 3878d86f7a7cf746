"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest

from contemplate.text.patterns import regex


def test_as_a_compiled_one() -> None:
    """It has the same methods, with the same results."""
    text, flags = r"(?P<word>[a-z]+)(\d*)", re.I
    lazy, compiled = regex(text, flags), re.compile(text, flags)
    assert lazy.pattern == compiled.pattern
    assert lazy.flags == compiled.flags
    assert lazy.groupindex == compiled.groupindex
    assert lazy.fullmatch("Ab1") is not None
    assert lazy.sub("-", "a1 b2") == compiled.sub("-", "a1 b2")
    assert [found[0] for found in lazy.finditer("a1 b2")] == ["a1", "b2"]
    assert lazy.search("b22 c", 1, 2) is None


def test_compiled_once() -> None:
    """And not before it is used."""
    with patch("contemplate.text.patterns.re.compile", wraps=re.compile) as compile_:
        lazy = regex(r"a+")
        assert compile_.call_count == 0
        assert lazy.match("aa")
        assert lazy.search("baa")
        assert compile_.call_count == 1


def test_what_no_pattern_has() -> None:
    """It has not either."""
    with pytest.raises(AttributeError):
        regex("a").nothing  # type: ignore[attr-defined]  # noqa: B018
