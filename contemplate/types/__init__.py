"""The values that flow through the house: questions, messages, requests, completions, answers, turns.

All are frozen pydantic models: they compare by value, hash to JSON and back, and refuse unknown fields.
"""

from __future__ import annotations

from contemplate.types.attachments import AttachedPart, Attachment, AttachmentView, Look, Reading, View, pictures_in
from contemplate.types.base import Json, Value, canonical_json, digest
from contemplate.types.calls import Completion, Finish, Logprobs, Price, Request, Sampling, Tokens
from contemplate.types.checked_steps import StepCheck
from contemplate.types.claims import (
    CheckedBy,
    Claim,
    ClaimCheck,
    ClaimSource,
    ClaimState,
    Composition,
    Entailment,
    Opinion,
    Passage,
    Sentence,
    Side,
    Stance,
)
from contemplate.types.criteria import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    MOST_CRITERIA,
    Assessed,
    Assessment,
    Criteria,
    Criterion,
    JudgeScores,
    read_criteria,
)
from contemplate.types.documents import Document
from contemplate.types.focus import FocusMode, FocusPart, FocusPlan, FocusView, Point
from contemplate.types.found import Found
from contemplate.types.messages import Blob, Message, Modality, Part, Role, Text, ToolCall, ToolResult
from contemplate.types.outside import OutsideView
from contemplate.types.policy import Effect, PolicyStage, Ruling
from contemplate.types.privacy import PRIVACY, Privacy, may_see, strictest
from contemplate.types.programs import Program, ProgramFailure
from contemplate.types.refinement import Refinement
from contemplate.types.stakes import Flip, Scrutiny, Stakes, Verification
from contemplate.types.tools import NO_TOOLS, ToolFailure, ToolLimits, ToolPlan, ToolSpec, ToolUse
from contemplate.types.turns import CallRef, EdgeKind, Failure, StopReason, Turn, TurnStatus, Usage, seat_number
from contemplate.types.votes import (
    MAX_QUESTION,
    Answer,
    AnswerKind,
    Ballot,
    Decision,
    HowRead,
    Merge,
    Points,
    Question,
    Tally,
)

__all__ = [
    "HIGHEST_SCORE",
    "LOWEST_SCORE",
    "MAX_QUESTION",
    "MOST_CRITERIA",
    "NO_TOOLS",
    "PRIVACY",
    "Answer",
    "AnswerKind",
    "Assessed",
    "Assessment",
    "AttachedPart",
    "Attachment",
    "AttachmentView",
    "Ballot",
    "Blob",
    "CallRef",
    "CheckedBy",
    "Claim",
    "ClaimCheck",
    "ClaimSource",
    "ClaimState",
    "Completion",
    "Composition",
    "Criteria",
    "Criterion",
    "Decision",
    "Document",
    "EdgeKind",
    "Effect",
    "Entailment",
    "Failure",
    "Finish",
    "Flip",
    "FocusMode",
    "FocusPart",
    "FocusPlan",
    "FocusView",
    "Found",
    "HowRead",
    "Json",
    "JudgeScores",
    "Logprobs",
    "Look",
    "Merge",
    "Message",
    "Modality",
    "Opinion",
    "OutsideView",
    "Part",
    "Passage",
    "Point",
    "Points",
    "PolicyStage",
    "Price",
    "Privacy",
    "Program",
    "ProgramFailure",
    "Question",
    "Reading",
    "Refinement",
    "Request",
    "Role",
    "Ruling",
    "Sampling",
    "Scrutiny",
    "Sentence",
    "Side",
    "Stakes",
    "Stance",
    "StepCheck",
    "StopReason",
    "Tally",
    "Text",
    "Tokens",
    "ToolCall",
    "ToolFailure",
    "ToolLimits",
    "ToolPlan",
    "ToolResult",
    "ToolSpec",
    "ToolUse",
    "Turn",
    "TurnStatus",
    "Usage",
    "Value",
    "Verification",
    "View",
    "canonical_json",
    "digest",
    "may_see",
    "pictures_in",
    "read_criteria",
    "seat_number",
    "strictest",
]
