"""`--llm-timeout`: how many seconds an attempt may take."""

from __future__ import annotations

import time

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.behaviours import hangs, says

IT = "cassettes/tests/test_app/test_it.yaml"


@pytest.mark.parametrize("value", ["soon", "nan", "0", "-1"])
def test_a_figure_out_of_range(one: Project, value: str) -> None:
    """The parser names option and value."""
    result = one.replay(f"--llm-timeout={value}")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"*--llm-timeout*{value!r} is not a*number*"])


def test_a_server_that_hangs(one: Project) -> None:
    """`--llm-timeout` ends the call."""
    one.server.next(hangs)
    result = one.replay("--llm-timeout=0.5", "--llm-retries=0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: *no whole answer within 0.5 s*"])


def test_what_took_too_long_is_not_asked_again(one: Project) -> None:
    """The server may have worked on it, and a second wait would be as long."""
    one.server.next(hangs)
    one.replay("--llm-timeout=0.5", "--llm-retries=2").assert_outcomes(failed=1)
    assert 1 == len(one.server.seen)


def test_a_stream_that_never_ends_does_not_hold_up_the_run(one: Project) -> None:
    """The time is for the whole answer, not from piece to piece."""
    one.write(IT, cassette(event(1, body={"stream": True})))
    one.server.next(says("word " * 100, delay=0.2))
    began = time.monotonic()
    result = one.replay("--llm-timeout=1", "--llm-retries=0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: *no whole answer within 1 s*"])
    assert time.monotonic() - began < 10
