"""Judges at imitated models on loopback, asked by a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from judges import MakeJudge, judging
from servers.provider_server import ProviderServer

from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.model_judge import ModelJudge
from pytest_llmreplay.judge.settings import JudgeSettings
from pytest_llmreplay.replay.calls.call import CallStore
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target


@pytest.fixture
def make_judge() -> Iterator[MakeJudge]:
    """Make judges that think as a function does; all are stopped when the test ends."""
    with ExitStack() as stack:

        def make(
            thinks: Callable[[Any], Any],
            *,
            provider: str = "openai",
            api: str | None = None,
            server: ProviderServer | None = None,
            store: CallStore | None = None,
            **settings: Any,
        ) -> tuple[ModelJudge, ProviderServer]:
            server = server or stack.enter_context(ProviderServer(judging(thinks)))
            engine = stack.enter_context(Engine(rules=RetryRules(retries=0), timeout=20))
            engine.start((), arrived=lambda _: None)
            asking = Asking(
                target_at(server, provider, api),
                engine=engine,
                endpoints=Endpoints({}),
                store=store,
            )
            return ModelJudge(asking, JudgeSettings(**{"samples": 1} | settings)), server

        yield make


def target_at(server: ProviderServer, provider: str, api: str | None) -> Target:
    """A judge's target at a server, as the command line would name it."""
    url = BaseUrl(url=server.openai, source="command line", place="the test")
    return Target(
        name="grader", kind="live", provider=provider, model="judge-1", base_url=url, api=api
    )
