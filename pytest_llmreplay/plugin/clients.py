"""Clients that users make for targets of their own, by the hook `pytest_llmreplay_client`."""

from __future__ import annotations

import pytest

from pytest_llmreplay.replay.targets import Target

__all__ = ["Clients"]


class Clients:
    """Asks the hook once for each target and API format."""

    def __init__(self, config: pytest.Config) -> None:
        self._hook = config.hook
        self._made: dict[tuple[str, str], object] = {}

    def __call__(self, target: Target, api: str) -> object:
        """A user's client; none where nobody has one."""
        key = (target.name, api)
        if key not in self._made:
            self._made[key] = self._hook.pytest_llmreplay_client(
                target=target.name, provider=target.provider, api=api
            )
        return self._made[key]
