"""The subcommands of `pytest-llmreplay`, one module for each.

`command` is what a subcommand is; `accept`, `check`, `compare`, `diff`, `estimate`, `importing`,
`list_recorded`, `models`, `serve` and `show` are those there are. Some have a part beside them:
`one_import` of `import`, `mutating` of `check`, `forecasts` of `estimate`, `listing` of `models`.
What several of them need is in packages:

* `projects`     the project around a path: its ini keys, and what its `conftest.py` adds
* `checking`     what `check` looks for
* `recorded`     events of cassettes
* `stored_runs`  runs and their answers
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
