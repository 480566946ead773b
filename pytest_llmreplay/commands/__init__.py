"""The subcommands of `pytest-llmreplay`, one module for each.

* `command`: what a subcommand is; `check`, `estimate`, `models`, `serve`: those there are.
* `checking`: what `check` looks for; `project`: the ini keys of the project around a path.
* `listing`: asks a provider which models it offers.
"""

from __future__ import annotations

from .check import CHECK
from .command import Command, Exit
from .estimate import ESTIMATE
from .models import MODELS
from .serve import SERVE

__all__ = ["COMMANDS", "Command", "Exit"]

COMMANDS = (CHECK, ESTIMATE, MODELS, SERVE)
"""In the order of the alphabet."""
