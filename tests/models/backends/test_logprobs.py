"""Log-probabilities: what is computed of them, and that no JSON, however odd, breaks the reader or the ledger."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_request
from contemplate.ledger.codec import dump_value, load_value
from contemplate.models.backends.logprobs import LOWEST, read_logprobs
from contemplate.types import Completion, Logprobs

ASKED = a_request(logprobs=3, max_tokens=10)


def a_place(drawn: object, *likeliest: object) -> dict[str, object]:
    """One token, with the likeliest at its place called a, b, ..."""
    rows = [{"token": "abcdefgh"[rank], "logprob": logprob} for rank, logprob in enumerate(likeliest)]
    return {"token": "x", "logprob": drawn, "top_logprobs": rows}


def test_what_is_computed() -> None:
    """Of each token its own; of each place minus the mean of the k likeliest; of the first place all of them."""
    given = {"content": [a_place(-2.0, -0.5, -1.5, -4.0, -9.0), a_place(-0.0, -0.0, -6.0, -3.0)]}
    expected = Logprobs(chosen=(-2.0, 0.0), confidence=(2.0, 3.0), first={"a": -0.5, "b": -1.5, "c": -4.0})
    assert expected == read_logprobs(given, ASKED)


def test_what_was_not_asked_for_is_not_read() -> None:
    """Some servers send them always."""
    assert read_logprobs({"content": [a_place(-1.0, -1.0)]}, a_request(max_tokens=10)) is None


@pytest.mark.parametrize("content", [None, [], ["x"], [{}], [a_place(-1.0)]])
def test_what_is_not_there(content: object) -> None:
    """No tokens, or no likeliest ones beside them, are no log-probabilities."""
    assert read_logprobs({"content": content}, ASKED) is None


@pytest.mark.parametrize("given", [None, [], {}, "x"])
def test_what_is_no_logprobs(given: object) -> None:
    """Other shapes are none either."""
    assert read_logprobs(given, ASKED) is None


@pytest.mark.parametrize("drawn", [True, "x", float("nan"), []])
def test_what_is_not_there_for_every_token_is_not_there(drawn: object) -> None:
    """Half of them would be worse than none."""
    assert read_logprobs({"content": [a_place(-1.0, -1.0), a_place(drawn, -1.0)]}, ASKED) is None


@pytest.mark.parametrize("spelled", ["-Infinity", "null", "-1e400", "-1e308", f"-{10**400}"])
def test_minus_infinity(spelled: str) -> None:
    """However it is written, it becomes a number that JSON can hold; what is above 0 becomes 0."""
    text = f'{{"content": [{{"token": "x", "logprob": {spelled}, "top_logprobs": [{{"token": "x", "logprob": 1e400}}]}}]}}'
    assert Logprobs(chosen=(LOWEST,), confidence=(0.0,), first={"x": 0.0}) == read_logprobs(json.loads(text), ASKED)


def test_it_is_bounded() -> None:
    """No more places than the reply may have tokens, no more rows than were asked for, no endless names of tokens."""
    row = {"token": "y" * 10**6, "logprob": -1.0}
    given = {"content": [{"token": "x", "logprob": -1.0, "top_logprobs": [row] * 1000}] * 100_000}
    began = time.process_time()
    logprobs = read_logprobs(given, a_request(logprobs=3, max_tokens=1000))
    assert time.process_time() - began < 1
    assert logprobs is not None
    assert (1000, 1, 200) == (len(logprobs.chosen), len(logprobs.first), len(next(iter(logprobs.first))))


numbers = st.floats() | st.integers() | st.none() | st.booleans()
rows = st.lists(
    st.fixed_dictionaries({}, optional={"token": st.text(st.characters(exclude_categories=[])) | st.none(), "logprob": numbers})
)
places = st.fixed_dictionaries({}, optional={"token": st.text(), "logprob": numbers, "top_logprobs": rows | st.none()})


@given(st.fixed_dictionaries({"content": st.lists(places | st.none(), max_size=4)}))
def test_reading_is_total_and_storing_exact(given: object) -> None:
    """Whatever comes is either nothing, or goes to the ledger and back as it is."""
    completion = Completion(text="x", logprobs=read_logprobs(given, ASKED))
    assert completion == load_value(Completion, dump_value(completion))


@given(
    st.lists(st.floats(LOWEST, 0), max_size=5),
    st.dictionaries(st.text(st.characters(exclude_categories=[])), st.floats(LOWEST, 0), max_size=5),
)
def test_the_ledger_keeps_them_exactly(chosen: list[float], first: dict[str, float]) -> None:
    """To the last bit, whatever the tokens read."""
    logprobs = Logprobs(chosen=tuple(chosen), confidence=tuple(-number for number in chosen), first=first)
    completion = Completion(text="x", logprobs=logprobs)
    assert completion == load_value(Completion, dump_value(completion))
