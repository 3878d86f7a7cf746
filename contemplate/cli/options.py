"""The options that commands share, and the words that some of them take."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Command = Callable[[], int]
"""What a command does. It is run when typer is done with the words, so that every error reaches us as it is."""

Ledger = Annotated[
    str | None, typer.Option("--ledger", metavar="FILE|URL", help="The ledger. Default: the user's own.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else on standard output.")]
Project = Annotated[
    Path | None,
    typer.Option("--project", metavar="DIR", help="A folder with agents/, strategies/ and contemplate.toml of your own."),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write the outcome there; .md and .json say in which form.", show_default=False
    ),
]
ExportFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write it there, in the form that the name ends with.", show_default=False
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Of --output: in place of a file that is there.")]
TraceFile = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write the trace there, as JSON Lines.")]
Partial = Annotated[bool, typer.Option("--partial", help="Of a trace file that was cut off or damaged: what is whole.")]
Files = Annotated[
    list[Path] | None,
    typer.Option("--file", metavar="FILE", help="A text, Markdown or PDF file that is shown to all as data (repeatable)."),
]
Attach = Annotated[
    list[str] | None,
    typer.Option(
        "--attach",
        metavar="FILE|-",
        help="A picture, PDF, sound or film; - reads it from standard input (repeatable).",
        show_default=False,
    ),
]
AllowUrl = Annotated[
    list[str] | None,
    typer.Option("--allow-url", metavar="HOST", help="A host from which --attach may fetch (repeatable).", show_default=False),
]
System = Annotated[
    str | None,
    typer.Option(
        "--system", metavar="TEXT|@FILE", help="What every agent is told first, in its system message.", show_default=False
    ),
]
RunIds = Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs, by their ids or the beginnings of these; or last.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, the beginning of it, or last.")]


class Listed(StrEnum):
    """What can be listed."""

    strategies = "strategies"
    agents = "agents"
    rules = "rules"
    runs = "runs"


class ModelAction(StrEnum):
    """What can be done with embedded models."""

    list = "list"
    fetch = "fetch"
    rm = "rm"


class LedgerAction(StrEnum):
    """What can be done with a ledger's replies."""

    export = "export"
    load = "import"


class Form(StrEnum):
    """The forms in which an outcome is handed back."""

    text = "text"
    markdown = "markdown"
    json = "json"


FormOption = Annotated[
    Form | None, typer.Option("--format", help="How the outcome is printed, or written to a file.", show_default=False)
]


class ExportForm(StrEnum):
    """The forms in which a run is written for other programs."""

    jsonl = "jsonl"
    node_link = "node-link"
    graphml = "graphml"
    mermaid = "mermaid"
    inspect = "inspect"


class Kind(StrEnum):
    """The kinds of answers."""

    number = "number"
    choice = "choice"
    math = "math"
    date = "date"
    set = "set"
    boolean = "boolean"
    json = "json"
    text = "text"
    open = "open"


class PrivacyLabel(StrEnum):
    """How far what is asked may go."""

    local = "local"
    eu = "eu"
    any = "any"


class StakesLevel(StrEnum):
    """How much hangs on an answer."""

    usual = "usual"
    high = "high"


class Refining(StrEnum):
    """Whether a question is put more tightly first."""

    ask = "ask"
    yes = "yes"
    no = "no"


class Outside(StrEnum):
    """What models see of private words that may not see them all."""

    redact = "redact"
    digest = "digest"


class Focus(StrEnum):
    """What each agent is shown of the documents."""

    all_of_it = "full"
    digests = "digest"
    parts = "split"


class PolicyAction(StrEnum):
    """What can be done with policies."""

    list = "list"
    show = "show"
    try_ = "try"
    use = "use"


class AuditAction(StrEnum):
    """What can be done with an audit log."""

    verify = "verify"


class Engine(StrEnum):
    """Where the runs of an experiment are done."""

    local = "local"
    ray = "ray"


class Approving(StrEnum):
    """Whether tools that reach outside may be called."""

    ask = "ask"
    never = "never"
    always = "always"


