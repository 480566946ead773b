"""The face of the plugin: hooks that hand over to a stage, and cost nothing when idle.

`plain_imports` spares the package pytest's rewriting, `options` and `ini_keys` say what users can
set, `uses` whether anybody wants anything of us, and `settings` reads what they asked for. From
there on a run is one of three:

* tests record and play (`activation`): `recording`, with `interception` around the HTTP
  libraries, and `serving` for programs outside the process;
* tests run against a target: `rerouting`;
* events are sent again (`replaying`): `items` are collected, `terms` say where they go and how they
  are judged, `calls` sends them, `judging` asks judges, `results` and `over_run` are what comes of
  it, `kept_runs` keeps it, `fresh` leaves out what no test asks for.

`users` is what users add by hooks. The packages need each other in one direction only.
"""

# ruff: noqa: E402 - what a call changes is how the imports below it are done

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from .plain_imports import import_as_usual, import_plainly

import_plainly()

from pytest_llmreplay import hookspecs

from .ini_keys import add_ini_keys
from .options import add_options
from .uses import RECORDING, guards, used_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_llmreplay.direct import ReplayEngine
    from pytest_llmreplay.plugin.recording.fixture import LlmCassette

    from .serving import LlmServer

__all__: list[str] = []

_MARKER = (
    "llm_cassette(name=None, session=None, checks=None, match_ignore=None, mode=None): "
    "record the LLM calls of this test and play them back."
)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let users implement our hooks."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options and ini keys."""
    if find_spec("pytest_mockllm") is not None:
        from .neighbours import refuse_mockllm  # noqa: PLC0415 - only who has it pays for it

        refuse_mockllm(pluginmanager)
    add_options(parser)
    add_ini_keys(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name the marker; in a replay, take collection and distribution over."""
    config.addinivalue_line("markers", _MARKER)
    reroutes = config.getoption("llm_replay_tests")
    if config.getoption("llm_replay") and not reroutes:
        _collect_cassettes(config)
    else:
        _run_tests(config, reroutes=reroutes)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Guard LLM calls from the import of the first test module on, where that is wanted."""
    if guards(session.config):
        from .activation import start_guard  # noqa: PLC0415 - only a guarded run pays for it

        start_guard(session.config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to record and play when a collected test has a cassette."""
    config = session.config
    if config.getoption("llm_replay"):
        return
    if config.getoption("llm_replay_tests") or used_by(session):
        from .activation import start_recording  # noqa: PLC0415 - only runs with a cassette pay

        start_recording(session)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the process back as it was."""
    if guards(config) or config.pluginmanager.has_plugin(RECORDING):
        from .activation import stop_recording  # noqa: PLC0415 - as above

        stop_recording(config)
    import_as_usual()


@pytest.fixture
def llm_cassette(request: pytest.FixtureRequest) -> LlmCassette:
    """The cassette that is open for this test."""
    from pytest_llmreplay.plugin.recording.fixture import cassette_of  # noqa: PLC0415 - only its users pay for it

    return cassette_of(request)


@pytest.fixture
def llm_replay(request: pytest.FixtureRequest) -> ReplayEngine:
    """The replay, for tests with assertions of their own; without a target it asks nobody."""
    from .replay_fixture import engine_of  # noqa: PLC0415 - only its users pay for it

    return engine_of(request)


@pytest.fixture
def llm_server(request: pytest.FixtureRequest) -> Iterator[LlmServer]:
    """A loopback server in front of this test's cassette, for what runs outside this process."""
    from .serving import serving  # noqa: PLC0415 - only its users pay for it

    with serving(request) as server:
        yield server


@pytest.fixture(scope="session")
def llm_shared_server(request: pytest.FixtureRequest) -> Iterator[LlmServer]:
    """A loopback server for all tests; each call goes to the cassette of the test that runs."""
    from .serving import sharing  # noqa: PLC0415 - only its users pay for it

    with sharing(request.session) as server:
        yield server


def _collect_cassettes(config: pytest.Config) -> None:
    from .many_items import made_to_stay  # noqa: PLC0415 - only a replay pays for it

    with made_to_stay():
        from .replaying import start_replaying  # noqa: PLC0415 - as above

        start_replaying(config)


def _run_tests(config: pytest.Config, *, reroutes: bool) -> None:
    typed = any(str(word).startswith("--llm-") for word in config.invocation_params.args)
    if typed or reroutes:
        from pytest_llmreplay.plugin.settings.strays import refuse_strays  # noqa: PLC0415 - only who names our options pays

        refuse_strays(config)
    if reroutes:
        from pytest_llmreplay.plugin.rerouting.summary import summary_of  # noqa: PLC0415 - as above

        from .shared_money import share_money  # noqa: PLC0415 - as above

        share_money(config)
        summary_of(config)
    if getattr(config.option, "tx", None):
        from .notices import hear  # noqa: PLC0415 - only where workers of pytest-xdist may notice

        hear(config)
