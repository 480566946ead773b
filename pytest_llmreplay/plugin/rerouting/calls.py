"""What became of the calls of a run that are re-routed, those of forked processes included."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict

from pytest_llmreplay.compare.figures.call_figures import figures_of
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.playback.children import Children, before_forks, before_forks_no_more
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.replay.money.reserving import is_free
from pytest_llmreplay.replay.rerouting.rerouted import Rerouted
from pytest_llmreplay.report.rerouted import ReroutedTally

__all__ = ["ReroutedCalls"]

_HOW_MUCH = re.compile(r"\b[1-9]\d* (bytes|events)\b")
"""How much of an answer came before it broke, by which no two calls are alike."""


class ReroutedCalls:
    """Is told of each call, in whichever thread or forked process, and sums.

    Args:
        on_loss: Which losses of a conversion are told.
    """

    def __init__(self, on_loss: LossPolicy) -> None:
        self._on_loss = on_loss
        self._over: deque[Rerouted | None] = deque()
        self._children = Children(self._hear)
        self.tally = ReroutedTally()
        """The sums, as far as `sum` has come."""
        self.problems: list[BaseException] = []
        """Calls of the running test that could not be sent, should it hide that."""
        before_forks(self._children)

    def over(self, rerouted: Rerouted | None) -> None:
        """A call is over; none where its client did not wait for that."""
        if self._children.am_one:
            self._tell({"came to": asdict(self._tally_of(rerouted))})
        else:
            self._over.append(rerouted)

    def played(self) -> None:
        """A call was answered from a cassette."""
        if self._children.am_one:
            self._tell({"came to": asdict(ReroutedTally(played=1))})
        else:
            with self._children:
                self.tally.played += 1

    def note(self, problem: BaseException) -> None:
        """A call could not be sent."""
        self.problems.append(problem)
        if self._children.am_one:
            self._tell({"problem": str(problem)})

    def sum(self) -> None:
        """Take in what is over; between two tests, as answers are decoded for it."""
        with self._children:
            while self._over:
                self.tally.add(self._tally_of(self._over.popleft()))

    def close(self) -> None:
        """Hear of no forked process any more."""
        before_forks_no_more(self._children)
        self._children.close()

    def _tell(self, word: Json) -> None:
        with self._children:
            self._children.tell(word)

    def _hear(self, word: Json) -> None:
        match word:
            case {"came to": dict(tally)}:
                self.tally.add(ReroutedTally(**tally))
            case {"problem": str(problem)}:
                self.problems.append(LlmFailure(problem))

    def _tally_of(self, rerouted: Rerouted | None) -> ReroutedTally:
        if rerouted is None:
            return ReroutedTally(calls=1, left=1)
        losses = (
            *self._on_loss.reported(rerouted.outgoing.losses),
            *(code for code in rerouted.untold if self._on_loss.of(code) != "ignore"),
        )
        tally = ReroutedTally(calls=1, losses=dict.fromkeys(losses, 1))
        if rerouted.problem is not None:
            problem = _HOW_MUCH.sub(r"some \1", str(rerouted.problem))
            tally.add(ReroutedTally(errors=1, problems={problem: 1}))
        if rerouted.event is not None:
            tally.add(_usage_of(rerouted.event, local=is_free(rerouted.outgoing)))
        return tally


def _usage_of(event: Event, *, local: bool) -> ReroutedTally:
    """Tokens and cost of a call."""
    figures = figures_of(event, priced=not local)
    return ReroutedTally(
        input_tokens=figures.input_tokens or 0,
        output_tokens=figures.output_tokens or 0,
        cost=figures.cost or 0.0,
        unpriced=int(figures.cost is None and not local),
    )