Tools = Annotated[
    list[str] | None,
    typer.Option(
        "--tool",
        metavar="NAME",
        help="A tool for all who answer: python, calculator, read_document, look, or a server of contemplate.toml (repeatable).",
    ),
]
ToolLimit = Annotated[
    list[str] | None,
    typer.Option(
        "--tool-limit", metavar="KEY=N", help="calls, seconds or bytes of tools in the run, or calls_per_turn ... (repeatable)."
    ),
]
Approve = Annotated[Approving, typer.Option("--approve", help="Calls of tools that reach outside: ask about each, or don't.")]
ToolsAgain = Annotated[bool, typer.Option("--tools-again", help="Call tools again that were at work when it was cut short.")]
Models = Annotated[
    list[str] | None,
    typer.Option(
        metavar="M",
        help="A model, as provider/name; NAME@URL or LABEL=NAME@URL for one on a server of its own. "
        "Repeat it for several: seats take them in turn.",
    ),
]
Fallbacks = Annotated[
    list[str] | None, typer.Option(metavar="M", help="A model to ask when one fails, written as --model (repeatable).")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="An OpenAI-compatible server for models without one; its key: CONTEMPLATE_API_KEY."),
]
Answer = Annotated[Kind | None, typer.Option(help="The kind of answer. Default: choice if there are choices, else text.")]
Private = Annotated[bool, typer.Option("--private", help="Only models on machines of your own; short for --privacy local.")]
PrivacyOption = Annotated[
    PrivacyLabel, typer.Option("--privacy", help="How far what is asked may go; only models labelled so are asked.")
]
PolicyOption = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="FILE|NAME|off",
        help="A policy that the run is under besides that of the settings; off: none.",
        show_default=False,
    ),
]
PolicyProfile = Annotated[
    str | None,
    typer.Option("--policy-profile", metavar="NAME", help="The profile under which policies are used.", show_default=False),
]
StakesOption = Annotated[
    StakesLevel, typer.Option("--stakes", help="high: give no answer that is not sure enough, or not verified.")
]
RefinePrompt = Annotated[
    Refining,
    typer.Option("--refine-prompt", help="A model puts the question more tightly first; alone it is ask.", show_default=False),
]
OutsideOption = Annotated[
    Outside | None,
    typer.Option(
        "--outside", help="Let models that may not see what is private see it redacted, or a digest.", show_default=False
    ),
]
HiddenNames = Annotated[
    Path | None,
    typer.Option("--hide", metavar="FILE", help="Of --outside: names to be hidden as well, one a line.", show_default=False),
]
FocusOption = Annotated[
    Focus | None,
    typer.Option(
        "--focus",
        help="Long documents: every agent reads all, or digests of parts, or its own parts and digests. Default: all.",
        show_default=False,
    ),
]
Seats = Annotated[int | None, typer.Option(metavar="N", help="Seats on the panel; short for --set seats=N.")]
BudgetCalls = Annotated[int | None, typer.Option(metavar="N", help="At most so many model calls.")]
BudgetTokens = Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens, prompts and replies together.")]
BudgetUsd = Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars.")]
Deadline = Annotated[float | None, typer.Option(metavar="SECONDS", help="Answer with what is there after so long.")]
MaxTokens = Annotated[int | None, typer.Option(metavar="N", min=1, help="The most tokens of each reply.")]
Temperature = Annotated[float | None, typer.Option(metavar="T", min=0, max=2, help="How freely replies are drawn.")]
Parameters = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the recipe, as rounds=3 (repeatable).")
]


def spelled_out(arguments: list[str]) -> list[str]:
    """The words of a command line, with `ask` where `--refine-prompt` stands alone: its word may be left out."""
    words: list[str] = []
    for place, word in enumerate(arguments):
        if word == "--":
            return [*words, *arguments[place:]]
        alone = word == "--refine-prompt" and arguments[place + 1 : place + 2] not in (["ask"], ["yes"], ["no"])
        words.append("--refine-prompt=ask" if alone else word)
    return words
