"""An open contemplating mode: several agents on one problem, one answer, and the whole reasoning trace.

The names below are loaded when they are first used, so that `import contemplate` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from contemplate._version import __version__

if TYPE_CHECKING:
    from contemplate.analysis.redecide import Redecision, redecide, stored_samples
    from contemplate.api import solve, solve_sync, stream
    from contemplate.catalogue import Catalogue
    from contemplate.catalogue.strategy import Strategy
    from contemplate.errors import ContemplateError, InputError, PolicyError
    from contemplate.experiments import Comparison, ExperimentPlan, compare
    from contemplate.models.backends import Backend, OpenAIBackend, ScriptedBackend
    from contemplate.models.budget import Budget
    from contemplate.models.call import Caller, Reply
    from contemplate.models.limiter import Limits
    from contemplate.models.retry import Retry
    from contemplate.models.stages.own import Stage
    from contemplate.orchestration.orchestrator import Orchestrator
    from contemplate.orchestration.settings import Settings
    from contemplate.steps import Agreement, Critique, Judge, Propose, Repeat, Revise, Stable, Step, Synthesize, Vote
    from contemplate.trace.outcome import Event, Noted, Outcome, RunEnded, RunStarted, TurnEnded, TurnStarted
    from contemplate.trace.trace import Trace
    from contemplate.types import (
        Answer,
        Ballot,
        Completion,
        Decision,
        Message,
        Price,
        Question,
        Request,
        Sampling,
        Tokens,
        Turn,
        Usage,
    )

_HOMES = {
    "api": ("solve", "solve_sync", "stream"),
    "models.backends": ("Backend", "OpenAIBackend", "ScriptedBackend"),
    "models.budget": ("Budget",),
    "models.call": ("Caller", "Reply"),
    "catalogue": ("Catalogue",),
    "errors": ("ContemplateError", "InputError", "PolicyError"),
    "experiments": ("Comparison", "ExperimentPlan", "compare"),
    "models.limiter": ("Limits",),
    "orchestration.orchestrator": ("Orchestrator",),
    "trace.outcome": ("Event", "Noted", "Outcome", "RunEnded", "RunStarted", "TurnEnded", "TurnStarted"),
    "analysis.redecide": ("Redecision", "redecide", "stored_samples"),
    "models.retry": ("Retry",),
    "models.stages.own": ("Stage",),
    "orchestration.settings": ("Settings",),
    "steps": ("Agreement", "Critique", "Judge", "Propose", "Repeat", "Revise", "Stable", "Step", "Synthesize", "Vote"),
    "catalogue.strategy": ("Strategy",),
    "trace.trace": ("Trace",),
    "types": (
        *("Answer", "Ballot", "Completion", "Decision", "Message", "Price"),
        *("Question", "Request", "Sampling", "Tokens", "Turn", "Usage"),
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Agreement",
    "Answer",
    "Backend",
    "Ballot",
    "Budget",
    "Caller",
    "Catalogue",
    "Comparison",
    "Completion",
    "ContemplateError",
    "Critique",
    "Decision",
    "Event",
    "ExperimentPlan",
    "InputError",
    "Judge",
    "Limits",
    "Message",
    "Noted",
    "OpenAIBackend",
    "Orchestrator",
    "Outcome",
    "PolicyError",
    "Price",
    "Propose",
    "Question",
    "Redecision",
    "Repeat",
    "Reply",
    "Request",
    "Retry",
    "Revise",
    "RunEnded",
    "RunStarted",
    "Sampling",
    "ScriptedBackend",
    "Settings",
    "Stable",
    "Stage",
    "Step",
    "Strategy",
    "Synthesize",
    "Tokens",
    "Trace",
    "Turn",
    "TurnEnded",
    "TurnStarted",
    "Usage",
    "Vote",
    "__version__",
    "compare",
    "redecide",
    "solve",
    "solve_sync",
    "stored_samples",
    "stream",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that it lives in."""
    if name in _HOME:
        return getattr(import_module(f"contemplate.{_HOME[name]}"), name)
    msg = f"module 'contemplate' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
