"""Every hook of the plugin: a user implements them in the `conftest.py` of the rootdir."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Any

__all__ = [
    "pytest_llmreplay_checks",
    "pytest_llmreplay_client",
    "pytest_llmreplay_importers",
    "pytest_llmreplay_judge",
    "pytest_llmreplay_redact",
    "pytest_llmreplay_tool",
    "pytest_llmreplay_variants",
]


@pytest.hookspec
def pytest_llmreplay_checks() -> Mapping[str, Callable[..., bool | str | None]] | None:
    """Name checks of your own, to be asked for as the built-in ones are.

    Returns:
        Functions by the names that specs have for them: `{"polite": polite}` serves `polite` and
        `polite:en`. Each takes the recorded `Event`, the replayed one, and the text behind the
        colon or None (`pytest_llmreplay.compare.syntax.surroundings.OwnCheck`), and returns None or
        true where it holds, else false or what is wrong in one line; `assert` says the same.
        Anything else that it raises makes the check `not measured`.
    """


@pytest.hookspec(firstresult=True)
def pytest_llmreplay_client(target: str, provider: str, api: str) -> object | None:
    """Make the client that sends the calls of a target: Azure, Bedrock, Vertex, a proxy.

    Args:
        target: As `--llm-model` names it.
        provider: What the target names before its slash, or its `provider:` in the config file;
            else that of the recorded event.
        api: API format of the calls: `chat_completions`, `messages` …

    Returns:
        An asynchronous client of the openai or anthropic SDK, an `httpx.AsyncClient` with a base
        URL, or a `bedrock-runtime` client of boto3: each with its own address and credentials.
        None leaves the target to the table of providers.
    """


@pytest.hookspec
def pytest_llmreplay_importers() -> (
    Mapping[str, Callable[[Path], Iterable[Mapping[str, Any]]]] | None
):
    """Name sources of logs of your own, for `pytest-llmreplay import NAME FILE…`.

    The command loads plugins and the `conftest.py` of the project for it, and runs no test.

    Returns:
        Functions by the names that the command has for them. Each takes the path of a file and
        yields its calls, each as a line of the general form tells it: `{"request": …,
        "response": …}` and what else `docs/importing.md` lists. What it raises ends its file, and
        is told.
    """


@pytest.hookspec(firstresult=True)
def pytest_llmreplay_judge(target: str | None) -> object | None:
    """Give a judge of your own: what `judge>=0.8` and its like are measured by.

    Args:
        target: The judge that `--llm-judge` or the config file names, if any.

    Returns:
        A function of `(question, answer)` or `(question, answer, baseline)`, all of them texts,
        that returns a score from 0 to 1, or such a score and an explanation; it is called by
        several threads. `baseline` is the recorded answer, for the replayed answer as well as for
        the recorded one itself. With `judge.pairwise` in the config file it is the answer to
        compare with, and the score says how far the other is better, 0.5 where they are alike. Or a
        scorer of autoevals, which asks the judge's target. None leaves judging to the target
        itself.
    """


@pytest.hookspec
def pytest_llmreplay_redact() -> Mapping[str, Callable[[str], Iterable[str]]] | None:
    """Name kinds of personal data of your own, which are taken out beside those of `llm_redact`.

    Returns:
        Functions by the names of the kinds. Each takes a text that is about to be written or
        matched, and gives the texts in it that nobody may read, as they stand there:
        `{"customer": customers}` writes `[REDACTED_CUSTOMER_1]` wherever the first one stands as
        a whole, the same through a session. A function is asked for every text of every call,
        by several threads, and about texts that it has seen before: it has to find the same
        again. What it raises fails the test, and nothing of the call is written.
    """


@pytest.hookspec(firstresult=True)
def pytest_llmreplay_tool(name: str, arguments: object) -> object | None:
    """Answer a call of a tool in a session that runs freely, where the recording has no result.

    No tool is ever run by the plugin. The hook is called in another thread than the tests'.

    Args:
        name: Of the tool.
        arguments: As the model gave them, parsed; the text itself where it is no JSON object.

    Returns:
        A text, or a value that JSON can tell. None ends the session there.
    """


@pytest.hookspec
def pytest_llmreplay_variants() -> Mapping[str, Callable[..., Mapping[str, Any] | None]] | None:
    """Name variants of your own: changes to requests that no rule of a config file can say.

    Returns:
        Functions by the names that `--llm-variant` chooses them by. Each takes the recorded
        `Event`, without its answer, and the JSON body that is about to be sent, in the format in
        which the target is asked. It changes the body, or returns another one. What it raises
        becomes the event's error. Functions are called by another thread.
    """
