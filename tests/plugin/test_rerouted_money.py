"""`--llm-max-cost` with `--llm-replay-tests`: one ledger for all tests, in however many workers."""

from __future__ import annotations

import json
import re

import pytest
from projects import Project
from servers.provider_server import raw, says
from unwritable import read_only, small_disk

TESTS = """
    @pytest.mark.parametrize("number", range(20))
    def test_it(number):
        assert "Echo: x" == chat("x", max_tokens=10)
"""
COST = 0.002
"""USD of a call: the server writes two tokens, and ten are set aside for them."""


@pytest.fixture
def priced(project: Project) -> Project:
    """Twenty tests of a call each, against a target that takes a cent for ten tokens written."""
    project.write(
        "llmreplay.yaml",
        f"""
        targets:
          tiny:
            provider: openai
            model: tiny
            base_url: {project.server.openai}
            price: {{input: 0, output: 1000}}
        """,
    )
    project.tests(TESTS)
    return project


def run(project: Project, cap: str, *arguments: str) -> pytest.RunResult:
    """Run the tests against the target, with a limit."""
    base = ("--llm-replay-tests", "--llm-model=tiny", f"--llm-max-cost={cap}")
    return project.run(*base, *arguments)


def test_tests_within_their_limit(priced: Project) -> None:
    """All run, and the sum is told."""
    result = run(priced, "1")
    assert {"passed": 20} == result.parseoutcomes()
    cost = re.search(r"spent \$(\S+) of \$1\.00", result.stdout.str().replace("\n", " "))
    assert cost is not None
    assert 20 * COST == pytest.approx(float(cost[1]))


def test_a_call_that_does_not_fit_fails_its_test(priced: Project) -> None:
    """With the figures; it was not sent, and nothing of the ledger is left behind."""
    result = run(priced, "0.03")
    sent = len(priced.server.seen)
    assert {"passed": sent, "failed": 20 - sent} == result.parseoutcomes()
    assert 0 < sent < 20
    result.stdout.fnmatch_lines(
        ["--llm-max-cost: the money was spent, so this call was not sent; it may cost $0.010, and*"]
    )
    assert [] == list((priced.path / ".llmreplay/money").iterdir())


def test_no_client_hides_that_there_is_no_money(priced: Project) -> None:
    """A test that swallows every exception fails all the same."""
    priced.tests(
        """
        def test_it():
            try:
                chat("x", max_tokens=10)
            except BaseException:
                pass
        """
    )
    result = run(priced, "0")
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["--llm-max-cost: one call may cost more than --llm-max-cost*"])


def test_workers_share_one_ledger(priced: Project) -> None:
    """Four of them send no more than one would, and the sum of all is told once."""
    pytest.importorskip("xdist")
    base = ("--llm-replay-tests", "--llm-model=tiny", "--llm-max-cost=0.03", "-n4")
    result = priced.run_apart(*base)
    outcomes = result.parseoutcomes()
    sent = len(priced.server.seen)
    assert (sent, 20 - sent) == (outcomes["passed"], outcomes["failed"])
    assert 0.03 >= sent * COST > 0.03 - 0.010
    printed = re.sub(r"\s+", " ", result.stdout.str())
    assert 1 == printed.count(f"spent ${sent * COST:.3f} of $0.030")
    assert [] == list((priced.path / ".llmreplay/money").iterdir())


def test_workers_that_pass_the_limit(priced: Project) -> None:
    """Their requests have no limit: what passed it is told, nothing follows, and all is red."""
    pytest.importorskip("xdist")
    priced.tests(
        """
        @pytest.mark.parametrize("number", range(4))
        def test_it(number):
            assert "word" in chat("x")
        """
    )
    priced.server.next(*[says("word " * 9000)] * 4)
    result = priced.run_apart("--llm-replay-tests", "--llm-model=tiny", "--llm-max-cost=8", "-n2")
    assert (1, pytest.ExitCode.TESTS_FAILED) == (len(priced.server.seen), result.ret)
    assert {"passed": 1, "failed": 3} == result.parseoutcomes()
    printed = re.sub(r"\s+", " ", result.stdout.str())
    assert "spent $9.00 of $8.00 the limit was passed by $1.00: 1 call cost $4.90 more" in printed


def test_a_limit_that_the_last_call_passes(priced: Project) -> None:
    """All tests pass, and the run is red all the same."""
    priced.tests('def test_it():\n    assert "word" in chat("x")\n')
    priced.server.next(says("word " * 9000))
    result = run(priced, "8")
    assert ({"passed": 1}, pytest.ExitCode.TESTS_FAILED) == (result.parseoutcomes(), result.ret)


def test_a_stream_is_charged_when_it_is_over(priced: Project) -> None:
    """As it reports, though its client did not ask for usage."""
    priced.tests('def test_it():\n    assert "Echo: x" == "".join(stream("x"))\n')
    result = run(priced, "10")
    assert {"passed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*spent $0.0020 of $10.00*"])
    assert "not known" not in result.stdout.str()


def test_an_asynchronous_client_pays_as_well(priced: Project) -> None:
    """In the loop of its own."""
    priced.tests('def test_it():\n    assert "Echo: x" == asyncio.run(achat("x"))\n')
    assert {"passed": 1} == run(priced, "10").parseoutcomes()
    assert {"failed": 1} == run(priced, "0.01").parseoutcomes()
    assert 1 == len(priced.server.seen)


def test_an_answer_without_usage_costs_what_was_set_aside(priced: Project) -> None:
    """Unknown is not free."""
    said = {"index": 0, "message": {"role": "assistant", "content": "Echo: x"}}
    silent = {"id": "1", "object": "chat.completion", "model": "tiny", "choices": [said]}
    priced.server.next(*[raw(json.dumps(silent).encode())] * 20)
    result = run(priced, "0.03")
    assert {"passed": 3, "failed": 17} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["$0.030 set aside for calls whose cost is not known"])


def test_a_ci_server_needs_a_limit(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first call, where the host is known; else that call is refused."""
    monkeypatch.setenv("CI", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    monkeypatch.setenv("CHAT_URL", "https://api.openai.com/v1")
    project.tests("def test_it():\n    chat('x')\n")
    named = project.run("--llm-replay-tests", "--llm-model=openai/gpt-5-mini")
    assert pytest.ExitCode.USAGE_ERROR == named.ret
    named.stderr.fnmatch_lines(["ERROR: openai/gpt-5-mini: CI is set,*--llm-max-cost USD"])
    same = project.run("--llm-replay-tests", "--llm-model=same")
    assert {"failed": 1} == same.parseoutcomes()
    same.stdout.fnmatch_lines(["same: CI is set, and calls to api.openai.com*"])


def test_a_model_without_a_price_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first test."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    project.tests("def test_it():\n    chat('x')\n")
    result = project.run("--llm-replay-tests", "--llm-model=openai/nobody", "--llm-max-cost=1")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: --llm-max-cost: openai/nobody: no list price for*"])


@pytest.mark.parametrize("place", ["read only", "full"])
def test_a_ledger_that_cannot_be_begun(priced: Project, place: str) -> None:
    """A limit that nobody can keep stops the run before its first call."""
    with read_only(priced.path) if place == "read only" else small_disk(10):
        result = run(priced, "1")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: *.llmreplay*: cannot be written: *"])
    assert [] == priced.server.seen


def test_a_disk_that_becomes_full_stops_the_spending(priced: Project) -> None:
    """What cannot be set aside is not sent; each test says why."""
    with small_disk(110):
        result = run(priced, "1")
    assert {"failed": 20} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*money/*: cannot be written: File too large*"])
    assert [] == priced.server.seen
