"""`--llm-set`: parameters of every request, merged into what was recorded."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.fixture
def one(project: Project) -> Project:
    """A project with a cassette of one event."""
    project.write(IT, cassette(event(1, body={"max_tokens": 9, "temperature": 1})))
    return project


def test_values_are_merged(one: Project) -> None:
    """Zero is a value, null removes, what is not named stays."""
    result = one.replay("--llm-set=temperature=0", "--llm-set=top_p=null", "--llm-set=a.b=[1]")
    sent = one.server.seen[0].json
    assert (9, 0, {"b": [1]}) == (sent["max_tokens"], sent["temperature"], sent["a"])
    assert "top_p" not in sent
    result.stdout.fnmatch_lines(["*sent with*temperature=0*"])


def test_the_command_that_repeats_what_failed_changes_the_same(one: Project) -> None:
    """With the samples of each event, too."""
    options = ("--llm-set=temperature=0", "--llm-set=top_p=null", "--llm-samples=3")
    result = one.replay("-p", "cacheprovider", *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    again = "".join(line.strip(" \\") + " " for line in result.outlines).partition("again ")[2]
    assert "--llm-set temperature=0 --llm-set top_p=null" in again
    assert "--llm-samples 3" in again


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--llm-set=temperature", "ERROR: --llm-set: a '=' is missing*"),
        ("--llm-set=a..b=1", "ERROR: --llm-set: a key is words joined by single dots"),
        ("--llm-set=model=x", "ERROR: --llm-set: *--llm-model*"),
        ("--llm-set=a=[1", "ERROR: --llm-set: the value is no YAML*"),
    ],
)
def test_a_wrong_value_is_one_clear_error(one: Project, option: str, said: str) -> None:
    """Exit code 4, the option by name, no traceback, nothing sent."""
    one.refuses(option, said)
