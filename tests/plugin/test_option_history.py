"""`--llm-history replayed`: what the target said stands in its later requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kept_runs import lines_of, run_file
from made_cassettes import cassette, event
from projects import Project
from sdk_clients import needs
from servers.provider_server import Seen, fails, raw, says
from shell import inside
from weather_agents import AGENTS, OSLO, PARIS, RECORDED, RESPONSES_AGENT, ROME, record

TEXT = ("--llm-check=answered", "--llm-check-only", "--llm-retries=0")

agents = pytest.mark.parametrize("agent", ["chat_agent", "claude_stream_agent", RESPONSES_AGENT])


def free(project: Project, *options: str) -> pytest.RunResult:
    """Replay the session with the answers of the target in its history."""
    return project.replay("--llm-history=replayed", *TEXT, *options)


def told(seen: Seen) -> str:
    """The conversation of a request as one text."""
    body = seen.json
    return json.dumps(body["messages"] if "messages" in body else body["input"])


def results_of(seen: Seen) -> dict[str, str]:
    """Ids of the calls in a request, each with its result."""
    body = seen.json
    found: dict[str, str] = {}
    for entry in body["messages"] if "messages" in body else body["input"]:
        if entry.get("role") == "tool":
            found[entry["tool_call_id"]] = entry["content"]
        if entry.get("type") == "function_call_output":
            found[entry["call_id"]] = entry["output"]
        for block in entry["content"] if isinstance(entry.get("content"), list) else []:
            if block["type"] == "tool_result":
                found[block["tool_use_id"]] = block["content"]
    return found


def calls_of(seen: Seen) -> list[str]:
    """Ids of the calls that a request says were made, in order."""
    body = seen.json
    found: list[Any] = []
    for entry in body["messages"] if "messages" in body else body["input"]:
        found += [call["id"] for call in entry.get("tool_calls", ())]
        if entry.get("type") == "function_call":
            found.append(entry["call_id"])
        for block in entry["content"] if isinstance(entry.get("content"), list) else []:
            if block["type"] == "tool_use":
                found.append(block["id"])
    return found


@agents
def test_later_requests_quote_the_target(project: Project, agent: str) -> None:
    """Its words and its calls stand where those of the recording stood, with their own ids."""
    record(project, agent)
    project.server.next(
        says(calls=[PARIS]),
        says("Rain in Paris, I am afraid."),
        says(calls=[OSLO, ROME]),
        says("Sun and snow."),
    )
    assert pytest.ExitCode.OK == free(project).ret
    first, second, third, last = project.server.seen
    assert "assistant" not in told(first)
    assert {"rain"} == set(results_of(second).values())
    assert "Rain in Paris, I am afraid." in told(third)
    assert "It rains in Paris" not in told(third)
    calls = calls_of(last)
    assert 3 == len(set(calls))
    assert ["rain", "snow", "sun"] == [results_of(last)[call] for call in calls]


@agents
def test_the_same_answers_send_the_recorded_requests(project: Project, agent: str) -> None:
    """Whoever says what was said before is asked what was asked before."""
    record(project, agent)
    project.server.next(*RECORDED)
    project.replay("--llm-concurrency=1", *TEXT).assert_outcomes(passed=4)
    before = [len(calls_of(seen)) for seen in project.server.seen]
    project.server.reset()
    project.server.next(*RECORDED)
    free(project).assert_outcomes(passed=4)
    assert sorted(before) == [len(calls_of(seen)) for seen in project.server.seen]


@agents
def test_a_call_that_the_recording_does_not_know_ends_the_session(
    project: Project, agent: str
) -> None:
    """No tool is run: the events behind it are not sent, and the run is not green."""
    record(project, agent)
    project.server.next(says(calls=[("lookup", {"city": "Berlin"})]))
    result = free(project)
    assert {"changed": 1, "skipped": 3} == result.parseoutcomes()
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert 1 == len(project.server.seen)
    result.stdout.fnmatch_lines(
        [
            "earlier turns of their sessions as the target answers them",
            "session Weather of test_it.yaml → *, run through as *",
            "  turn 1 *changed",
            '  turn 2 * not run * the session left the recording at turn 1: lookup(city="Berlin")',
        ]
    )


def test_what_diverged_first_is_shown_turn_by_turn(project: Project) -> None:
    """The later turns follow from it."""
    record(project, "chat_agent")
    project.server.next(
        says(calls=[PARIS]), says("Dry."), says(calls=[ROME, OSLO]), says("No idea.")
    )
    result = project.replay("--llm-history=replayed", "--llm-check=text", "--llm-check-only")
    assert {"passed": 2, "failed": 2} == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "*turn 2 of 4, replayed history",
            "session Weather of test_it.yaml → *",
            "  turn 1 * ok",
            "  turn 2 *diverged*text  ← first",
            "  turn 3 * ok",
            "  turn 4 *diverged*text",
        ]
    )


@agents
def test_a_target_that_needs_no_tool_goes_on_with_the_next_question(
    project: Project, agent: str
) -> None:
    """The call that brings results is spared; what it would have brought is told to nobody."""
    record(project, agent)
    project.server.next(says("It will rain."), says(calls=[ROME, OSLO]), says("Sun and snow."))
    result = free(project, "--llm-check=session:trajectory:final")
    assert {"changed": 2, "passed": 1, "skipped": 1, "failed": 1} == result.parseoutcomes()
    _, second, third = project.server.seen
    assert "It will rain." in told(second)
    assert {} == results_of(second)
    assert ["sun", "snow"] == list(results_of(third).values())
    result.stdout.fnmatch_lines(
        [
            "session:trajectory:final: says 'Sun and*', recorded 'Rome is sunny*",
            "not replayed * 1",
            "session Weather of test_it.yaml → *, run through as *",
            "  turn 1 *changed",
            "  turn 2 *not replayed*its target had ended the turn before",
        ]
    )


@agents
def test_a_target_that_takes_a_round_more_is_asked_on(project: Project, agent: str) -> None:
    """By a further call, with the results that the recording has; then the session goes on."""
    record(project, agent)
    project.server.next(
        says(calls=[PARIS]),
        says(calls=[OSLO]),
        says("Rain there, snow there."),
        says(calls=[ROME]),
        says("Sun, and as I said snow."),
    )
    result = free(project, "--llm-check=session:trajectory")
    assert {"changed": 3, "passed": 2} == result.parseoutcomes()
    further, third, last = project.server.seen[2:]
    assert ["rain", "snow"] == list(results_of(further).values())
    assert "Rain there, snow there." in told(third)
    assert ["rain", "snow", "sun"] == list(results_of(last).values())
    result.stdout.fnmatch_lines(
        [
            "5 calls*",
            "session Weather of test_it.yaml → *, run through as *",
            "  turn 2 *changed",
            '    went on with lookup(city="Oslo")',
        ]
    )


def test_further_calls_are_kept_and_judged_again(project: Project) -> None:
    """The run file has them all: judged again, the session takes the same way without a call."""
    record(project, "chat_agent")
    project.server.next(
        says(calls=[PARIS]), says(calls=[OSLO, ROME]), says("Rain and so on."), says("Bye.")
    )
    before = free(project, "--llm-check=session:tokens<=9999")
    project.server.reset()
    again = project.run("--llm-replay", "--llm-rejudge=run-1", "--llm-check=session:tokens<=9999")
    assert [] == project.server.seen
    assert {"passed": 2, "changed": 2, "skipped": 1} == before.parseoutcomes()
    assert before.parseoutcomes() == again.parseoutcomes()
    (known,) = {line["call"]["session"] for line in lines_of(run_file(project)) if "call" in line}
    assert "s-1" != known
    for run in (before, again):
        run.stdout.fnmatch_lines([f"session Weather *, run through as {known}"])
    again.stdout.fnmatch_lines(['    went on with lookup(city="Oslo"), lookup(city="Rome")'])
    project.replay(*TEXT)
    other = project.run("--llm-replay", "--llm-rejudge=run-2", "--llm-history=replayed")
    assert pytest.ExitCode.USAGE_ERROR == other.ret
    other.stderr.fnmatch_lines(["*--llm-history replayed: run-2 was sent with the recorded *"])


def test_a_further_call_that_fails_fails_its_event(project: Project) -> None:
    """The turn has no end, and what follows it is not asked."""
    record(project, "chat_agent")
    project.server.next(says(calls=[PARIS]), says(calls=[OSLO]), fails(400, "no more"))
    result = free(project)
    assert {"passed": 1, "failed": 1, "skipped": 2} == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "error: further call 1: *HTTP 400: no more",
            "*turn 3 *turn 2 of the session has no answer",
        ]
    )


def test_further_calls_cost_what_they_cost(project: Project) -> None:
    """The header says that there may be more calls than it counts; the sums have them all."""
    record(project, "chat_agent")
    price = "price: {input: 1000, output: 1000}"
    target = f"{{provider: openai, model: m, base_url: {project.server.openai}, {price}}}"
    project.write("llmreplay.yaml", f"targets: {{other: {target}}}")
    project.server.next(says(calls=[PARIS]), says(calls=[OSLO]), says("Rain."), says("Bye."))
    options = ("--llm-model=other", "--llm-history=replayed", "--llm-max-cost=5")
    checks = ("--llm-check=session:cost<=$0.01", "--llm-check=run:cost<=$0.01")
    result = project.run("--llm-replay", *options, *TEXT, *checks)
    result.stdout.fnmatch_lines(
        [
            "tools that it calls beyond the recording take further calls",
            "session:cost<=$0.01: $0.060, limit $0.010",
            "run:cost<=$0.01: $0.060, limit $0.010",
            "spent $0.060 of $5.00 *4 calls*",
        ]
    )


@pytest.mark.parametrize(
    ("agent", "api"),
    [
        ("chat_agent", "messages"),
        ("claude_stream_agent", "chat_completions"),
        ("chat_agent", "responses"),
    ],
)
def test_the_target_may_speak_another_format(
    project: Project, agent: str, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said is told in the format of the recording first, and goes out in its own."""
    record(project, agent)
    at = project.server.anthropic if api == "messages" else project.server.openai
    project.write("llmreplay.yaml", f"targets: {{other: {{model: m, base_url: {at}, api: {api}}}}}")
    project.server.next(
        says(calls=[PARIS]),
        says("Rain in Paris, I am afraid."),
        says(calls=[OSLO, ROME]),
        says("Sun and snow."),
    )
    result = project.run("--llm-replay", "--llm-model=other", "--llm-history=replayed", *TEXT)
    assert pytest.ExitCode.OK == result.ret
    assert [api] * 4 == [seen.api for seen in project.server.seen]
    last = project.server.seen[-1]
    assert "Rain in Paris, I am afraid." in told(last)
    assert ["rain", "snow", "sun"] == [results_of(last)[call] for call in calls_of(last)]


