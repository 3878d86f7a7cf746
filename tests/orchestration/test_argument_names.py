"""Names of arguments that are not there."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import Orchestrator, ScriptedBackend, compare, solve, solve_sync, stream
from contemplate.orchestration.arguments import spelled

FUNCTIONS: tuple[Callable[..., object], ...] = (solve, solve_sync, stream)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("wrong", "right"),
    [("bugdet", "budget"), ("model", "models"), ("fallback", "fallbacks"), ("choises", "choices"), ("baseurl", "base_url")],
)
def test_the_nearest_name(function: Callable[..., object], wrong: str, right: str) -> None:
    """The call itself raises, whatever it would return, and nothing is asked."""
    backend = ScriptedBackend("Answer: 4")
    with pytest.raises(TypeError, match=f"no argument '{wrong}'; did you mean '{right}'"):
        function("2 + 2?", backend=backend, ledger=":memory:", **{wrong: 1})

    assert backend.requests == []


@pytest.mark.parametrize("name", ["solve", "stream"])
def test_on_an_orchestrator(name: str) -> None:
    """The same there, before it is even open."""
    with pytest.raises(TypeError, match="no argument 'bugdet'; did you mean 'budget'"):
        getattr(Orchestrator(backend=ScriptedBackend("Answer: 4")), name)("2 + 2?", bugdet=1)


def test_of_an_orchestrator_and_of_compare() -> None:
    """Those that set up and those that compare are spelled as well."""
    with pytest.raises(TypeError, match="did you mean 'models'"):
        Orchestrator(model="m")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="did you mean 'overwrite'"):
        compare({}, over_write=True)  # type: ignore[call-arg]


def test_what_is_like_nothing() -> None:
    """All that there are."""

    def ask(question: str, *, seed: int = 0) -> tuple[str, int]:
        return question, seed

    with pytest.raises(TypeError, match="no argument 'zzz'; there are: question, seed"):
        spelled(ask)("why?", zzz=1)  # type: ignore[call-arg]


def test_what_a_strategy_takes() -> None:
    """It is said where that goes."""
    with pytest.raises(
        TypeError, match=r"no argument 'rounds'; .*; what a strategy takes is given as parameters=\{'rounds': \.\.\.\}$"
    ):
        solve_sync("2 + 2?", "multiagent-debate", rounds=3, backend=ScriptedBackend("Answer: 4"))  # type: ignore[call-overload]


def test_old_names_are_no_misspellings() -> None:
    """An old name goes on working."""
    with pytest.warns(DeprecationWarning, match="'on_event' now"):
        outcome = solve_sync("2 + 2?", "single", backend=ScriptedBackend("Answer: 4"), ledger=":memory:", listen=print)  # type: ignore[call-overload]

    assert outcome.decision is not None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12))
def test_every_name_is_one_of_the_signature_or_refused(name: str) -> None:
    """No word is ignored."""
    if name in inspect.signature(stream).parameters:
        return
    with pytest.raises(TypeError, match=f"no argument '{name}'"):
        stream("q", **{name: 1})  # type: ignore[call-overload]
