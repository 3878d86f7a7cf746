"""The verbs of a recipe, one file each."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field, SerializeAsAny, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticKnownError

from contemplate.errors import InputError
from contemplate.installed import installed, installed_names
from contemplate.steps.assess import Assess
from contemplate.steps.base import Panel, Step, perform
from contemplate.steps.challenge import Challenge
from contemplate.steps.claims import Claims
from contemplate.steps.compare import Compare
from contemplate.steps.compose import Compose
from contemplate.steps.compute import Compute
from contemplate.steps.critique import Critique
from contemplate.steps.gather import Gather
from contemplate.steps.judge import Judge
from contemplate.steps.propose import Propose
from contemplate.steps.protocols.audit_steps import AuditSteps
from contemplate.steps.protocols.calibrate import Calibrate
from contemplate.steps.protocols.chain_of_verification import ChainOfVerification
from contemplate.steps.protocols.chateval import ChatEval
from contemplate.steps.protocols.deepconf import DeepConf
from contemplate.steps.protocols.discussion_vote import DiscussionVote
from contemplate.steps.protocols.dylan import Dylan
from contemplate.steps.rank import Rank
from contemplate.steps.refine import Refine
from contemplate.steps.repeat import Repeat
from contemplate.steps.revise import Revise
from contemplate.steps.score import Score
from contemplate.steps.search import Search
from contemplate.steps.select import Select
from contemplate.steps.stops import Accepted, Agreement, Stable
from contemplate.steps.synthesize import Synthesize
from contemplate.steps.verify import Verify
from contemplate.steps.vote import Vote
from contemplate.steps.weigh import Weigh

# fmt: off
_OneOfOurs = (
    Propose
    | Critique | Revise | Verify | Score | Compare
    | Select | Search | Rank
    | Vote | Judge | Synthesize | Compose
    | Compute | Gather
    | Claims | Weigh | Challenge
    | Assess
    | Refine
    | Repeat
)
# fmt: on


def _by_name(steps: tuple[type[Step], ...]) -> dict[str, type[Step]]:
    return {step.model_fields["do"].default: step for step in steps}


VERBS = _by_name(get_args(_OneOfOurs))
"""The verbs that contemplate brings. Others are found through the entry point group `contemplate.steps`."""

PROTOCOLS = _by_name((ChainOfVerification, DeepConf, ChatEval, DiscussionVote, Dylan, Calibrate, AuditSteps))
"""Whole protocols that the verbs do not fit without bending, each one step (`contemplate.steps.protocols`)."""


def verb(name: str) -> type[Step] | None:
    """The step of that name: one of ours, or one that an installed package declares.

    Raises:
        InputError: what a package declares can't be imported, or is no step.
    """
    if (ours := VERBS.get(name) or PROTOCOLS.get(name)) is not None:
        return ours
    found = installed("contemplate.steps", name)
    if found is None or (isinstance(found, type) and issubclass(found, Step)):
        return found
    raise InputError(f"the verb {name!r} of an installed package is no class of `contemplate.Step`")


def _any_step(value: Any, ours: ValidatorFunctionWrapHandler) -> Step:  # noqa: ANN401 - what a recipe may hold
    if isinstance(value, Step):
        return value
    name = value.get("do") if isinstance(value, dict) else None
    if isinstance(value, dict) and "do" in value and name not in VERBS:
        if isinstance(name, str) and (theirs := verb(name)) is not None:
            return theirs.model_validate(value)
        names = ", ".join((*VERBS, *PROTOCOLS, *installed_names("contemplate.steps")))
        raise PydanticKnownError("union_tag_invalid", {"discriminator": "'do'", "tag": str(name), "expected_tags": names})
    step: Step = ours(value)
    return step


AnyStep = Annotated[SerializeAsAny[Annotated[_OneOfOurs, Field(discriminator="do")]], WrapValidator(_any_step)]
"""One step of a recipe, told apart by `do`."""

Repeat.model_rebuild(_types_namespace={"AnyStep": AnyStep})

__all__ = [
    "VERBS",
    "Accepted",
    "Agreement",
    "AnyStep",
    "Assess",
    "Challenge",
    "Claims",
    "Compare",
    "Compose",
    "Compute",
    "Critique",
    "Gather",
    "Judge",
    "Panel",
    "Propose",
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
    "perform",
    "verb",
]