def test_a_hook_answers_what_the_recording_cannot(project: Project) -> None:
    """The session goes on with what it says."""
    record(project, "chat_agent")
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text(encoding="utf-8")
        + "\ndef pytest_llmreplay_tool(name, arguments):\n"
        + "    return {'weather': f'fog in {arguments[\"city\"]}'}\n",
        encoding="utf-8",
    )
    project.server.next(says(calls=[("lookup", {"city": "Berlin"})]), says("Fog."), *RECORDED[2:])
    assert pytest.ExitCode.OK == free(project).ret
    assert ['{"weather":"fog in Berlin"}'] == list(results_of(project.server.seen[1]).values())


def test_a_hook_that_fails_is_named(project: Project) -> None:
    """The turn that needs its answer fails with what it raised."""
    record(project, "chat_agent")
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text(encoding="utf-8")
        + "\ndef pytest_llmreplay_tool(name, arguments):\n    return arguments['country']\n",
        encoding="utf-8",
    )
    project.server.next(says(calls=[("lookup", {"city": "Berlin"})]))
    result = free(project)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert "pytest_llmreplay_tool: KeyError: 'country'" in result.stdout.str()


def test_a_turn_without_an_answer_ends_the_session(project: Project) -> None:
    """What depends on it is not asked."""
    record(project, "chat_agent")
    project.server.next(says(calls=[PARIS]), fails(400, "no"))
    result = free(project)
    assert {"passed": 1, "failed": 1, "skipped": 2} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*turn 3 * not run*turn 2 of the session has no answer"])


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("sound", "damaged"),
    [
        ("provider:", "provder:"),
        ("measured: {", "measured: {durration: 1, "),
        ("  body:", " body:"),
    ],
)
def test_a_damaged_turn_ends_the_session_and_no_other(
    project: Project, sound: str, damaged: str
) -> None:
    """Each of its turns says where the damage is, nothing of it is sent, and the run ends."""
    project.write("cassettes/a.yaml", cassette(event(1), event(2)))
    project.write(
        "cassettes/b.yaml", cassette(event(1), event(2).replace(sound, damaged), event(3))
    )
    project.server.next(*[says("Hello.", delay=0.2)] * 2)
    result = free(project)
    assert {"failed": 3, "passed": 2} == result.parseoutcomes()
    assert 2 == len(project.server.seen)
    result.stdout.fnmatch_lines(["error: cassettes/b.yaml:[0-9]*: *"] * 3)


