"""A small project of a user, run by a real pytest against a loopback provider."""

from __future__ import annotations

import gc
import importlib.util
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path
from pkgutil import walk_packages

import pytest
from made_cassettes import cassette, event
from servers.provider_server import ProviderServer

import pytest_llmreplay

# pytester forgets what a run imported first. These are large, or cannot be imported twice, or are
# imported late by others, who then keep classes of another import. Of ours, that is all: what one
# import has patched, another would not know.
_ONCE = (
    *("anthropic.resources.messages", "openai.resources.chat.completions"),
    *("genai_prices.data", "yaml", "httpcore", "httpcore2", "numpy"),
    *("vcr.stubs.httplib2_stubs", "vcr.stubs.tornado_stubs"),
    *("opentelemetry.baggage", "opentelemetry.trace"),
    *("concurrent.futures.process", "multiprocessing.forkserver"),
    *("multiprocessing.resource_tracker", "multiprocessing.synchronize"),
    # It takes the place of the standard library's finder of plugins, for good.
    "importlib_metadata",
    *(found.name for found in walk_packages(pytest_llmreplay.__path__, "pytest_llmreplay.")),
)
for _name in _ONCE:
    if importlib.util.find_spec(_name.partition(".")[0]) is not None:
        importlib.import_module(_name)

# Where it is unset, pytest-asyncio warns in every run inside of this process.
SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")

APPLICATION = '''
import os

import anthropic
import openai
import pytest


def chat(text, **options):
    """Ask through the OpenAI SDK; the answer's words."""
    with openai.OpenAI(
        api_key="sk-test-0123456789abcdef0123", base_url=os.environ["CHAT_URL"], max_retries=2
    ) as client:
        answer = client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": text}], **options
        )
    return answer.choices[0].message.content


def stream(text):
    """Ask for a stream; its pieces."""
    with openai.OpenAI(
        api_key="sk-test-0123456789abcdef0123", base_url=os.environ["CHAT_URL"]
    ) as client:
        chunks = client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": text}], stream=True
        )
        return [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]


async def achat(text):
    """Ask through the asynchronous SDK."""
    async with openai.AsyncOpenAI(
        api_key="sk-test-0123456789abcdef0123", base_url=os.environ["CHAT_URL"]
    ) as client:
        answer = await client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": text}]
        )
    return answer.choices[0].message.content


def message(text):
    """Ask through the Anthropic SDK."""
    with anthropic.Anthropic(
        api_key="sk-ant-test-0123456789abcdef", base_url=os.environ["MESSAGES_URL"]
    ) as client:
        answer = client.messages.create(
            model="claude-sonnet-4-6", max_tokens=100, messages=[{"role": "user", "content": text}]
        )
    return "".join(block.text for block in answer.content if block.type == "text")
'''


class Project:
    """A user's project in a directory of its own."""

    def __init__(self, pytester: pytest.Pytester, server: ProviderServer) -> None:
        self.pytester, self.server = pytester, server
        self.path = pytester.path
        self.write("pyproject.toml", "")
        self.write("app.py", APPLICATION)
        self.write(
            "conftest.py",
            "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent))\n",
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file, making its directories."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def tests(self, text: str, name: str = "tests/test_app.py") -> Path:
        """Write a test file that knows the application's functions."""
        return self.write(
            name,
            "import asyncio, threading\nimport pytest\nfrom app import *\n" + textwrap.dedent(text),
        )

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in the project, in this process, where the SDKs are imported already."""
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *SCOPE, *arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in the project, in a fresh process."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    def record(self, *arguments: str) -> pytest.RunResult:
        """Run pytest with `--llm-record`."""
        return self.run("--llm-record", *arguments)

    def replay(self, *arguments: str) -> pytest.RunResult:
        """Run pytest with `--llm-replay` against the loopback provider."""
        return self.run("--llm-replay", "--llm-base-url", self.server.openai, *arguments)

    def refuses(self, option: str, said: str) -> str:
        """Replay with a wrong option: one clear line, and nothing sent; all that was printed."""
        result = self.replay(option)
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines([said])
        assert [] == self.server.seen
        printed = result.stdout.str() + result.stderr.str()
        assert "Traceback" not in printed
        return printed

    def cassette(self, name: str = "tests/test_app/test_it.yaml") -> Path:
        """Where a cassette of the project is."""
        return self.path / "cassettes" / name

    @property
    def partials(self) -> list[Path]:
        """Files that failed recordings left."""
        return sorted((self.path / ".llmreplay/partial").rglob("*.jsonl"))


@pytest.fixture
def project(
    pytester: pytest.Pytester, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """An empty project whose application talks to the loopback provider."""
    monkeypatch.setenv("CHAT_URL", provider_server.openai)
    monkeypatch.setenv("MESSAGES_URL", provider_server.anthropic)
    monkeypatch.setenv("COLUMNS", "100")
    return Project(pytester, provider_server)


@pytest.fixture
def one(project: Project) -> Project:
    """A project with a cassette of one event."""
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1)))
    return project


def pytest_itemcollected(item: pytest.Item) -> None:
    """A client that a user's test left open fails no test that runs when it is collected."""
    item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"))


@pytest.fixture(scope="module", autouse=True)
def _clients_go_with_the_module() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def recorded_then_played(project: Project) -> tuple[str, str]:
    """The same test twice; what it printed, and the cassette's text."""
    live = project.record("-s", "-vv")
    live.assert_outcomes(passed=1)
    count = len(project.server.seen)
    played = project.run("-s", "-vv")
    played.assert_outcomes(passed=1)
    assert count == len(project.server.seen)
    said = [line for line in live.outlines if "SAID" in line]
    assert said == [line for line in played.outlines if "SAID" in line]
    return "\n".join(said), project.cassette().read_text()
