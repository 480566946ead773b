"""Simulated models: a server inside the package that misbehaves in declared ways.

* `server`: `SimulatedServer`, the model server; `faults`: how its models behave.
* `script`, `scripted`: answers written by hand; `take`: one call and its steady answer.
* `edit`, `words`, `dice`: changes to answers, the same on every machine.
"""

from __future__ import annotations

from .faults import FAULTS, Fault, fault_named
from .script import Line, Script, When
from .server import EVENT_HEADER, SimulatedServer

__all__ = [
    "EVENT_HEADER",
    "FAULTS",
    "Fault",
    "Line",
    "Script",
    "SimulatedServer",
    "When",
    "fault_named",
]
