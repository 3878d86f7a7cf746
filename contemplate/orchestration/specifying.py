"""From a question to its spec, and from that to a run: the part of an orchestrator that command line and experiments use, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from contemplate.catalogue.strategy import Strategy
from contemplate.models.backends.base import Backend
from contemplate.models.backends.routing import Router
from contemplate.models.names import EMBEDDED
from contemplate.orchestration.finding import found_at
from contemplate.orchestration.flips import with_flips
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.planning import Planner
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.settings import Settings
from contemplate.orchestration.stored_runs import StoredRuns
from contemplate.orchestration.tool_table import ToolTable
from contemplate.run.reviewing import Review
from contemplate.trace.events import NOBODY, Observers
from contemplate.trace.outcome import Outcome
from contemplate.types import Privacy, Question


class Specifying(StoredRuns):
    """The part of an orchestrator that fixes what a run is, and carries it out.

    Attributes:
        models: the seats take them in turn; none: nobody named one.
        fallbacks: asked when one of them fails.
        base_url: of all models that have no address of their own.
        settings: what was set once.
        backends: answer for the models whose names fit, by pattern.
        tools: that can be granted.
    """

    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    settings: Settings
    backends: Mapping[str, Backend]
    tools: ToolTable
    _key: SecretStr | None

    async def execute(self, spec: RunSpec, observers: Observers = NOBODY, review: Review | None = None) -> Outcome[Any]:
        """Carry out a spec as a new run; where an answer was held back, say also what would have changed it.

        Args:
            spec: what to do.
            observers: are told each event as it happens.
            review: is asked about a question that was put more tightly, where the strategy asks.
        """
        outcome = await self.runner.execute(spec, observers, review=review)
        return outcome if outcome.scrutiny is None or outcome.scrutiny.given else await with_flips(self, outcome)

    async def find_model(self) -> bool:
        """Ask the server at the base URL for its model, where nobody named one; whether it did.

        Raises:
            InputError: nothing answers there, or it has no model or several, so that one must be named.
        """
        if self.models or (found := await found_at(self.base_url, self._key, self.backends)) is None:
            return False
        self.models = (found,)
        self.runner.asks, self.runner.unnamed = found, f"no model named: using {found}, the only one at {self.base_url}"
        return True

    def specify(self, question: Question | str, strategy: Strategy | str, options: RunOptions) -> RunSpec:
        """Fix everything that a run needs; nothing is called.

        Raises:
            InputError: something in it is wrong, in one line.
        """
        models = self.models or (EMBEDDED,)
        planner = Planner(
            self.catalogue,
            self.table,
            models,
            self.fallbacks,
            self.base_url,
            self.settings.max_tokens,
            self.privacy_of,
            self.settings.policy,
            self.tools,
        )
        return planner.plan(question, strategy, options)

    def privacy_of(self, model: str) -> Privacy:
        """The label of a model, by what it is called."""
        return Router(self.base_url, backends=self.backends, models=self.table.specs).privacy_of(model)
