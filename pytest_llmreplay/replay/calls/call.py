"""One call of a run, named by what it asks, and who keeps the answers of calls."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pytest_llmreplay.cassette.json_dump import json_bytes

from .outgoing import EVENT_HEADER, Outgoing
from .result import CallFailed, Reply

__all__ = ["Call", "CallStore", "Identity", "Purpose", "digest_of"]

Purpose = Literal["answer", "round", "calibration", "confirmation", "judge"]
"""What a call is made for.

* answer: a target answers an event.
* round: it is asked on with the results of its tools, where the recorded model had come to an end.
* calibration: the recorded model answers it again, to see how it varies by itself.
* confirmation: it does so once more, before a regression is told.
* judge: a model scores an answer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an event is known by beyond its number, which another recording gives away."""

    cassette: str
    """From the root directory, with `/`."""
    key: str
    """Match key of its request under no rules."""
    occurrence: int = 0
    """How many earlier events of the cassette ask the same."""
    label: str = field(default="", compare=False)
    """As node ids have it, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; two are equal where the answer of one may stand for that of the other."""

    identity: Identity
    target: str
    """As the user names it."""
    digest: str | None
    """Of the request as it is sent; none asks for an answer to whatever was sent."""
    sample: int = 0
    purpose: Purpose = "answer"
    session: str | None = field(default=None, compare=False)
    """Id of the session that ran freely, which is another one than the recorded."""


class CallStore(Protocol):
    """Keeps what came of calls."""

    def find(self, call: Call) -> Reply | CallFailed | None:
        """What came of a call before; none where it was not made."""
        ...

    def keep(self, call: Call, outcome: Reply | CallFailed) -> None:
        """Take what came of a call; never raises."""
        ...


def digest_of(outgoing: Outgoing) -> str:
    """Digest of a request as it is sent: where to, the headers that mean something, the body.

    The address of a simulated server is another one in each run, and left out.
    """
    simulated = EVENT_HEADER in outgoing.headers
    place = outgoing.path if simulated else outgoing.url
    headers = {name: value for name, value in outgoing.headers.items() if name != EVENT_HEADER}
    head = json_bytes([place, outgoing.api, outgoing.model, dict(sorted(headers.items()))])
    return hashlib.sha256(head + b"\n" + outgoing.content).hexdigest()[:32]
