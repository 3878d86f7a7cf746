"""The desk in the words of the protocol: four tools, resources for runs, pages and recipes, a prompt for each recipe.

An error that was foreseen reaches the client as a tool's error with its one line; anything else is withheld by the library.
This module imports mcp: it is loaded when a server is made (`contemplate.mcp.serving`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.prompts import Prompt
from pydantic import Field, ValidationError

from contemplate._version import __version__
from contemplate.errors import ContemplateError
from contemplate.explain import explain_value
from contemplate.mcp.desk import AskedDocument, AskedQuestion, Desk, documents_of
from contemplate.mcp.progress import Tell
from contemplate.mcp.results import CompareResult, ContemplateResult, RedecisionRows, ShowResult
from contemplate.models.budget import Budget
from contemplate.orchestration.options import RunOptions
from contemplate.types import AnswerKind, Privacy

T = TypeVar("T")

INSTRUCTIONS = (
    "A panel of agents works on one question: they answer side by side, criticise, revise and vote, and one answer comes back "
    "with the whole trace. Use `contemplate` for a hard question, `show` for how a run came to its answer, `redecide` for what "
    "other voting rules would have said, `compare` to hold strategies against each other on questions whose answers are known."
)


class _Server(MCPServer):
    """Says what is wrong with a tool's arguments in one line, as everywhere, and not in the many of pydantic."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None) -> Any:  # noqa: ANN401 - the library's own
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(wrong := error.__cause__, ValidationError):
                raise
            known = next(
                (tuple(tool.parameters["properties"]) for tool in self._tool_manager.list_tools() if tool.name == name), ()
            )
            raise ToolError(str(explain_value(wrong, name, arguments, known))) from None


