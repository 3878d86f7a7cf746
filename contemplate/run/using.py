"""The tools that a turn may call: granted by the run's plan, and answered by the record where there is one."""

from __future__ import annotations

from contemplate.models.path import Caller
from contemplate.run.pending import PendingTurn
from contemplate.run.state import RunState
from contemplate.run.tooling import TurnTools, on_record
from contemplate.text import one_line
from contemplate.trace.events import ToolUsed
from contemplate.types import ToolCall, ToolUse


def tools_of(state: RunState, pending: PendingTurn, caller: Caller) -> TurnTools | None:
    """The tools of a turn; None if its agent has none.

    Args:
        state: of the run.
        pending: the turn.
        caller: on whose behalf its calls are made.
    """
    agent, plan = pending.agent, state.config.tools
    if not plan or agent is None or not (specs := plan.of(agent.card.name, agent.seat)):
        return None

    def recorded(place: int, call: ToolCall) -> ToolUse | None:
        if state.replay is not None:
            return on_record(state.replay.tools(pending.id), place, call)
        return None if state.origin is None else on_record(state.origin.tools(pending.id), place, call)

    def told(use: ToolUse) -> None:
        came = f"failed ({use.failed})" if use.failed is not None else f"{use.size:,} bytes"
        what = f"{use.tool or 'a tool'}({one_line(use.arguments, 100)}): {came} in {use.seconds:g} s"
        state.services.emit(ToolUsed(f"{pending.seat} called {what}", pending.seat, pending.id, use))

    guard, model = state.services.guard, pending.outline.model

    async def screen(tool: str, arguments: str) -> str:
        return arguments if guard is None else await guard.tool_call(tool, arguments, caller, model)

    return TurnTools(
        tooling=state.services.tooling,
        specs=specs,
        ledger=state.services.calls.ledger,
        run=state.config.id,
        turn=pending.id,
        seat=pending.seat,
        quoting=state.config.quoting,
        recorded=recorded,
        replays=state.replay is not None,
        told=told,
        screen=None if guard is None else screen,
    )
