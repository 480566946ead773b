"""`--llm-retries`: further attempts after an error that may pass."""

from __future__ import annotations

import pytest
from projects import Project
from servers.behaviours import fails, resets, says
from servers.exchange import Behaviour


@pytest.mark.parametrize("value", ["-1", "two", "1.5"])
def test_a_figure_out_of_range(one: Project, value: str) -> None:
    """The parser names option and value."""
    result = one.replay(f"--llm-retries={value}")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"*--llm-retries*{value!r} is not a*number*"])


def test_retries_are_counted(one: Project) -> None:
    """`--llm-retries` further attempts, told in the summary."""
    one.server.next(fails(500, retry_after=0.01), says("Hello."))
    result = one.replay("--llm-retries=1", "--llm-check=text")
    result.assert_outcomes(passed=1)
    assert 2 == len(one.server.seen)
    result.stdout.fnmatch_lines(["*1 call*1 retry*"])


@pytest.mark.parametrize(
    "behaviour",
    [*(fails(status, retry_after=0.01) for status in (408, 409, 500, 503)), resets],
    ids=["408", "409", "500", "503", "reset"],
)
def test_what_is_tried_again(one: Project, behaviour: Behaviour) -> None:
    """Twice unless told."""
    one.server.next(behaviour, behaviour, says("Hello."))
    one.replay("--llm-check=text").assert_outcomes(passed=1)
    assert 3 == len(one.server.seen)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_is_not_tried_again(one: Project, status: int) -> None:
    """The answer would be the same."""
    one.server.next(fails(status))
    one.replay().assert_outcomes(failed=1)
    assert 1 == len(one.server.seen)


def test_the_last_error_is_the_result(one: Project) -> None:
    """With what the server said."""
    one.server.next(*[fails(500, "Overloaded", retry_after=0.01)] * 2)
    result = one.replay("--llm-retries=1")
    result.assert_outcomes(failed=1)
    assert 2 == len(one.server.seen)
    result.stdout.fnmatch_lines(["error: same at *: HTTP 500: Overloaded*"])
