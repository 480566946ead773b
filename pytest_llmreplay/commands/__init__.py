"""The subcommands of `pytest-llmreplay`, one module for each.

* `command`: what a subcommand is; `accept`, `check`, `compare`, `diff`, `estimate`, `importing`,
  `list_recorded`, `models`, `serve`, `show`: those there are. `one_import`: what an import does.
* `checking`: what `check` looks for; `project`: the ini keys of the project around a path;
  `event_checks`: what its events are judged by.
* `recordings`: events of cassettes; `reading`: gets them, and tells what is damaged; `sessions`:
  those that belong together; `sides`, `pairing`: those that are held against each other;
  `show_recorded`: what `show` says of them.
* `stored_run`: where runs and cassettes are.
* `listing`: asks a provider which models it offers.
"""

from __future__ import annotations

from .accept import ACCEPT
from .check import CHECK
from .command import Command, Exit
from .compare import COMPARE
from .diff import DIFF
from .estimate import ESTIMATE
from .importing import IMPORT
from .list_recorded import LIST
from .models import MODELS
from .serve import SERVE
from .show import SHOW

__all__ = ["COMMANDS", "Command", "Exit"]

COMMANDS = (ACCEPT, CHECK, COMPARE, DIFF, ESTIMATE, IMPORT, LIST, MODELS, SERVE, SHOW)
"""In the order of the alphabet."""
