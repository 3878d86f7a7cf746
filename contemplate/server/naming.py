"""The names by which clients ask for panels: `contemplate/STRATEGY`, and `STRATEGY@MODEL,MODEL` for models of their choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from contemplate.catalogue import Catalogue
from contemplate.errors import UnknownNameError
from contemplate.models.names import EMBEDDED
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY, Orchestrator
from contemplate.server.refused import RefusedError
from contemplate.text import one_line

PREFIX = "contemplate/"
_MODEL = re.compile(r"[\w./:+-]{1,200}", re.ASCII)
_MOST_MODELS = 32


@dataclass(frozen=True)
class Names:
    """What clients may name: the strategies of the catalogue, and the models that the server was given.

    Attributes:
        strategies: those that were there when the server started, sorted: to look for them takes milliseconds.
        models: those configured.
        patterns: of further ones.
    """

    catalogue: Catalogue
    strategies: tuple[str, ...]
    models: tuple[str, ...]
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, orchestrator: Orchestrator, patterns: Sequence[str]) -> Names:
        """What may be named at a server with that orchestrator."""
        configured = (*(orchestrator.models or (EMBEDDED,)), *orchestrator.fallbacks, *orchestrator.table.specs)
        strategies = tuple(orchestrator.catalogue.names("strategies"))
        return cls(orchestrator.catalogue, strategies, tuple(dict.fromkeys(configured)), tuple(patterns))

    def listed(self) -> list[str]:
        """The names that a client is offered."""
        return [f"{PREFIX}{name}" for name in self.strategies]

    def read(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The strategy and the models that a name stands for; no models where it names none.

        Raises:
            RefusedError: there is no such strategy or model here; it names the nearest ones.
        """
        strategy, at, models = name.strip().removeprefix(PREFIX).partition("@")
        strategy = self.strategy(strategy if strategy not in {"", "contemplate"} else DEFAULT_STRATEGY, shown=name)
        return strategy, self.of_panel(models.split(",")) if at else ()

    def strategy(self, name: str, *, shown: str | None = None) -> str:
        """That name, if it is one of a strategy. A path of a file is none.

        Raises:
            RefusedError: it is none.
        """
        if name not in self.strategies:
            error = UnknownNameError("model" if shown else "strategy", one_line(name, 100), self.strategies)
            near = " or ".join(f"{PREFIX}{one}" for one in error.nearest)
            advice = f"did you mean {near}?" if near else "GET /v1/models lists them"
            message = f"no model called {one_line(shown, 100)!r}; {advice}" if shown else str(error)
            raise RefusedError(message, 404, code="model_not_found", param="model" if shown else "strategy")
        return name

    def of_panel(self, names: Sequence[str], param: str = "model") -> tuple[str, ...]:
        """Those names, if each is of a model that clients may name. An address is none.

        Raises:
            RefusedError: one is none, or they are too many.
        """
        wanted = tuple(name.strip() for name in names)
        if len(wanted) > _MOST_MODELS:
            raise RefusedError(f"{len(wanted)} models; a panel has at most {_MOST_MODELS} here", param=param)
        for name in wanted:
            if name in self.models:
                continue
            if not _MODEL.fullmatch(name) or "://" in name or not any(fnmatchcase(name, one) for one in self.patterns):
                error = UnknownNameError(
                    "model", one_line(name, 100), self.models, "(this server's operator says which there are)"
                )
                raise RefusedError(str(error), 404, code="model_not_found", param=param)
        return wanted
