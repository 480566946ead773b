"""The subcommands of `pytest-llmreplay`, one module for each.

* `command`: what a subcommand is; `accept`, `models`, `serve`: those there are.
* `stored_run`: where runs and cassettes are.
* `listing`: asks a provider which models it offers.
"""

from __future__ import annotations

from .accept import ACCEPT
from .command import Command, Exit
from .models import MODELS
from .serve import SERVE

__all__ = ["COMMANDS", "Command", "Exit"]

COMMANDS = (ACCEPT, MODELS, SERVE)
"""In the order of the alphabet."""
