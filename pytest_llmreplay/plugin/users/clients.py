"""Clients that users make for targets of their own, by the hook `pytest_llmreplay_client`."""

from __future__ import annotations

import pytest

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["Clients"]


class Clients:
    """Asks the hook once for each target, provider and API format."""

    def __init__(self, config: pytest.Config) -> None:
        self._hook = config.hook
        self._made: dict[tuple[str, str, str], object] = {}

    def __call__(self, target: Target, provider: str, api: str) -> object:
        """A user's client; none where nobody has one.

        Raises:
            ConfigError: The hook raised; it may have found no credentials.
        """
        key = (target.named, provider, api)
        if key not in self._made:
            try:
                self._made[key] = self._hook.pytest_llmreplay_client(
                    target=target.named, provider=provider, api=api
                )
            except Exception as error:
                name = type(error).__name__
                raise ConfigError(f"pytest_llmreplay_client: {name}: {error}") from error
        return self._made[key]
