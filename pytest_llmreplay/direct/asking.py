"""Sends recorded calls again, many at once, and gives what came in the order of asking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Self

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job
from pytest_llmreplay.replay.simulated import SimulatedServer
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import SIMULATED, Target
from pytest_llmreplay.replay.unsent.unsendable import RECORDED_ERRORS

from .means import Means

__all__ = ["Asked", "Asking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call to be made."""

    original: Event
    """As it was recorded."""
    event: Event
    """With what a caller changed of its conversation and tools."""
    target: Target
    overrides: Overrides
    api: str
    """The format of the call."""
    problem: LlmReplayError | None = None
    """Why it cannot be made, where that is known already."""

    @property
    def sent(self) -> bool:
        """Whether anything leaves for it; the recording answers for itself."""
        return self.problem is None and self.target.kind != "recorded"

    @property
    def changed(self) -> tuple[str, ...]:
        """What is changed in the body, in words."""
        model = () if self.overrides.model is None else (f"model={self.overrides.model}",)
        return (
            *model,
            *(f"{key}={json.dumps(value)}" for key, value in self.overrides.set.items()),
        )


class Asking:
    """The servers and the requests of some calls; simulated servers run inside the block.

    Args:
        asked: The calls.
        means: What they are made with.
    """

    def __init__(self, asked: Sequence[Asked], means: Means) -> None:
        self.asked = asked
        """The calls, in their order."""
        self._means = means
        self._endpoints: Endpoints
        self._servers = ExitStack()
        self._engine: Engine | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        self._endpoints = self._means.endpoints()
        names = {one.target.named for one in self.asked if one.target.kind == "simulated"}
        with ExitStack() as servers:
            for name in sorted(names):
                server = SimulatedServer(name.removeprefix(SIMULATED), recorded=self._recorded)
                servers.enter_context(server)
                self._endpoints.serve_simulated(name, server.base_urls)
            self._servers = servers.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def prepared(self, number: int) -> Outgoing:
        """The request of a call.

        Raises:
            LlmReplayError: It cannot be made, or nobody gives leave.
        """
        one = self.asked[number]
        outgoing = prepare(
            one.event,
            one.target,
            one.overrides,
            self._endpoints,
            allow=(*self._means.allow, RECORDED_ERRORS),
            reference=f"{number}",
            on_loss=self._means.on_loss,
        )
        if self._means.spender is None:
            self._means.leave(outgoing)
        return outgoing

    def answers(self, workers: int) -> Iterator[Reply | LlmReplayError | None]:
        """What came of each call, in their order; nothing for one that is not sent.

        Args:
            workers: Calls in flight for each target.
        """
        means = self._means
        jobs = {
            number: Job(target=one.target.name, prepare=partial(self.prepared, number))
            for number, one in enumerate(self.asked)
            if one.sent
        }
        with Engine(
            concurrency=workers,
            timeout=means.timeout,
            rules=RetryRules(retries=means.retries),
            spender=means.spender,
            aside=means.aside,
        ) as engine:
            self._engine = engine
            if self._stopping:
                engine.stop()
            if jobs:
                engine.start(jobs.values())
            for number, one in enumerate(self.asked):
                yield self._answer(engine, jobs[number]) if number in jobs else one.problem

    def stop(self) -> None:
        """End all calls; any thread may."""
        # Set before the look: whoever begins to call finds it.
        self._stopping = True
        if (engine := self._engine) is not None:
            engine.stop()

    def _answer(self, engine: Engine, job: Job) -> Reply | LlmReplayError:
        try:
            return engine.result(job)
        except LlmReplayError as error:
            return error
        finally:
            engine.release(job)

    def _recorded(self, reference: str) -> Event | None:
        return self.asked[int(reference)].original if reference.isdecimal() else None
