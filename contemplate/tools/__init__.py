"""Tools: what is done here for an agent that asked for it. Programs are run in a sandbox (`contemplate.tools.sandbox`)."""

from __future__ import annotations

from contemplate.tools.sandbox import Limits, Sandbox, available, check_available

__all__ = ["Limits", "Sandbox", "available", "check_available"]
