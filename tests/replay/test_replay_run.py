"""A run between the cassette and the engine: what is read, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from replay.replay_server import CHAT, Loopback, Seen, as_json

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.call import Identity, Purpose
from pytest_llmreplay.replay.preparation import Preparation, RequestRules
from pytest_llmreplay.replay.run import Run
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve

TEXT = """\
---
event: {number}
provider: openai
api: chat_completions
model: gpt-5-mini
request:
  method: POST
  url: https://api.openai.com/v1/chat/completions
  body:
    model: gpt-5-mini
    messages:
    - {{role: user, content: Hello}}
response:
  status: 200
  body:
    choices:
    - {{message: {{role: assistant, content: Hi}}, finish_reason: stop}}
...
"""


@dataclass(eq=False)
class Asked:
    """An entry that counts how often its recording is read from the cassette."""

    number: int
    target: Target
    sample: int = 0
    purpose: Purpose = "answer"
    accepted: Event | None = None
    checks: Sequence[Check] = field(default_factory=lambda: parse_checks(["answered"]))
    reads: int = 0

    @property
    def identity(self) -> Identity:
        """Nothing keeps the calls of these runs."""
        raise AssertionError(self)

    @property
    def document(self) -> EventDocument:
        """The recording, parsed anew each time."""
        self.reads += 1
        return EventDocument.of(TEXT.format(number=self.number))


def test_what_was_read_before_the_start_is_not_read_again(
    serve: Callable[[Callable[[Seen], Any]], Loopback],
) -> None:
    """As many recordings are kept as the engine would keep by itself, and not one more."""
    server = serve(lambda _: as_json(CHAT))
    target = resolve("same", TargetSettings(base_url=server.url))
    entries = [Asked(number, target) for number in (1, 2, 3)]
    engine = Engine(concurrency=1, window=2)
    run = Run(engine, Preparation(Endpoints({}), RequestRules()))
    for entry in entries:
        run.keep(entry, entry.document)
    run.start(entries)
    try:
        outcomes = []
        for entry in entries:
            outcomes.append(run.result(entry).comparison.outcome)
            run.release(entry)
    finally:
        run.stop()
    assert ["changed"] * 3 == outcomes
    assert [1, 1, 2] == [entry.reads for entry in entries]
