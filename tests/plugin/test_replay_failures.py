"""What a server may do to a replay: every time one clear failure, never a traceback."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.exchange import Behaviour
from servers.provider_server import cuts, fails, raw, redirects, resets

from pytest_llmreplay.plugin.many_items import LeanReports

IT = "cassettes/tests/test_app/test_it.yaml"
QUOTA = raw(
    b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}', status=429
)
"""No waiting cures it."""


def said(result: pytest.RunResult) -> str:
    """What was printed, in one line."""
    return " ".join(result.stdout.str().replace("│", " ").split())


def replay(project: Project, *arguments: str) -> pytest.RunResult:
    """Replay against the loopback provider, once."""
    base = ("--llm-replay", "--llm-base-url", project.server.openai, "--llm-retries=0")
    return project.run(*base, *arguments)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (
            fails(401, "Incorrect API key provided"),
            "error: same at *: HTTP 401: Incorrect API key provided*",
        ),
        (
            fails(404, "The model does not exist"),
            "error: same at *: HTTP 404: The model does not exist (POST …/chat/completions)",
        ),
        (QUOTA, "error: same at *: HTTP 429: You exceeded your quota"),
        (fails(500, "Overloaded"), "error: same at *: HTTP 500: Overloaded"),
        (raw(b'{"id": "x", "cho'), "error: *JSON*"),
        (
            raw(b"<html><h1>Sign in</h1>", content_type="text/html"),
            "error: *answered markup, not JSON*Sign in*",
        ),
        (raw(b'{"hello": 1}'), "error: *"),
        (raw(b'{"error": {"message": "No credit", "code": 402}}'), "error: same at *No credit*"),
        (raw(b""), "error: *"),
        (redirects("http://127.0.0.1:9/v1/chat/completions"), "error: *points elsewhere*"),
        (resets, "error: *"),
        (cuts(), "error: *"),
    ],
    ids=[
        *(
            "401",
            "404",
            "429",
            "500",
            "cut JSON",
            "HTML",
            "no answer of the API",
            "error with 200",
            "empty",
        ),
        *("redirect", "reset", "cut"),
    ],
)
def test_what_a_server_says_is_the_failure(one: Project, behaviour: Behaviour, said: str) -> None:
    """The headline has the provider's words; the command repeats the call."""
    one.server.next(behaviour)
    result = replay(one)
    result.assert_outcomes(failed=1)
    assert 1 == len(one.server.seen)
    result.stdout.fnmatch_lines([said])
    result.stdout.fnmatch_lines(["*try again*pytest --llm-replay --llm-model same *"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_server_that_wants_a_key_and_got_none(one: Project) -> None:
    """It did not refuse a key: none went out, and the failure says how one would."""
    one.server.next(fails(401, "Invalid API key"))
    hint = f'no key was sent; LLMREPLAY_TRUST="127.0.0.1:{one.server.port}=VARIABLE" names the'
    assert f"HTTP 401: Invalid API key ({hint} variable of one)" in said(replay(one))


def test_a_gateway_on_this_machine_gets_the_key_that_the_sdk_sends_there(
    one: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--llm-base-url "$OPENAI_BASE_URL"` works where the application does."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-gateway")
    replay(one)
    monkeypatch.setenv("OPENAI_BASE_URL", one.server.openai)
    replay(one)
    keys = [seen.headers["authorization"] for seen in one.server.seen]
    assert ["Bearer no-key-needed", "Bearer sk-of-the-gateway"] == keys


def test_a_server_that_is_not_there(one: Project) -> None:
    """The message asks whether it runs."""
    result = one.run("--llm-replay", "--llm-base-url=http://127.0.0.1:9/v1", "--llm-retries=0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: same at 127.0.0.1:9: connection refused*"])


ASKS_TWENTY = """
    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("number", range(20))
    def test_it(number):
        chat(f"say {number}")
"""


def test_a_target_that_refuses_every_call_is_asked_no_more(project: Project) -> None:
    """A wrong key is not shown to a provider a thousand times; `--llm-resume` asks the rest."""
    project.tests(ASKS_TWENTY)
    project.record().assert_outcomes(passed=20)
    project.server.reset()
    project.server.next(*[fails(401, "Incorrect API key provided")] * 16)
    result = replay(project, "--llm-concurrency=1")
    result.assert_outcomes(failed=16, skipped=4)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert 16 == len(project.server.seen)
    told = f"not run 4: same at 127.0.0.1:{project.server.port} is asked no more, as 16 calls in a"
    assert f"{told} row failed: HTTP 401" in said(result)
    replay(project, "--llm-resume").assert_outcomes(passed=20)
    assert 36 == len(project.server.seen)


def test_what_is_wrong_with_many_events_is_said_whole_once(project: Project) -> None:
    """The others name the first one; another problem is told again."""
    project.tests(ASKS_TWENTY)
    project.record().assert_outcomes(passed=20)
    wrong = fails(404, "The model does not exist, or you do not have access to it, so choose one")
    project.server.next(*[wrong] * 19, fails(400, "Bad parameter"))
    result = replay(project, "--llm-concurrency=1")
    shown = result.stdout.str().partition(" FAILURES ")[2].partition(" llm replay ")[0]
    assert (20, 2) == (shown.count("\nerror: same at"), shown.count("│ try again "))
    assert 18 == shown.count("│ as above   cassettes/tests/test_app/test_it[0].yaml:3\n")
    assert (1, 1) == (shown.count("choose one (POST"), shown.count("Bad parameter"))


def test_a_target_that_answers_now_and_then_is_asked_on(project: Project) -> None:
    """So is one that fails otherwise, as the next request may be another."""
    project.tests(ASKS_TWENTY)
    project.record().assert_outcomes(passed=20)
    refusals = [fails(401)] * 15
    for behaviours in ([*refusals, fails(400), *refusals], [fails(404)] * 20):
        project.server.reset()
        project.server.next(*behaviours)
        replay(project, "--llm-concurrency=1")
        assert 20 == len(project.server.seen)


def test_a_host_that_was_never_there_is_asked_no_more(project: Project) -> None:
    """Each call would try again and again."""
    project.tests(ASKS_TWENTY)
    project.record().assert_outcomes(passed=20)
    base = "--llm-base-url=http://127.0.0.1:9/v1"
    result = project.run("--llm-replay", base, "--llm-retries=0", "--llm-concurrency=1")
    result.assert_outcomes(failed=16, skipped=4)
    told = (
        "not run 4: same at 127.0.0.1:9 is asked no more, as 16 calls in a row failed: connection"
    )
    assert f"{told} refused" in said(result)


def test_escapes_and_commands_of_an_answer_are_shown_as_text(one: Project) -> None:
    """Neither the terminal nor a CI runner obeys a model."""
    one.server.next(fails(500, "\x1b[31mred\x07 ::stop-commands::x ##[group]"))
    result = replay(one)
    result.assert_outcomes(failed=1)
    output = result.stdout.str()
    assert not any(mark in output for mark in ("\x1b[31mred", "\x07", "##[group]"))
    assert not any(line.strip().startswith("::") for line in result.outlines)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (event(1, status=429, says="slow"), "recorded error*"),
        (event(1, api="other"), "api 'other' cannot be sent again"),
        (
            event(1, api="chat_completion"),
            "unknown API format 'chat_completion'; did you mean 'chat_completions'[?]",
        ),
        (event(1, body={"tools": [{"type": "web_search"}]}), "*account*--llm-allow web_search*"),
        (event(1, body={"previous_response_id": "r"}), "*account*previous_response_id*"),
    ],
    ids=["error", "other", "unknown", "hosted tool", "stored state"],
)
def test_what_is_not_replayed(one: Project, document: str, reason: str) -> None:
    """It is skipped with its reason and its place, and the plan does not count it."""
    one.write(IT, cassette(document, event(2)))
    result = replay(one, "-rs", "--llm-check=tool_calls")
    assert {"skipped": 1, "changed": 1} == result.parseoutcomes()
    assert 1 == len(one.server.seen)
    result.stdout.fnmatch_lines([f"SKIPPED [[]1[]] {IT}:3: not replayed: {reason}"])
    result.stdout.fnmatch_lines(["same *1 call, *1 not replayed"])


STOPPED = r"""answer:
- text: Hel
- error: no tool
  type: invalid
response:
  status: 200
  headers: {content-type: text/event-stream}
  stream: |
    1 {"id": "c", "choices": [{"index": 0, "delta": {"content": "Hel"}}]}
    2 raw "event: error\ndata: {\"error\": {\"message\": \"no tool\", \"type\": \"invalid\"}}\n\n"
measured: {at: '2026-11-20T17:00:00.000Z'}
...
"""
"""A stream under status 200 that ends as those of Groq do when the model breaks a rule."""


PLAIN = """response:
  status: 200
  headers: {content-type: application/json}
  body:
    error: {message: Insufficient credits, code: 402}
measured: {at: '2026-11-20T17:00:00.000Z'}
...
"""
"""An error under status 200, as some gateways send it."""

CUT = """answer:
- text: 'Hel'
response:
  status: 200
  ended: cut
  stream: |
    2 {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}
measured: {at: '2026-11-20T17:00:00.000Z'}
...
"""
"""A stream whose connection broke."""

PAGE = """response:
  status: 200
  text: <html>Log in</html>
measured: {at: '2026-11-20T17:00:00.000Z'}
...
"""
"""What a proxy says in the place of the provider."""

UNENDED = r"""answer:
- text: 'Hel'
response:
  status: 200
  headers: {content-type: text/event-stream}
  stream: |
    1 {"id": "c", "choices": [{"index": 0, "delta": {"content": "Hel"}}]}
    2 raw "error: {\"error\": {\"message\": \"failed to decode\"}}\n\n"
measured: {at: '2026-11-20T17:00:00.000Z'}
...
"""
"""A stream that broke off in the words of llama.cpp's server, in no field of the protocol."""


@pytest.mark.parametrize("target", ["recorded", "same"])
@pytest.mark.parametrize(
    "answer",
    [STOPPED, PLAIN, CUT, PAGE, UNENDED],
    ids=["stream", "plain", "cut", "page", "unended"],
)
def test_no_answer_that_came_with_status_200_is_a_recorded_error(
    one: Project, answer: str, target: str
) -> None:
    """It is nothing to compare with: nobody pays for another answer, and no self-check fails."""
    one.write(IT, cassette(event(1).partition("response:")[0] + answer, event(2)))
    result = replay(one, "-rs", f"--llm-model={target}")
    assert 1 == result.parseoutcomes()["skipped"]
    assert "error" not in result.stdout.lines[-1]
    assert (target == "same") == len(one.server.seen)
    result.stdout.fnmatch_lines([f"SKIPPED [[]1[]] {IT}:3: not replayed: recorded error*"])


def test_a_wrong_check_of_a_cassette_costs_nothing(one: Project) -> None:
    """It fails its event by file and line, before anything is sent."""
    one.write(IT, cassette(event(1, checks=["txt"])))
    result = replay(one)
    result.assert_outcomes(failed=1)
    assert [] == one.server.seen
    result.stdout.fnmatch_lines([f"error: {IT}:3: checks: unknown check 'txt'*"])
    assert "Traceback" not in result.stdout.str()


def test_turns_are_counted_within_a_session(one: Project) -> None:
    """Other sessions of the cassette do not count, and without a session there are no turns."""
    one.write(
        IT,
        cassette(
            event(1, asks="1"),
            event(2, asks="2", session={"name": "A"}),
            event(3, asks="3", session={"name": "A"}),
        ),
    )
    result = replay(one)
    result.stdout.fnmatch_lines(["*session A, turn 1 of 2*", "*session A, turn 2 of 2*"])
    assert 2 == result.stdout.str().count(" turn ")


@pytest.mark.parametrize("ci", ["true", ""])
def test_the_short_summary_is_one_line_a_failure(
    one: Project, monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    """On CI pytest cuts no line, and there the divergence is not shown whole a second time."""
    monkeypatch.setenv("CI", ci)
    result = replay(one)
    result.stdout.fnmatch_lines(["FAILED *::0001[[]same[]] - text: says *"])
    assert 1 == result.stdout.str().count("│ replayed ")


def test_a_failure_has_its_place_told_once(one: Project) -> None:
    """With `--tb=line` pytest adds the line of a crash, for which our headline stands.

    Earlier versions of pytest show that line alone.
    """
    one.server.next(fails(404, "The model does not exist"))
    said = replay(one, "--tb=line").stdout.str()
    shown = said.count("│ try again ")
    assert shown in {0, 1}
    assert shown + 1 == said.count("\nerror: same at 127.0.0.1:")


def test_of_set_ups_and_tear_downs_only_what_is_shown_is_kept(
    pytestconfig: pytest.Config,
) -> None:
    """For each failure that it prints, pytest looks through all that are left."""

    def report(duration: float, *sections: tuple[str, str]) -> pytest.TestReport:
        return pytest.TestReport(
            "a.yaml::1", (IT, None, "1"), {}, "passed", None, "teardown", sections, duration
        )

    shown = [report(0.0001, ("Captured log teardown", "closed")), report(0.01)]
    reporter = pytest.TerminalReporter(pytestconfig)
    reporter.stats[""] = [*shown, report(0.0001), report(0.0002)]
    LeanReports.drop_silent(reporter)
    assert shown == reporter.stats[""]


def test_what_has_nothing_to_say_is_dropped_at_the_end_of_a_run(one: Project) -> None:
    """What takes long is still among the durations."""
    (one.path / "conftest.py").write_text(
        "import time\n\n"
        "def pytest_runtest_teardown():\n    time.sleep(0.01)\n\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    print('FAST', sum(one.duration < 0.005 for one in terminalreporter.stats['']))\n"
    )
    one.server.next(fails(500, "Overloaded"))
    result = replay(one, "--durations=0", "--durations-min=0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAST 0", "*s teardown *"])


def test_a_large_request_is_sent_where_warnings_are_errors(project: Project) -> None:
    """Libraries warn of large bodies; a picture in a prompt is no reason to fail."""
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(asks="x" * 2**20)))
    options = ("--llm-model=simulated/steady", "--llm-check=text", "-W", "error::ResourceWarning")
    project.replay(*options).assert_outcomes(passed=1)
