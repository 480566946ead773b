"""Servers that the tests of all stages share."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from servers.provider_server import ProviderServer

if TYPE_CHECKING:
    from servers.llama_server import LlamaServers


# The README's replay of the demo loads this file too, where no test dependency is installed.
if importlib.util.find_spec("hypothesis") is not None:
    from hypothesis import settings

    # A run must not fail by lot. To look for more: pytest --hypothesis-profile=default
    settings.register_profile("repeatable", derandomize=True, deadline=None)
    settings.load_profile("repeatable")


# A shell has its background jobs ignore Ctrl-C, and whatever they start: tests that interrupt
# their own processes would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def provider_server() -> Iterator[ProviderServer]:
    """A fresh server that imitates the providers."""
    with ProviderServer() as server:
        yield server


@pytest.fixture(scope="session")
def llama_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServers]:
    """Real model servers: `llama_servers("tiny").openai` is a base URL."""
    for needed in ("xllamacpp", "gguf", "numpy"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed; the package has no build for every platform")
    from servers.llama_server import LlamaServers  # noqa: PLC0415  # needs the packages above

    servers = LlamaServers(tmp_path_factory.mktemp("llama"))
    yield servers
    servers.stop()
