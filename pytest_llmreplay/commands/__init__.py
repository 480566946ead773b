"""The subcommands of `pytest-llmreplay`, one module for each.

* `command`: what a subcommand is; `estimate`, `models`, `serve`: those there are.
* `listing`: asks a provider which models it offers.
"""

from __future__ import annotations

from .command import Command, Exit
from .estimate import ESTIMATE
from .models import MODELS
from .serve import SERVE

__all__ = ["COMMANDS", "Command", "Exit"]

COMMANDS = (ESTIMATE, MODELS, SERVE)
"""In the order of the alphabet."""
