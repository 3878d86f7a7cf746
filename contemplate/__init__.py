"""An open contemplating mode: several agents on one problem, one answer, and the whole reasoning trace.

The names below are loaded when they are first used, so that `import contemplate` is quick.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from contemplate._version import __version__

if TYPE_CHECKING:
    from contemplate.analysis.redecide import Redecision, redecide, stored_samples
    from contemplate.api import solve, solve_sync, stream
    from contemplate.catalogue import Catalogue
    from contemplate.catalogue.strategy import Strategy
    from contemplate.errors import ContemplateError, InputError, PolicyError, ToolError
    from contemplate.experiments import Comparison, ExperimentPlan, compare
    from contemplate.models.backends import Backend, OpenAIBackend, ScriptedBackend
    from contemplate.models.backends.base import BaseBackend, Limits
    from contemplate.models.backends.model import Model
    from contemplate.models.budget import Budget
    from contemplate.models.call import Caller, Reply
    from contemplate.models.retry import Retry
    from contemplate.models.stages.own import Stage
    from contemplate.orchestration.conversation import Conversation
    from contemplate.orchestration.orchestrator import Orchestrator
    from contemplate.orchestration.replay import Replay
    from contemplate.orchestration.settings import Settings
    from contemplate.policy.rules import Policy
    from contemplate.run.reviewing import Draft
    from contemplate.steps import (
        Accepted,
        Agreement,
        Assess,
        Challenge,
        Claims,
        Compare,
        Compose,
        Compute,
        Critique,
        Gather,
        Judge,
        Propose,
        Rank,
        Refine,
        Repeat,
        Revise,
        Score,
        Search,
        Select,
        Stable,
        Step,
        Synthesize,
        Verify,
        Vote,
        Weigh,
    )
    from contemplate.tools import Approval, McpServer, Tool
    from contemplate.trace.events import (
        CallEnded,
        CallStarted,
        Event,
        FellBack,
        Noted,
        Observer,
        Retried,
        RunEnded,
        RunInterrupted,
        RunStarted,
        ToolUsed,
        TurnDelta,
        TurnEnded,
        TurnStarted,
    )
    from contemplate.trace.outcome import Outcome
    from contemplate.trace.trace import Trace
    from contemplate.types import (
        Answer,
        Assessment,
        Attachment,
        Ballot,
        CallRef,
        Claim,
        Completion,
        Composition,
        Criterion,
        Decision,
        Document,
        Failure,
        Found,
        Message,
        OutsideView,
        Price,
        Program,
        Question,
        Request,
        Ruling,
        Sampling,
        Scrutiny,
        Sentence,
        Stakes,
        Tally,
        Tokens,
        ToolLimits,
        ToolUse,
        Turn,
        Usage,
    )
    from contemplate.viewer.progress import NotebookProgress

_HOMES = {
    "api": ("solve", "solve_sync", "stream"),
    "models.backends": ("Backend", "OpenAIBackend", "ScriptedBackend"),
    "models.backends.base": ("BaseBackend", "Limits"),
    "models.budget": ("Budget",),
    "models.call": ("Caller", "Reply"),
    "catalogue": ("Catalogue",),
    "errors": ("ContemplateError", "InputError", "PolicyError", "ToolError"),
    "experiments": ("Comparison", "ExperimentPlan", "compare"),
    "models.backends.model": ("Model",),
    "orchestration.conversation": ("Conversation",),
    "orchestration.orchestrator": ("Orchestrator",),
    "trace.events": (
        *("CallEnded", "CallStarted", "Event", "FellBack", "Noted", "Observer", "Retried", "RunEnded", "RunStarted"),
        *("RunInterrupted", "ToolUsed", "TurnDelta", "TurnEnded", "TurnStarted"),
    ),
    "run.reviewing": ("Draft",),
    "tools": ("Approval", "McpServer", "Tool"),
    "trace.outcome": ("Outcome",),
    "analysis.redecide": ("Redecision", "redecide", "stored_samples"),
    "models.retry": ("Retry",),
    "models.stages.own": ("Stage",),
    "orchestration.settings": ("Settings",),
    "orchestration.replay": ("Replay",),
    "policy.rules": ("Policy",),
    "steps": (
        *(
            "Accepted",
            "Agreement",
            "Assess",
            "Challenge",
            "Claims",
            "Compare",
            "Compose",
            "Compute",
            "Critique",
            "Gather",
            "Judge",
            "Propose",
        ),
        *(
            "Rank",
            "Refine",
            "Repeat",
            "Revise",
            "Score",
            "Search",
            "Select",
            "Stable",
            "Step",
            "Synthesize",
            "Verify",
            "Vote",
            "Weigh",
        ),
    ),
    "catalogue.strategy": ("Strategy",),
    "trace.trace": ("Trace",),
    "viewer.progress": ("NotebookProgress",),
    "types": (
        *(
            "Answer",
            "Assessment",
            "Attachment",
            "Ballot",
            "CallRef",
            "Claim",
            "Completion",
            "Composition",
            "Criterion",
            "Decision",
            "Document",
            "Failure",
            "Found",
            "Message",
            "OutsideView",
            "Price",
        ),
        *(
            "Program",
            "Question",
            "Request",
            "Ruling",
            "Sampling",
            "Scrutiny",
            "Sentence",
            "Stakes",
            "Tally",
            "Tokens",
            "ToolLimits",
            "ToolUse",
            "Turn",
            "Usage",
        ),
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Accepted",
    "Agreement",
    "Answer",
    "Approval",
    "Assess",
    "Assessment",
    "Attachment",
    "Backend",
    "Ballot",
    "BaseBackend",
    "Budget",
    "CallEnded",
    "CallRef",
    "CallStarted",
    "Caller",
    "Catalogue",
    "Challenge",
    "Claim",
    "Claims",
    "Compare",
    "Comparison",
    "Completion",
    "Compose",
    "Composition",
    "Compute",
    "ContemplateError",
    "Conversation",
    "Criterion",
    "Critique",
    "Decision",
    "Document",
    "Draft",
    "Event",
    "ExperimentPlan",
    "Failure",
    "FellBack",
    "Found",
    "Gather",
    "InputError",
    "Judge",
    "Limits",
    "McpServer",
    "Message",
    "Model",
    "NotebookProgress",
    "Noted",
    "Observer",
    "OpenAIBackend",
    "Orchestrator",
    "Outcome",
    "OutsideView",
    "Policy",
    "PolicyError",
    "Price",
    "Program",
    "Propose",
    "Question",
    "Rank",
    "Redecision",
    "Refine",
    "Repeat",
    "Replay",
    "Reply",
    "Request",
    "Retried",
    "Retry",
    "Revise",
    "Ruling",
    "RunEnded",
    "RunInterrupted",
    "RunStarted",
    "Sampling",
    "Score",
    "ScriptedBackend",
    "Scrutiny",
    "Search",
    "Select",
    "Sentence",
    "Settings",
    "Stable",
    "Stage",
    "Stakes",
    "Step",
    "Strategy",
    "Synthesize",
    "Tally",
    "Tokens",
    "Tool",
    "ToolError",
    "ToolLimits",
    "ToolUse",
    "ToolUsed",
    "Trace",
    "Turn",
    "TurnDelta",
    "TurnEnded",
    "TurnStarted",
    "Usage",
    "Verify",
    "Vote",
    "Weigh",
    "__version__",
    "compare",
    "redecide",
    "solve",
    "solve_sync",
    "stored_samples",
    "stream",
]


_MOVED = {
    "backends": "models.backends",
    "forms": "agents.reply_formats",
    "prompts": "agents.prompts",
    "questions": "experiments.questions",
    "recipes": "catalogue.recipe",
    "recorded": "analysis.records",
    "redeciding": "analysis.redecide",
    "settling": "voting.stopping",
    "statistics": "analysis.statistics",
    "topology": "steps.topology",
    "weighting": "voting.weights",
}
"""Modules that were documented, and where they are now; the old names go with the next release."""

_MODULES = ("inspect", "telemetry")
"""Modules that are loaded when they are first used."""


def __getattr__(name: str) -> object:
    """Load a public name from the module that it lives in."""
    if name in _HOME:
        return getattr(import_module(f"contemplate.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"contemplate.{name}")
    if name in _MOVED:
        import warnings

        message = f"contemplate.{name} is contemplate.{_MOVED[name]} now"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return import_module(f"contemplate.{_MOVED[name]}")
    msg = f"module 'contemplate' has no attribute {name!r}"
    raise AttributeError(msg, name=name, obj=sys.modules[__name__])  # from which Python says what was meant


def __dir__() -> list[str]:
    """The public names."""
    return __all__
