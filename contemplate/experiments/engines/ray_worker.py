"""A worker process of Ray: an orchestrator on the shared ledger."""

from __future__ import annotations

from dataclasses import dataclass

import anyio

from contemplate._version import __version__
from contemplate.errors import ContemplateError, InputError, StorageError, UnreachableError
from contemplate.experiments.engines.local import Performed, perform
from contemplate.ledger import open_ledger
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.settings import Settings

_KINDS: dict[str, type[ContemplateError]] = {
    "input": InputError,
    "storage": StorageError,
    "unreachable": UnreachableError,
}


@dataclass(frozen=True)
class WireError:
    """An error as it travels: of which kind, and its line."""

    kind: str
    line: str

    def error(self) -> ContemplateError:
        """The error itself."""
        return _KINDS.get(self.kind, ContemplateError)(self.line)


class RayWorker:
    """Does runs, many at once, on one event loop; its calls may come at any time, and Ray may have started it anew."""

    def __init__(self, ledger: str, settings: Settings) -> None:
        """Set up; nothing is opened yet.

        Args:
            ledger: a file, or the address of a server.
            settings: with this worker's share of the limits.
        """
        self._ledger, self._settings = ledger, settings
        self._orchestrator: Orchestrator | None = None
        self._opening = anyio.Lock()
        self._under_way: set[anyio.CancelScope] = set()
        self._idle = anyio.Event()
        self._ended = False

    async def start(self) -> str | WireError:
        """Open the ledger; return the version of contemplate."""
        try:
            await self._opened()
        except ContemplateError as error:
            return WireError(error.kind, str(error))
        return __version__

    async def perform(self, plan: RunSpec, *, retry_failed: bool) -> Performed | WireError:
        """Do the run of a plan."""
        with anyio.CancelScope() as scope:
            self._under_way.add(scope)
            try:
                return await perform(await self._opened(), plan, retry_failed=retry_failed)
            except ContemplateError as error:
                return WireError(error.kind, str(error))
            finally:
                self._under_way.discard(scope)
                if self._ended and not self._under_way:
                    self._idle.set()
        return WireError("interrupted", "interrupted")

    async def stop(self) -> None:
        """Break off what is under way, and close connections and ledger."""
        self._ended = True
        if self._under_way:
            for scope in self._under_way:
                scope.cancel()
            await self._idle.wait()
        if self._orchestrator is not None:
            ledger = self._orchestrator.ledger
            await self._orchestrator.__aexit__(None, None, None)
            await ledger.aclose()

    async def _opened(self) -> Orchestrator:
        async with self._opening:
            if self._orchestrator is None:
                ledger = await open_ledger(self._ledger, shared=True)  # also a file: other workers write to it
                self._orchestrator = Orchestrator(ledger=ledger, settings=self._settings)
                await self._orchestrator.__aenter__()
            return self._orchestrator