def make_server(desk: Desk) -> MCPServer:
    """The server, which answers as long as the desk's orchestrator is open."""
    server = _Server("contemplate", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")
    _add_questions(server, desk)
    _add_stored(server, desk)
    _add_resources(server, desk)
    _add_prompts(server, desk)
    return server


@contextmanager
def _foreseen() -> Iterator[None]:
    """Let an error of the tree reach the client with its words.

    Raises:
        ToolError: of the library, which passes it on; the text of any other exception is withheld.
    """
    try:
        yield
    except ContemplateError as error:
        raise ToolError(str(error)) from None


def _telling(context: Any) -> Tell:  # noqa: ANN401 - the library's own
    async def tell(number: float, line: str) -> None:
        await context.report_progress(number, message=line)

    return tell


Calls = Annotated[int, Field(ge=0, description="at most so many model calls; 0 for what the server allows")]
Tokens = Annotated[int, Field(ge=0, description="at most so many tokens; 0 for what the server allows")]


def _add_questions(server: MCPServer, desk: Desk) -> None:
    """The tools that call models."""

    async def contemplate(  # noqa: PLR0913, PLR0917 - the arguments of the tool
        context: Context[Any, Any],
        question: Annotated[str, Field(description="the problem")],
        strategy: Annotated[str, Field(description="a recipe: prompts and contemplate://recipes list them")] = "contemplating",
        models: Annotated[list[str], Field(description="seats take them in turn; none for the server's own")] = [],  # noqa: B006
        answer: Annotated[AnswerKind | None, Field(description="the kind of answer; none to go by the question")] = None,
        choices: Annotated[list[str], Field(description="the options of a multiple choice")] = [],  # noqa: B006
        documents: Annotated[list[AskedDocument], Field(description="what the question comes with")] = [],  # noqa: B006
        parameters: Annotated[dict[str, str | int | float | bool], Field(description="of the recipe, as seats")] = {},  # noqa: B006
        seed: Annotated[int, Field(ge=0, description="everything random comes from it")] = 0,
        privacy: Annotated[Privacy, Field(description="how far the question may go")] = "any",
        max_calls: Calls = 0,
        max_tokens: Tokens = 0,
    ) -> ContemplateResult:
        """Let a panel of agents work on a question until there is one answer. Progress says what each seat does."""
        with _foreseen():
            options = RunOptions(
                answer=answer,
                choices=tuple(choices),
                parameters=parameters,
                seed=seed,
                models=tuple(models),
                documents=documents_of(documents),
                privacy=privacy,
            )
            budget = Budget(calls=max_calls or None, tokens=max_tokens or None)
            return await desk.contemplate(question, options, strategy, budget, _telling(context))

    async def compare(
        context: Context[Any, Any],
        strategies: Annotated[list[str], Field(description="recipes, at least one")],
        questions: Annotated[list[AskedQuestion], Field(description="with their right answers")],
        repeats: Annotated[int, Field(ge=1, le=20)] = 1,
        seed: Annotated[int, Field(ge=0)] = 0,
        max_calls: Calls = 0,
        max_tokens: Tokens = 0,
    ) -> CompareResult:
        """Let strategies answer the same questions, and compare how often they are right and what they take."""
        with _foreseen():
            budget = Budget(calls=max_calls or None, tokens=max_tokens or None)
            return await desk.compare(strategies, questions, repeats, seed, budget, _telling(context))

    server.add_tool(contemplate)
    server.add_tool(compare)


def _add_stored(server: MCPServer, desk: Desk) -> None:
    """The tools that read stored runs, and call nothing."""

    async def show(
        run: Annotated[str, Field(description="its id, the beginning of it, or last")] = "last",
        texts: Annotated[bool, Field(description="with what each turn said")] = False,  # noqa: FBT002
    ) -> ShowResult:
        """Show a stored run: its turns, what each came to, and whom it read."""
        with _foreseen():
            return await desk.show(run, texts=texts)

    async def redecide(
        runs: Annotated[list[str], Field(description="ids; none for all finished runs")] = [],  # noqa: B006
        strategy: Annotated[str | None, Field(description="only runs of this strategy")] = None,
        rules: Annotated[list[str], Field(description="voting rules, as plurality, borda")] = [],  # noqa: B006
        weights: Annotated[list[str], Field(description="what votes weigh, as equal, score")] = [],  # noqa: B006
        k: Annotated[list[int], Field(description="how many samples are drawn")] = [],  # noqa: B006
    ) -> RedecisionRows:
        """Decide the samples of stored runs again by other rules, weights and numbers of samples. No model is called."""
        with _foreseen():
            return await desk.redecide(runs, strategy, rules, weights, k)

    server.add_tool(show)
    server.add_tool(redecide)


def _add_resources(server: MCPServer, desk: Desk) -> None:
    """Runs, pages and recipes."""

    @server.resource("contemplate://runs", mime_type="application/json")
    async def runs() -> str:
        """The stored runs, newest first."""
        return await _read(desk.runs)

    @server.resource("contemplate://runs/{run}", mime_type="application/json")
    async def stored_run(run: str) -> str:
        """A stored run, with what each turn said."""
        return (await _read(partial(desk.show, run, texts=True))).model_dump_json()

    @server.resource("contemplate://pages/{run}", mime_type="text/html")
    async def trace_page(run: str) -> str:
        """The trace page of a run, one file of HTML that needs nothing else."""
        return await _read(partial(desk.page, run))

    @server.resource("contemplate://recipes", mime_type="application/json")
    async def recipes() -> str:
        """The recipes, with what each does."""
        return json.dumps({name: desk.summary(name) for name in desk.strategies}, ensure_ascii=False)

    @server.resource("contemplate://recipes/{name}", mime_type="application/yaml")
    async def recipe(name: str) -> str:
        """The text of a recipe."""

        async def text() -> str:
            return desk.recipe(name)

        return await _read(text)


async def _read(read: Callable[[], Awaitable[T]]) -> T:
    """What a resource holds.

    Raises:
        ResourceNotFoundError: of the library, which passes its words on.
    """
    try:
        return await read()
    except ContemplateError as error:
        raise ResourceNotFoundError(str(error)) from None


def _add_prompts(server: MCPServer, desk: Desk) -> None:
    """A prompt for each recipe: the question, with the words that have it put to a panel."""
    for name in desk.strategies:
        server.add_prompt(Prompt.from_function(_asking_for(name), name=name, description=desk.summary(name)))


def _asking_for(name: str) -> Callable[[str], str]:
    """What the prompt of a recipe says."""

    def ask(question: Annotated[str, Field(description="the problem")]) -> str:
        return (
            f"Use the tool `contemplate` with the strategy {name!r} to answer the question below. Then give its answer, how sure "
            f"the panel is, and who disagrees.\n\n{question}"
        )

    return ask
