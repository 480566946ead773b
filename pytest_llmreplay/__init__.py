"""Record LLM calls in pytest, play them back offline, replay them against another model.

The nouns: an *event* is one LLM call; a *cassette* is a file of events; a *session* is a group of
events that belong together. To *record* is to write, to *play back* is to answer offline from a
cassette, to *replay* is to send again, to a *target*. A *check* is one comparison rule, a
*divergence* a check that failed, an *outcome* what became of one event.

The stages, from left to right as the data flows:

    capture ──► playback ──► cassette            a test runs
    cassette ──► replay ──► compare ──► report   a replay runs

* `event`      what was said; frozen dataclasses, no I/O
* `providers`  wire format ⇄ event, one file per API format; who the providers are
* `cassette`   event ⇄ YAML; match keys, redaction, places of files
* `importers`  other people's logs → calls, one source per file
* `capture`    intercepts HTTP calls inside the process
* `playback`   finds the recorded event of a call, records a new one, explains a miss
* `compare`    two events → divergences, one check per file
* `replay`     targets and keys, the engine that sends, the simulated server
* `runs`       what the calls of a replay were answered, kept so that nobody pays twice
* `judge`      asks a model, or a user's function, how good an answer is
* `report`     results → text; everything from outside passes its sanitiser
* `direct`     the replay for programs and for tests with assertions of their own
* `loopback`   HTTP servers on 127.0.0.1; `serve` puts one in front of a cassette
* `plugin`     the face: the only stage that knows pytest, beside `hookspecs`; `commands` and `cli`
  are the shell's

A stage imports only stages to its left, as `tests/test_architecture.py` enforces. Importing this
package imports none of them: pytest loads it in every run, and most runs do not need it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.recording.fixture import LlmCassette

    from .cassette import Cassette
    from .direct import ReplayEngine, ReplayOverrides, ReplayResult
    from .event import Event
    from .plugin.serving import LlmServer

__all__ = [
    "Cassette",
    "Event",
    "LlmCassette",
    "LlmServer",
    "ReplayEngine",
    "ReplayOverrides",
    "ReplayResult",
]

_HOMES = {
    "Cassette": "cassette",
    "Event": "event",
    "LlmCassette": "plugin.recording.fixture",
    "LlmServer": "plugin.serving",
    "ReplayEngine": "direct",
    "ReplayOverrides": "direct",
    "ReplayResult": "direct",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
