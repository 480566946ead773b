"""What the calls of an engine are made with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.targets.allowed import Allowed
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

if TYPE_CHECKING:
    from pytest_llmreplay.replay.variants.variant import OwnVariant

__all__ = ["Means"]


def _anyway(_: Outgoing) -> None:
    """Nobody has to be asked for leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Limits, keys and whoever has a say."""

    timeout: float = 600.0
    """Seconds per attempt."""
    retries: int = 2
    allow: tuple[str, ...] = ()
    """What is let through of what acts with the account, as `--llm-allow`."""
    allowed: Allowed = field(default_factory=Allowed)
    """Where the project lets its data go."""
    on_loss: LossPolicy = field(default_factory=LossPolicy)
    spender: Spender | None = None
    """Is asked before each attempt, where money is limited."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    """Keys, base URLs and trusted hosts."""
    clients: Callable[[], Callable[[Target, str, str], object]] | None = None
    """Begins to make a user's own clients, each for a target at a provider in an API format; what
    it makes is closed when the calls are over."""
    variants: Mapping[str, OwnVariant] = field(default_factory=dict)
    """Variants that are functions of the user's, by their names."""
    leave: Callable[[Outgoing], None] = _anyway
    """Is asked for leave where money is not limited; raises where there is none."""
    aside: Callable[[], AbstractContextManager[object]] = nullcontext
    """Entered around calls, so that they are not taken for those of a test."""

    def endpoints(self) -> Endpoints:
        """Finds endpoints by what the environment says now."""
        client_of = None if self.clients is None else self.clients()
        return Endpoints(self.environ, client_of, self.allowed)
