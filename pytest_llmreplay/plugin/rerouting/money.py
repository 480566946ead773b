"""The money of `--llm-replay-tests`: refused before the first call, else taken from one ledger."""

from __future__ import annotations

import pytest

from pytest_llmreplay.plugin.settings.run_options import Money
from pytest_llmreplay.plugin.shared_money import ledger_of
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.money.guard import has_price, refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.money.purse import Capped, Purse, Unwatched
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["purse_of"]


def purse_of(
    config: pytest.Config, money: Money, target: Target, endpoint: Endpoint | None
) -> Purse | None:
    """What is asked before each call; none where nothing has to be.

    Args:
        config: Of the run.
        money: The options.
        target: Where all calls go.
        endpoint: The same, as far as it is known before the first call.

    Raises:
        ConfigError: A limit is missing, or cannot be kept.
    """
    ledger = ledger_of(config)
    away = endpoint if endpoint is not None and not endpoint.loopback else None
    if ledger is None:
        if away is not None and money.unwatched:
            refuse_unlimited(target.name, away.host)
        return Unwatched(target.name) if money.unwatched else None
    # Of a model that is not known yet, its first call tells.
    model = target.model
    if away is not None and model and not has_price(target, away.provider, model):
        refuse_unpriced(target.name, [f"{away.provider}/{model}"])
    return Capped(Spender(ledger))
