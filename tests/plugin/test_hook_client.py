"""The hook `pytest_llmreplay_client`: a client of the user's own for a target."""

from __future__ import annotations

import pytest
from projects import Project

AZURE = """
    import os
    import openai

    def pytest_llmreplay_client(target, provider, api):
        if provider == "azure":
            return openai.AsyncAzureOpenAI(
                azure_endpoint=os.environ["CHAT_URL"].removesuffix("/v1"),
                api_version="2026-01-01",
                api_key="azure-key",
            )
"""
"""The test's own server stands for Azure."""


def test_its_client_decides_on_address_and_credentials(one: Project) -> None:
    """Azure has a path of deployments, an API version and a header of its own for the key."""
    one.write("conftest.py", AZURE)
    check = "--llm-check=answered"
    result = one.run("--llm-replay", "--llm-model=azure/my-deployment", check)
    assert {"changed": 1} == result.parseoutcomes()
    (seen,) = one.server.seen
    assert seen.path.startswith("/openai/deployments/my-deployment/chat/completions")
    assert "azure-key" == seen.headers["api-key"]
    result.stdout.fnmatch_lines(["azure/my-deployment  127.0.0.1:*1 call*"])


def test_tests_are_rerouted_through_it_too(one: Project) -> None:
    """As a replay is."""
    one.write("conftest.py", f"import sys, pathlib\n{AZURE.replace(chr(10) + '    ', chr(10))}")
    one.tests("def test_it():\n    assert 'Echo: x' == chat('x')\n")
    result = one.run_apart("--llm-replay-tests", "--llm-model=azure/my-deployment", "tests")
    assert {"passed": 1} == result.parseoutcomes()
    assert one.server.seen[0].path.startswith("/openai/deployments/my-deployment/chat")


def test_other_targets_are_left_alone(one: Project) -> None:
    """The hook gives nothing for them."""
    one.write("conftest.py", AZURE)
    assert {"changed": 1} == one.replay("--llm-check=answered").parseoutcomes()
    assert "/v1/chat/completions" == one.server.seen[0].path


def test_a_hook_that_raises_is_one_clear_error(one: Project) -> None:
    """No credentials, for example: in the words of the client's own error."""
    one.write(
        "conftest.py",
        "def pytest_llmreplay_client(target, provider, api):\n    raise ValueError('no region')\n",
    )
    result = one.run("--llm-replay", "--llm-model=azure/x")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: pytest_llmreplay_client: ValueError: no region"])
    assert "INTERNALERROR" not in result.stdout.str()


@pytest.mark.parametrize(
    "made",
    [
        "object()",
        "openai.OpenAI(api_key='k')",
        "42",
        "httpx2.AsyncClient()",
        "botocore.session.get_session().create_client('s3', region_name='us-east-1')",
    ],
)
def test_what_is_no_client_is_one_clear_error(one: Project, made: str) -> None:
    """Nothing is sent."""
    one.write(
        "conftest.py",
        "import botocore.session, httpx2, openai\n"
        f"def pytest_llmreplay_client(target, provider, api):\n    return {made}\n",
    )
    result = one.run("--llm-replay", "--llm-model=azure/x")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(
        ["ERROR: pytest_llmreplay_client: expected an asynchronous client*"]
    )
    assert [] == one.server.seen
