"""Replays from a program: one call, many, a stream, several targets side by side.

* `engine`: `ReplayEngine`, the face; `overrides` what a caller changes, `destination` where the
  calls go, `result` what came of them.
* `asking`: sends the calls; `means` is what it sends them with, `streaming` gives an answer while
  it comes.
* `comparison`: one event under several configurations; `finding`: an event by its id.

The same targets, keys, conversions and checks as those of `pytest --llm-replay`.
"""

from .comparison import ReplayComparison
from .engine import ReplayEngine
from .overrides import ReplayOverrides
from .result import ReplayResult
from .streaming import ReplayStream

__all__ = ["ReplayComparison", "ReplayEngine", "ReplayOverrides", "ReplayResult", "ReplayStream"]
