"""The commands about one question and its run. Each imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contemplate.cli.options import (
    AllowUrl,
    Answer,
    Approve,
    Approving,
    Attach,
    BaseUrl,
    BudgetCalls,
    BudgetTokens,
    BudgetUsd,
    Command,
    Deadline,
    Fallbacks,
    Files,
    FocusOption,
    Form,
    FormOption,
    HiddenNames,
    Json,
    Ledger,
    Listed,
    MaxTokens,
    Models,
    OutputFile,
    OutsideOption,
    Overwrite,
    Parameters,
    Partial,
    PolicyOption,
    PolicyProfile,
    PrivacyLabel,
    PrivacyOption,
    Private,
    Project,
    RefinePrompt,
    Refining,
    RunId,
    Seats,
    StakesLevel,
    StakesOption,
    System,
    Temperature,
    ToolLimit,
    Tools,
    ToolsAgain,
    TraceFile,
)


def ask(  # noqa: PLR0913, PLR0917 - the options of the command
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="The problem; @FILE reads it from a file, - from standard input.")
    ],
    strategy: Annotated[str, typer.Option(metavar="NAME|FILE", help="A recipe's name, or a .yaml file.")] = "contemplating",
    model: Models = None,
    fallback: Fallbacks = None,
    base_url: BaseUrl = None,
    answer: Answer = None,
    schema: Annotated[Path | None, typer.Option(metavar="FILE", help="The JSON Schema that a json answer must satisfy.")] = None,
    choice: Annotated[list[str] | None, typer.Option(metavar="C", help="One option of a multiple choice (repeatable).")] = None,
    criteria: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|TEXT", help='Score the replies and the answer by these: "correct:3,short:1", a file of them, or panel.'
        ),
    ] = None,
    file: Files = None,
    attach: Attach = None,
    allow_url: AllowUrl = None,
    system: System = None,
    private: Private = False,  # noqa: FBT002
    privacy: PrivacyOption = PrivacyLabel.any,
    tool: Tools = None,
    tool_limit: ToolLimit = None,
    approve: Approve = Approving.ask,
    outside: OutsideOption = None,
    hide: HiddenNames = None,
    focus: FocusOption = None,
    policy: PolicyOption = None,
    policy_profile: PolicyProfile = None,
    stakes: StakesOption = StakesLevel.usual,
    refine_prompt: RefinePrompt = Refining.no,
    seats: Seats = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Everything random comes from it.")] = 0,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    deadline: Deadline = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    ledger: Ledger = None,
    project: Project = None,
    settings: Parameters = None,
    json: Json = False,  # noqa: FBT002
    form: FormOption = None,
    output: OutputFile = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Work on a question until there is one answer."""

    def work() -> int:
        from contemplate.cli.ask import Arguments, ask
        from contemplate.cli.location import Location
        from contemplate.cli.terms import Terms

        return ask(
            Arguments(
                question=question,
                strategy=strategy,
                models=tuple(model or ()),
                fallbacks=tuple(fallback or ()),
                base_url=base_url,
                answer=answer.value if answer else None,
                choices=tuple(choice or ()),
                schema=schema,
                settings=tuple(settings or ()),
                seats=seats,
                seed=seed,
                caps={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                sampling={"max_tokens": max_tokens, "temperature": temperature},
                location=Location(ledger, project),
                json=json,
                form=form.value if form else None,
                output=output,
                overwrite=overwrite,
                criteria=criteria,
                trace=trace,
                files=tuple(file or ()),
                attach=tuple(attach or ()),
                allow_url=tuple(allow_url or ()),
                system=system,
                privacy="local" if private else privacy.value,
                terms=Terms.typed(tool, tool_limit, approve, policy, policy_profile, stakes),
                refine=refine_prompt.value,
                outside=outside.value if outside else None,
                names=hide,
                focus=focus.value if focus else None,
            )
        )

    return work


def chat(  # noqa: PLR0913, PLR0917 - the options of the command
    resume: Annotated[
        str | None,
        typer.Option(metavar="ID|last", help="Take up the conversation of that id, or the last one.", show_default=False),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A recipe's name, or a .yaml file. Default: contemplating.", show_default=False),
    ] = None,
    model: Models = None,
    fallback: Fallbacks = None,
    base_url: BaseUrl = None,
    answer: Answer = None,
    file: Files = None,
    attach: Attach = None,
    allow_url: AllowUrl = None,
    system: System = None,
    private: Private = False,  # noqa: FBT002
    privacy: PrivacyOption = PrivacyLabel.any,
    tool: Tools = None,
    tool_limit: ToolLimit = None,
    approve: Approve = Approving.ask,
    policy: PolicyOption = None,
    policy_profile: PolicyProfile = None,
    stakes: StakesOption = StakesLevel.usual,
    seats: Seats = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Everything random comes from it. Default: 0.")] = None,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_usd: BudgetUsd = None,
    deadline: Deadline = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    ledger: Ledger = None,
    project: Project = None,
    settings: Parameters = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Hold a conversation with the panel.

    Each question is a run, with the questions and answers before it; budgets are for each. From a pipe, a line is a question, and
    answers alone are printed.
    """

    def work() -> int:
        from contemplate.cli.chat import ChatArguments, chat
        from contemplate.cli.location import Location
        from contemplate.cli.terms import Terms

        return chat(
            ChatArguments(
                resume=resume,
                strategy=strategy,
                models=tuple(model or ()),
                fallbacks=tuple(fallback or ()),
                base_url=base_url,
                answer=answer.value if answer else None,
                settings=tuple(settings or ()),
                seats=seats,
                seed=seed,
                caps={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                sampling={"max_tokens": max_tokens, "temperature": temperature},
                files=tuple(file or ()),
                attach=tuple(attach or ()),
                allow_url=tuple(allow_url or ()),
                system=system,
                privacy="local" if private else privacy.value,
                terms=Terms.typed(tool, tool_limit, approve, policy, policy_profile, stakes),
                location=Location(ledger, project),
                json=json,
            )
        )

    return work


def list_(
    what: Annotated[Listed, typer.Argument(metavar="WHAT", help="strategies, agents, rules or runs.")],
    everything: Annotated[bool, typer.Option("--all", help="Of runs: those of experiments too.")] = False,  # noqa: FBT002
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="Of runs: those of this strategy.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Of runs: those since a day (2026-01-31), or the last 12h, 7d or 4w.")
    ] = None,
    question: Annotated[str | None, typer.Option(metavar="WORDS", help="Of runs: those whose question has these words.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """List strategies, agents, rules or runs.

    Runs stand newest first.
    """

    def work() -> int:
        from contemplate.cli.listing import Wanted, list_things
        from contemplate.cli.location import Location

        wanted = Wanted(experiments=everything, strategy=strategy, since=since, question=question)
        return list_things(what.value, wanted, Location(ledger, project), as_json=json)

    return work


def show(  # noqa: PLR0913, PLR0917 - the options of the command
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|RUN", help="A strategy, an agent, a rule, or a run.", show_default=False)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="The run in this trace file instead.")] = None,
    partial: Partial = False,  # noqa: FBT002
    prompts: Annotated[bool, typer.Option("--prompts", help="Of a run: what each agent was asked, too.")] = False,  # noqa: FBT002
    measures: Annotated[bool, typer.Option("--measures", help="Of a run: agreement, flips and the like, too.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    form: Annotated[
        Form | None, typer.Option("--format", help="How it is printed; only a run can be in Markdown.", show_default=False)
    ] = None,
) -> Command:
    """Show a strategy, agent, rule or run.

    Of a run, all that was said in it; it may stand in a trace file.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.report import form_of
        from contemplate.cli.show import Wanted, show

        how = form_of(form.value if form else None, None, as_json=json)
        return show(name, trace, Location(ledger, project), Wanted(how, prompts, measures, partial))

    return work


def view(  # noqa: PLR0913, PLR0917 - the options of the command
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run's id, the beginning of it, or last.", show_default=False)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="The run in this trace file instead.")] = None,
    partial: Partial = False,  # noqa: FBT002
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The page. Default: RUN.html in this folder.", show_default=False),
    ] = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,  # noqa: FBT002
    beside: Annotated[str | None, typer.Option(metavar="RUN", help="Show this run beside it, as a fork of it.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Write it anew as long as the run goes on.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Write a run as one HTML page.

    It needs no network and no other file: who said what after reading whom, how it was voted on, when, and at what cost.
    """

    def work() -> int:
        from contemplate.cli.location import Location
        from contemplate.cli.view import Wanted, view

        wanted = Wanted(
            output=output, overwrite=overwrite, opened=opened, live=live, as_json=json, partial=partial, beside=beside
        )
        return view(run, trace, Location(ledger, project), wanted)

    return work


def resume(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunId,
    approve: Approve = Approving.ask,
    tools_again: ToolsAgain = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    form: FormOption = None,
    output: OutputFile = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Go on with a run that was cut short.

    What it paid for is not paid again.
    """

    def work() -> int:
        from contemplate.cli.again import Tools, Wanted, resume
        from contemplate.cli.location import Location

        wanted = Wanted(form.value if form else None, output, overwrite, json)
        return resume(run, Location(ledger, project), wanted, trace, Tools(approve.value, tools_again))

    return work


def replay(
    run: RunId,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Do a run again, without a call.

    From the ledger alone; says whether every turn came out the same.
    """

    def work() -> int:
        from contemplate.cli.again import replay
        from contemplate.cli.location import Location

        return replay(run, Location(ledger, project), as_json=json, trace=trace)

    return work


def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs, by their ids or the beginnings of these.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Delete runs from the ledger.

    Replies stay, since other runs may have them.
    """

    def work() -> int:
        from contemplate.cli.delete import delete_runs
        from contemplate.cli.location import Location

        return delete_runs(tuple(dict.fromkeys(runs)), Location(ledger, project), sure=yes, as_json=json)

    return work
