"""`--llm-base-url`: the endpoint of the targets that `--llm-model` names."""

from __future__ import annotations

import pytest
from projects import Project


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--llm-base-url=ftp://x", "ERROR: --llm-base-url: base URL 'ftp://x' cannot be used*"),
        ("--llm-base-url=http://u:secret@x/", "ERROR: --llm-base-url: base URL 'http://x/'*"),
    ],
)
def test_a_wrong_value_is_one_clear_error(one: Project, option: str, said: str) -> None:
    """Exit code 4, the option by name, no traceback, nothing sent."""
    assert "secret" not in one.refuses(option, said)


def test_a_base_url_in_addopts_is_only_a_proposal(one: Project) -> None:
    """A loopback address is used; any other host stops the run."""
    one.write("pytest.ini", "[pytest]\naddopts = --llm-base-url=https://llm.example.com/v1\n")
    result = one.run("--llm-replay", "--llm-model=gpt-5-mini")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: *addopts*llm.example.com*LLMREPLAY_TRUST*"])
    one.write("pytest.ini", f"[pytest]\naddopts = --llm-base-url={one.server.openai}\n")
    one.run("--llm-replay", "--llm-check=answered")
    assert 1 == len(one.server.seen)


def test_alone_it_means_the_recorded_model_there(one: Project) -> None:
    """`same` at that endpoint."""
    assert {"changed": 1} == one.replay("--llm-check=answered").parseoutcomes()
    assert "gpt-5-mini" == one.server.seen[0].json["model"]


def test_with_a_model_it_is_where_the_model_is_asked(one: Project) -> None:
    """The path of the address is kept, with a slash at its end or without."""
    model = ("--llm-model=openai/tiny", "--llm-check=answered")
    for address in (one.server.openai, one.server.openai + "/"):
        result = one.run("--llm-replay", f"--llm-base-url={address}", *model)
        assert {"changed": 1} == result.parseoutcomes()
    assert [("/v1/chat/completions", "tiny")] * 2 == [
        (seen.path, seen.json["model"]) for seen in one.server.seen
    ]
