"""The tools that an orchestrator knows: built in, on servers of the settings, or given in Python."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from contemplate.agents.card import Card
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, ModelNotAllowedError, UnknownNameError
from contemplate.ledger import Ledger
from contemplate.orchestration.arguments import check_arguments
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.tooling import Tooling
from contemplate.tools import Approve, McpServer, Sandbox, Tool
from contemplate.tools.builtin import BUILT_IN, Surroundings
from contemplate.types import NO_TOOLS, ToolLimits, ToolPlan, ToolSpec, may_see, pictures_in, seat_number

GivenTool = str | Tool | McpServer | Callable[..., object]
"""A tool: by its name or its server's, as it is, or as a function."""


class ToolTable:
    """The tools that can be granted, by name.

    Attributes:
        approve: is asked before each call; None: all may be made.
        servers: MCP servers.
        granted: the names of those that all who answer may call where a question does not say.
        made: tools that were given.
    """

    def __init__(
        self, servers: Mapping[str, McpServer], approve: Approve | None = None, granted: Sequence[GivenTool] = ()
    ) -> None:
        """Start with the servers of the settings, and what is granted."""
        check_arguments(approve=approve)
        self.approve = approve
        self.servers = dict(servers)
        self.made: dict[str, Tool] = {}
        self.granted = self.names(granted)

    def names(self, given: Sequence[GivenTool]) -> tuple[str, ...]:
        """The names of what is given; what is more than a name can be granted from now on.

        Raises:
            UnknownNameError: there is nothing of that name.
            InputError: two are called the same, or a function can't be told to a model.
        """
        return tuple(dict.fromkeys(self._name(one) for one in given))

    def _name(self, given: GivenTool) -> str:
        if isinstance(given, str):
            self.check(given)
            return given
        if isinstance(given, McpServer):
            if self.servers.setdefault(given.name, given) != given or given.name in {*self.made, *BUILT_IN}:
                raise InputError(f"two tools or tool servers are called {given.name!r}: give one another name")
            return given.name
        tool = given if isinstance(given, Tool) else Tool.from_function(given)
        before = self.made.setdefault(tool.name, tool)
        if (before is not tool and before.spec != tool.spec) or tool.name in {*self.servers, *BUILT_IN}:
            raise InputError(f"two tools or tool servers are called {tool.name!r}: give one another name")
        self.made[tool.name] = tool
        return tool.name

    def check(self, name: str) -> None:
        """Refuse a name that nothing has; `files_read` may be a tool on the server `files`.

        Raises:
            UnknownNameError: there is no such tool.
        """
        known = [*BUILT_IN, *self.servers, *self.made]
        if name not in known and self._server_of(name) is None:
            raise UnknownNameError("tool", name, known, "(built in, given in Python, or [tool.NAME] in contemplate.toml)")

    def _server_of(self, name: str) -> str | None:
        """The server that a tool of that name is on, if one is."""
        if name in self.servers:
            return name
        return next((server for server in sorted(self.servers, key=len, reverse=True) if name.startswith(f"{server}_")), None)

    def plan(self, wanted: Sequence[str], strategy: Strategy, cards: Mapping[str, Card]) -> ToolPlan:
        """Who may call which tools: what is wanted for all who answer, what a recipe grants, and what cards name for themselves.

        Raises:
            InputError: a tool, a card or a seat is not there; or a card that writes programs is to call tools.
        """
        own = strategy.tools if isinstance(strategy.tools, dict) else {}
        common = (*wanted, *(() if isinstance(strategy.tools, dict) else strategy.tools))
        grants: dict[str, tuple[str, ...]] = {}
        for name, card in cards.items():
            names = card.tools if card.tools is not None else common if card.answers else ()
            grants[name] = tuple(dict.fromkeys((*names, *own.get(name, ()))))
        for name in own:
            if name not in cards and not 1 <= seat_number(name) <= strategy.seats:
                known = [*cards, *(f"seat-{number + 1}" for number in range(strategy.seats))]
                raise UnknownNameError("card or seat to grant tools to", name, known)
            grants[name] = tuple(dict.fromkeys((*grants.get(name, ()), *own[name])))
        grants = {name: names for name, names in grants.items() if names}
        for name, names in grants.items():
            for tool in names:
                self.check(tool)
            if name in cards and cards[name].writes_programs:
                raise InputError(f"the card {name!r} answers by a program, and calls no tools ({', '.join(names)})")
        return ToolPlan(grants=grants) if grants else NO_TOOLS

    @asynccontextmanager
    async def equipped(
        self, spec: RunSpec, sandbox: Sandbox, ledger: Ledger, *, again: bool = False
    ) -> AsyncIterator[tuple[RunSpec, Tooling]]:
        """A spec with the tools that it grants, ready to be called as long as this lasts.

        Args:
            spec: what is about to be carried out.
            sandbox: runs programs.
            ledger: has the pictures of the question.
            again: make calls once more that were at work when the run was cut short.

        Raises:
            InputError: a tool is not there, can't be used here, or may not be told of the question.
        """
        if not spec.tools:
            yield spec, Tooling()
            return
        async with self._opened(spec, sandbox, ledger) as found:
            spec = spec.model_copy(update={"tools": _with_specs(spec.tools, found)})
            check_tools_private(spec)
            yield spec, Tooling(found, spec.budget.tools or ToolLimits(), self.approve, again)

    @asynccontextmanager
    async def _opened(self, spec: RunSpec, sandbox: Sandbox, ledger: Ledger) -> AsyncIterator[dict[str, Tool]]:
        """The tools of a run, ready to be called as long as this lasts; servers are connected for it.

        Raises:
            InputError: one is not there, or can't be used here.
        """
        question = spec.question
        around = Surroundings(question.documents, sandbox, pictures_in(question.attachments), ledger.blob)
        found: dict[str, Tool] = {}
        async with AsyncExitStack() as stack:
            for server in dict.fromkeys(filter(None, map(self._server_of, self._not_made(spec.tools)))):
                from contemplate.tools.mcp_client import connected

                for tool in await stack.enter_async_context(connected(self.servers[server])):
                    found[tool.name] = tool
            for name in spec.tools.names:
                self.check(name)
                if name in self.made:
                    found[name] = self.made[name]
                elif name in BUILT_IN:
                    found[name] = BUILT_IN[name](around)
            for tool in found.values():
                tool.check()
            yield found

    def _not_made(self, plan: ToolPlan) -> list[str]:
        return [name for name in plan.names if name not in self.made and name not in BUILT_IN]


def _with_specs(plan: ToolPlan, tools: Mapping[str, Tool]) -> ToolPlan:
    """A plan with what the names in it stand for; one that has that already stays as it is, whatever servers say now.

    Raises:
        InputError: a server has no tool of a name that is granted.
    """
    if not plan or plan.specs:
        return plan
    specs: list[ToolSpec] = []
    for name in plan.names:
        found = [tool.spec for tool in tools.values() if name in {tool.name, tool.spec.server}]
        if not found:
            raise UnknownNameError("tool", name, sorted(tools))
        specs += [spec for spec in found if spec not in specs]
    return ToolPlan(grants=plan.grants, specs=tuple(specs))


def check_tools_private(spec: RunSpec) -> None:
    """Refuse a run whose question may not be told to a tool of it.

    Raises:
        ModelNotAllowedError: so it is; nothing was called.
    """
    for tool in spec.tools.specs:
        if not may_see(tool.privacy, spec.privacy):
            raise ModelNotAllowedError(
                f"the question is labelled {spec.privacy}, and the tool {tool.name!r} {tool.privacy}, so that it may not be told "
                f"of it: leave it out, or say where it runs (contemplate.toml: [tool.{tool.server or tool.name}] privacy)"
            )
