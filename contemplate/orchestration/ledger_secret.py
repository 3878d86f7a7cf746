"""The secret of a ledger, from which runs and experiments have theirs.

It is drawn when it is first wanted, and kept in the ledger as a reply of nobody's. So the ledger's own promise, that a key keeps
its first reply whoever stores a second one, makes it the same for all processes. An export of the whole ledger carries it, so
that whoever imports that into a new one finds all replies again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from contemplate.agents.quoting import secret_from
from contemplate.errors import LedgerError
from contemplate.ledger import Ledger
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Completion, Json, Message, Question, Request

PUBLIC = "public"
"""In the place of a secret: there is none, and tags come from the seed, as they did before there were secrets."""

_KEPT_UNDER = Request(
    model="contemplate/secret", messages=(Message(role="user", content="What do the tags of quotations hang on in this ledger?"),)
)
_BYTES = 32


def draw_secret() -> str:
    """A new secret, as random as the operating system can make it: 64 hexadecimal digits."""
    return secrets.token_hex(_BYTES)


class LedgerSecret:
    """The secret of one ledger, read or made when it is first wanted."""

    def __init__(self, ledger: Ledger, given: str | None = None) -> None:
        """Of `ledger`; what is `given` counts instead, or `PUBLIC` for none."""
        self._ledger = ledger
        self._known = given

    async def of_runs(self) -> str:
        """What the secrets of runs come from."""
        return await self._for("runs")

    async def of_experiments(self) -> str:
        """What the secrets of an experiment's runs come from, where its plan names nothing else; it is published with it."""
        return await self._for("experiments")

    async def _for(self, what: str) -> str:
        if self._known is None:
            self._known = await self._kept() or await self._made()
        return PUBLIC if self._known == PUBLIC else secret_from(self._known, what)

    async def _kept(self) -> str | None:
        kept = await self._ledger.completion(_KEPT_UNDER.key)
        return None if kept is None else kept.text

    async def _made(self) -> str:
        """A new secret; the one that another process keeps first. A ledger that adopts nothing has a new one in each process."""
        drawn = draw_secret()
        try:
            await self._ledger.adopt([(_KEPT_UNDER, Completion(text=drawn))])
        except LedgerError:
            return drawn
        return await self._kept() or drawn


def with_secret(spec: RunSpec, source: str) -> RunSpec:
    """A spec with a secret for what it is about: its documents, or else its question, and its seed.

    Runs that are about the same share their secret, so that what they ask alike has one reply; and documents look the same to
    servers whatever is asked about them.

    Args:
        spec: of the run.
        source: what the secret comes from; `PUBLIC` for none.
    """
    secret = None if source == PUBLIC else secret_from(source, _about(spec.question), spec.seed)
    return spec.model_copy(update={"secret": secret})


def _about(question: Question) -> Mapping[str, object]:
    """The words; who may see them changes no secret, and so no key."""
    row: Json = question.model_dump(mode="json", include={"documents"} if question.documents else {"text", "history"})
    for document in row.get("documents", ()):
        document.pop("privacy", None)
    return row
