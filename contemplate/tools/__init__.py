"""Tools: what is done here for an agent that asked for it. Programs are run in a sandbox (`contemplate.tools.sandbox`)."""

from __future__ import annotations

from contemplate.tools.sandbox import ProgramLimits, Sandbox, available, check_available

__all__ = ["ProgramLimits", "Sandbox", "available", "check_available"]
