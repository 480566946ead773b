"""The fixture `llm_replay`: the replay for tests with assertions of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_llmreplay.capture.routing import Live
from pytest_llmreplay.direct import ReplayEngine
from pytest_llmreplay.direct.means import Means
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.users.checks import user_checks
from pytest_llmreplay.plugin.users.clients import Clients
from pytest_llmreplay.plugin.users.variants import user_variants
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.config.file import Config, load_config
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.targets.allowed import Allowed

from .failures import as_failure
from .shared_money import ledger_of

__all__ = ["engine_of"]


def engine_of(request: pytest.FixtureRequest) -> ReplayEngine:
    """The engine of the test that asks.

    It goes to the target of `--llm-replay-tests`, else to `recorded`, which asks nobody: a plain
    run spends nothing unless the test itself names a target.
    """
    with as_failure():
        settings = Settings.of(request.config).over([request.path])
        project = settings.projects.home(request.path)
        live = settings.replay_tests
        return ReplayEngine(
            target=settings.models[0] if live and settings.models else _usual(live=live),
            base_url=settings.base_url if live else None,
            cassettes=project / settings.projects.of(project).cassettes,
            config=_config(request, settings),
            own_checks=user_checks(request.config),
            means=_means(request.config, settings),
        )


def _usual(*, live: bool) -> str:
    return "same" if live else "recorded"


def _means(config: pytest.Config, settings: Settings) -> Means:
    ledger = ledger_of(config)
    means = Means(
        timeout=settings.timeout,
        retries=settings.retries,
        allow=settings.allow,
        allowed=Allowed.by_all(settings.targets_allow),
        on_loss=settings.on_loss,
        spender=None if ledger is None else Spender(ledger),
        clients=lambda: Clients(config),
        variants=user_variants(config),
        aside=Live,
    )
    return replace(means, leave=_refuse_away) if settings.money.unwatched else means


def _refuse_away(outgoing: Outgoing) -> None:
    """Refuse to spend money on a CI server without a limit."""
    if not outgoing.endpoint.loopback:
        raise ConfigError(
            f"CI is set, and calls to {outgoing.endpoint.host} may cost money without anybody "
            "watching: say how much with llm_replay.to(…, max_cost=USD)"
        )


def _config(request: pytest.FixtureRequest, settings: Settings) -> Config:
    found = settings.projects.config_file(request.path.parent)
    return Config() if found is None else load_config(found)
