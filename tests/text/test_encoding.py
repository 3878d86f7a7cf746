"""JSON that goes out and comes in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.text import encoding

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(params=["orjson", "json"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the compiled one, and without."""
    if request.param == "json":
        monkeypatch.setattr(encoding, "orjson", None)
    else:
        pytest.importorskip("orjson")


class TestBoth:
    """Both ways give the same."""

    def test_there_and_back(self) -> None:
        """Whatever plain data."""

        @given(VALUES)
        def check(value: object) -> None:
            assert encoding.decode(encoding.encode(value)) == value
            assert json.loads(encoding.encode(value)) == value

        check()

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
    def test_half_a_pair(self, text: str) -> None:
        """A lone half of a surrogate pair is sent as an escape."""
        assert json.loads(encoding.encode({"content": text})) == {"content": text}

    def test_what_only_python_reads(self) -> None:
        """NaN, other encodings of Unicode, escapes of half a pair."""
        assert encoding.decode("[Infinity]") == [float("inf")]
        assert encoding.decode('["a"]'.encode("utf-16")) == ["a"]
        assert encoding.decode(b'["\\ud800"]') == ["\ud800"]

    @pytest.mark.parametrize("text", [b"", b"{", b"nothing", b"\xff"])
    def test_no_json(self, text: bytes) -> None:
        """It is a ValueError."""
        with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
            encoding.decode(text)
