"""Every error of contemplate, in one tree.

::

    ContemplateError
    ├── InputError                  what the caller gave is wrong; nothing was called      exit 2
    │   ├── InvalidValueError         a value built in Python, as Budget(calls=0); a ValueError, too
    │   ├── UnknownNameError          no strategy, agent, model, run ... of that name
    │   ├── RecipeError               a card, recipe or settings file is wrong, at a line
    │   ├── MissingKeyError           a provider needs a key and the environment has none
    │   ├── EndpointError             the base URL given is malformed or does not answer
    │   ├── LedgerError               not a ledger, a newer one, or one that can't be opened
    │   ├── RunHeldError              another process is at work on that run
    │   ├── UnfinishedRunError        that run is not over, and this needs its outcome
    │   ├── ModelNotAllowedError      a model was named for words that it may not see
    │   ├── RefusedError              a request to the server is refused, with a status of HTTP
    │   └── DamagedTraceError         a trace file is cut off or was changed; --partial opens what is whole
    ├── StorageError                the ledger can't be read or written any more; the run ends      exit 2
    │   ├── ConnectionLostError       its server went away
    │   ├── DiskFullError             there is no room for it
    │   └── HeldError                 another process has held it for too long
    ├── CallError                   one model call did not bring a usable reply             (a failed turn)
    │   ├── UnreachableError          no connection, or it broke off                         retried; exit 4
    │   │   └── WeightsError            the embedded model can't be fetched
    │   ├── OverloadedError           429 or 5xx; may say when to come back                  retried
    │   ├── TimedOutError             no reply in time                                       retried
    │   ├── RejectedError             4xx: the key, the model or the request is refused
    │   │   ├── UnsupportedError        the endpoint lacks what was asked for beside the reply: a form, log-probabilities
    │   │   └── FieldRefusedError       the endpoint refuses a field that it can do without   tried again without it
    │   └── ReplyError                a reply came and was paid for, but is of no use
    ├── BudgetError                 the call would pass a cap; it was not made              exit 3
    ├── PolicyError                 a policy, or a stage of the user's own, refused something   (a failed turn)
    ├── PrivacyError                a request of a private run was for a model that may not see it; not sent   (a failed turn)
    ├── ToolError                   a tool says that it can't do what it was asked for             (told to the model)
    │   └── ToolServerError           its MCP server does not answer
    ├── QuorumError                 fewer live seats than the recipe's quorum; the run ends      exit 3
    ├── NoAnswerError               a run ended without an answer, where a framework waits for one
    ├── ReplayError                 a replay needs a call that the ledger does not hold
    ├── ProgramError                an exception of somebody's own code (a step, a backend), wrapped
    ├── InterruptedRunError         Ctrl-C or a signal, on the command line                 exit 130
    └── InterruptedExperimentError  the same, in `contemplate compare`                      exit 130

A failed call is *data*: it becomes a `Failure` on a turn of the trace, and the run goes on. An
`InputError` or a `StorageError` is never swallowed into the trace; it ends the run and reaches the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import ClassVar

_SECRET = re.compile(
    r"""(?ix)
      (?<![\w-]) (?!hf_hub_) (?: sk | pk | rk | gsk | xai | hf | nvapi | r8 | AIza ) [-_]? [\w-]{12,}  # keys by their beginnings
    | (?<= bearer\s ) [^\s"',;]+                                                            # Authorization: Bearer ...
    | (?<= ://) [^\s/@]+ (?= @)                                                             # user:password@ in an address
    | (?<= [\w.%-]: ) [^\s/:@]+ (?= @[\w.-]+ [:/] )                                          # the same in one that is mistyped
    | (?: (?<= api_key=) | (?<= api-key=) | (?<= apikey=) | (?<= token=) | (?<= key=) ) [^\s&"',;]+
    """
)


def redact(text: str, *secrets: str) -> str:
    """Return `text` with everything that looks like a key, and each of `secrets`, blotted out."""
    for secret in secrets:
        if len(secret) >= 4:  # noqa: PLR2004 - a shorter "secret" would blot out ordinary words
            text = text.replace(secret, "[redacted]")
    return _SECRET.sub("[redacted]", text)


class ContemplateError(Exception):
    """The root. `str(error)` is one line that says what happened, where, and what to do."""

    kind: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str) -> None:
        super().__init__(redact(" ".join(message.split())))

    def add(self, more: str) -> None:
        """Say more, at the end of the message, unless it says that already: one error may be raised again and again."""
        if " ".join(more.split()) not in str(self):
            self.args = (redact(" ".join(f"{self}{more}".split())),)


class InputError(ContemplateError):
    """What the caller gave is wrong. Nothing was called, and nothing is lost."""

    kind = "input"
    exit_status = 2


class InvalidValueError(InputError, ValueError):
    """A value can't be built from what was given; `problem` says why without the name of its class.

    It is a `ValueError` as well, so that pydantic takes it for what is wrong where one of its validators builds a value.
    """

    def __init__(self, problem: str, kind: str = "") -> None:
        self.problem = problem
        super().__init__(f"{kind}: {problem}" if kind else problem)


class UnknownNameError(InputError):
    """There is no `what` (a strategy, an agent, a model ...) called `name`."""

    def __init__(self, what: str, name: str, known: Sequence[str], hint: str = "") -> None:
        self.name = name
        self.nearest = get_close_matches(name, known, n=3, cutoff=0.5)
        if self.nearest:
            advice = "did you mean " + " or ".join(repr(near) for near in self.nearest) + "?"
        elif known:
            advice = "known: " + ", ".join(list(known)[:12]) + (", ..." if len(known) > 12 else "")  # noqa: PLR2004
        else:
            advice = "there are none here"
        super().__init__(f"no {what} called {name!r}; {advice}{' ' + hint if hint else ''}")


class RecipeError(InputError):
    """A card, recipe or settings file is wrong. `where` is the path inside it, as `steps.1.rule`."""

    def __init__(self, file: str, problem: str, *, line: int | None = None, where: str = "") -> None:
        self.file, self.problem, self.line, self.where = file, problem, line, where
        prefix = file + (f":{line}" if line else "") + (f": {where}" if where else "")
        super().__init__(f"{prefix}: {problem}")


class MissingKeyError(InputError):
    """A provider needs a key, and the environment has none."""

    def __init__(self, model: str, variable: str) -> None:
        super().__init__(f"model {model!r} needs a key: set the environment variable {variable}")


class EndpointError(InputError):
    """The base URL given is malformed, or nothing answers there."""


class LedgerError(InputError):
    """What was named is no ledger, is of a newer version or can't be opened, or the ledger has no such run."""


class RunHeldError(InputError):
    """Somebody is at work on that run: it can't be resumed or deleted until that is over.

    Attributes:
        run: its id.
    """

    run: str = ""

    @classmethod
    def by(cls, run: str, holder: object) -> RunHeldError:
        """The error that names who is at work on it."""
        error = cls(f"run {run} is under way: {holder}; wait until it has ended, or end that process")
        error.run = run
        return error


class UnfinishedRunError(InputError):
    """What was asked for needs the outcome of a run, and that is not over.

    Attributes:
        run: its id.
        state: "running" or "interrupted".
    """

    def __init__(self, run: str, state: str, again: str = "") -> None:
        self.run, self.state = run, state
        again = again or f"contemplate resume {run}"
        super().__init__(f"run {run} is {state}, not finished; go on with it first: {again}")


class ModelNotAllowedError(InputError):
    """A model was named for words whose label of privacy keeps them from it. Nothing was called."""


class StorageError(ContemplateError):
    """A ledger that was open can't be read or written any more, as where the disk is full.

    It ends the run, which can be resumed: what can't be stored must not be paid for.
    """

    kind = "storage"
    exit_status = 2


class DiskFullError(StorageError):
    """There is no room for the ledger. What was stored before is safe; once there is room, the run can be resumed."""


class CallError(ContemplateError):
    """One model call brought no usable reply.

    Attributes:
        retryable: the same call may succeed a little later.
        may_be_billed: the provider may have worked on it all the same, so that its reserve is forfeit.
        retry_after: seconds that the provider asks us to wait, if it said so.
    """

    kind = "call"
    retryable: ClassVar[bool] = False
    may_be_billed: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class UnreachableError(CallError):
    """No connection, or it broke off before the whole reply was there.

    Args:
        sent: the request had left before the connection broke, so that it may be billed.
    """

    kind = "unreachable"
    exit_status = 4
    retryable = True

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.may_be_billed = sent  # type: ignore[misc]  # a class-wide default, settled here per error


class OverloadedError(CallError):
    """Too many requests (429), or the provider failed (5xx).

    Attributes:
        status: the HTTP status; 0 where there was none.
    """

    kind = "overloaded"
    retryable = True

    def __init__(self, message: str, *, retry_after: float | None = None, status: int = 0) -> None:
        self.status = status
        super().__init__(message, retry_after=retry_after)


class TimedOutError(CallError):
    """No reply within the time allowed."""

    kind = "timeout"
    retryable = True
    may_be_billed = True


class RejectedError(CallError):
    """The provider refuses this request for good: a wrong key, an unknown model, a request it can't take."""

    kind = "rejected"


class UnsupportedError(RejectedError):
    """The endpoint lacks something that the request asks for beside the reply itself; it costs nothing.

    Attributes:
        what: "reply_schema", "logprobs", "n" (several samples in one request), "tools", or "parts" (of a message).
    """

    kind = "unsupported"

    def __init__(self, message: str, *, what: str) -> None:
        self.what = what
        super().__init__(message)


class FieldRefusedError(RejectedError):
    """The endpoint refuses a field that a call can do without, or can't deal with it; the backend leaves it out from now on.

    It costs a call.

    Attributes:
        field: what was refused, as the endpoint calls it; "system" for the role of that name.

    Args:
        billed: a reply came, so that it may be billed.
    """

    kind = "field-refused"

    def __init__(self, message: str, *, field: str, billed: bool = False) -> None:
        self.field = field
        self.may_be_billed = billed  # type: ignore[misc]  # a class-wide default, settled here per error
        super().__init__(message)


class ReplyError(CallError):
    """A reply came, and was paid for, but is of no use: too long to read, say."""

    kind = "reply"
    may_be_billed = True


class BudgetError(ContemplateError):
    """A call would pass a cap, so it was not made."""

    kind = "budget"
    exit_status = 3

    def __init__(self, cap: str, limit: float, needed: float, left: float) -> None:
        self.cap = cap
        super().__init__(f"the budget of {limit:g} {cap} has {max(left, 0):g} left, and this call could take {needed:g}")


class PolicyError(ContemplateError):
    """A rule of a policy, or a stage of the user's own, refused a request, which was not sent then, or the reply to it."""

    kind = "policy"


class PrivacyError(ContemplateError):
    """A request of a private run was for a model that may not see it, so it was not sent."""

    kind = "privacy"


class ToolError(ContemplateError):
    """A tool can't do what it was asked for. The model that called it is told why; a function of your own may raise it."""

    kind = "tool"


class ToolServerError(ToolError):
    """The MCP server that a tool is on does not answer, or broke off."""


class QuorumError(ContemplateError):
    """Fewer live seats than the recipe's quorum, so that the run ends."""

    kind = "quorum"
    exit_status = 3


class NoAnswerError(ContemplateError):
    """A run ended without an answer, where a framework waits for one."""

    kind = "no-answer"
    exit_status = 3


class ReplayError(ContemplateError):
    """A replay needs a call that the ledger does not hold."""

    kind = "replay"
    exit_status = 2


class ProgramError(ContemplateError):
    """An exception that is none of ours: a bug in a step, a rule or a backend."""

    kind = "program"