def test_words_that_others_quote_are_replaced(project: Project) -> None:
    """A judge that is asked about an answer is asked about that of the target."""
    project.tests(
        """
        def test_it(llm_cassette):
            said = chat("Tell me about bees.")
            chat(f"Rate this from 1 to 10: {said}")
        """
    )
    project.server.next(says("Bees make honey all summer long."), says("9"))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    project.server.next(says("Bees dance to tell the way."), says("8"))
    assert pytest.ExitCode.OK == free(project).ret
    assert "Rate this from 1 to 10: Bees dance to tell the way." in told(project.server.seen[1])


@pytest.mark.parametrize("option", ["--llm-samples=3", "--llm-gate=run", "--llm-calibrate"])
def test_a_session_is_run_through_once(project: Project, option: str) -> None:
    """What would need several passes is refused, and says which option."""
    record(project, "chat_agent")
    result = free(project, option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*--llm-history replayed: each session is run through once; *"])


def test_another_word_is_refused(one: Project) -> None:
    """Exit code 4, with what may be said."""
    one.refuses("--llm-history=live", "*--llm-history: 'live' is none of recorded, replayed*")


CONVERSATION = """
@pytest.mark.llm_cassette
def test_it():
    tools = [{"type": "function", "name": "lookup", "parameters": TOOL, "strict": False}]
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        kept = c.conversations.create(items=[{"role": "developer", "content": "Be brief."}]).id

        def ask(told):
            asked = {"model": "gpt-5-mini", "conversation": kept, "tools": tools}
            return c.responses.create(input=told, **asked).output

        call = ask("Paris?")[-1]
        ask([{"type": "function_call_output", "call_id": call.call_id, "output": "rain"}])
        ask("Thanks.")
"""


def record_conversation(project: Project) -> None:
    """Record a conversation that the provider keeps: its beginning, and three turns."""
    project.write("pytest.ini", "[pytest]\nllm_hosts = 127.0.0.1\n")
    project.write("app.py", (project.path / "app.py").read_text(encoding="utf-8") + AGENTS)
    project.tests(CONVERSATION)
    created = b'{"id": "conv_1", "object": "conversation", "created_at": 1, "metadata": {}}'
    project.server.next(
        raw(created), says(calls=[PARIS]), says("It rains in Paris all week long."), says("Bye.")
    )
    project.run("--llm-record").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.server.reset()


@needs(openai="2.0")
def test_a_conversation_that_the_provider_keeps_is_told_whole(project: Project) -> None:
    """Where the cassette has its beginning: nothing of the account is named, nothing is lost."""
    record_conversation(project)
    project.server.next(says(calls=[PARIS]), says("Rain in Paris, I am afraid."), says("See you."))
    result = free(project)
    assert {"passed": 1, "changed": 2, "skipped": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["same*3 calls, 1 not replayed*"])
    first, second, third = project.server.seen
    assert all("conversation" not in seen.json for seen in project.server.seen)
    developer = {"role": "developer", "content": "Be brief."}
    assert [developer, {"role": "user", "content": "Paris?"}] == first.json["input"]
    assert {"rain"} == set(results_of(second).values())
    assert calls_of(second) == [*results_of(second)]
    assert third.json["input"][0] == developer
    assert "Rain in Paris, I am afraid." in told(third)
    assert "It rains in Paris" not in told(third)


@needs(openai="2.0")
def test_a_conversation_that_was_told_whole_is_judged_again_and_not_promoted(
    project: Project,
) -> None:
    """The stored answers are enough; the test would not send what was sent."""
    record_conversation(project)
    project.server.next(says(calls=[PARIS]), says("Rain in Paris, I am afraid."), says("See you."))
    free(project)
    project.server.reset()
    again = project.run("--llm-replay", "--llm-rejudge=run-1", *TEXT)
    assert {"passed": 1, "changed": 2, "skipped": 1} == again.parseoutcomes()
    assert [] == project.server.seen
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert 1 == done.returncode
    assert "which its provider keeps, was sent in words: record the tests with it" in done.stderr
