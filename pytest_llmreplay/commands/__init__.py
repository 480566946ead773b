"""The subcommands of `pytest-llmreplay`, one module for each.

* `command`: what a subcommand is; `serve`, `models`: those there are.
* `listing`: asks a provider which models it offers.
"""

from __future__ import annotations

from .command import Command, Exit
from .models import MODELS
from .serve import SERVE

__all__ = ["COMMANDS", "Command", "Exit"]

COMMANDS = (MODELS, SERVE)
"""In the order of the alphabet."""
