"""Replay against a target of another API format: converted, sent, read and compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.llama_server import LlamaServers
from servers.provider_server import says

from pytest_llmreplay import Cassette

EXAMPLES = Path(__file__).parents[2] / "cassettes" / "examples"
KIND = "--llm-check=answered"
ONLY = "--llm-check-only"


@pytest.fixture
def demo(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with the shipped sessions; there is no key."""
    shutil.copytree(EXAMPLES, project.path / "cassettes" / "examples")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return project


def replay(project: Project, model: str, url: str, *more: str) -> pytest.RunResult:
    """Replay everything against one model at one address."""
    return project.run("--llm-replay", "--llm-model", model, "--llm-base-url", url, *more)


def test_sessions_of_claude_are_asked_of_an_openai_like_server(demo: Project) -> None:
    """Every event recorded in messages goes out as chat completions, streams as streams."""
    result = replay(demo, "openai/other", demo.server.openai, "-k", "anthropic", KIND, ONLY)
    outcomes = _outcomes(result)
    assert {"changed"} == set(outcomes)
    assert outcomes["changed"] == len(demo.server.seen)
    assert {"/v1/chat/completions"} == {seen.path for seen in demo.server.seen}
    bodies = [seen.json for seen in demo.server.seen]
    assert {"other"} == {body["model"] for body in bodies}
    assert {"system"} == {body["messages"][0]["role"] for body in bodies}
    assert any(body.get("stream") for body in bodies)
    assert all("stream_options" in body for body in bodies if body.get("stream"))


def test_sessions_of_openai_are_asked_of_an_anthropic_like_server(demo: Project) -> None:
    """And the other way round; the API version is one that takes sampling parameters."""
    result = replay(demo, "anthropic/other", demo.server.anthropic, "-k", "openai", KIND, ONLY)
    assert {"changed"} == set(_outcomes(result))
    assert {"/v1/messages"} == {seen.path for seen in demo.server.seen}
    assert {"2023-06-01"} == {seen.headers["anthropic-version"] for seen in demo.server.seen}
    assert all("system" in seen.json and "max_tokens" in seen.json for seen in demo.server.seen)
    assert any(seen.json.get("stream") for seen in demo.server.seen)


def test_calls_and_endings_are_compared_whatever_the_format(demo: Project) -> None:
    """The same call from another format holds; ids and names of endings differ on the wire."""
    path = "cassettes/examples/test_refund_agent/test_refund_anthropic.yaml"
    checks = ("--llm-check=tool_calls:names", "--llm-check=finish_reason", "--llm-check=tokens<=9x")
    calls = _calls(demo, path)
    demo.server.next(*(says("", calls=turn) if turn else says("Done.") for turn in calls))
    result = replay(
        demo, "openai/other", demo.server.openai, path, *checks, ONLY, "--llm-concurrency=1"
    )
    assert set(_outcomes(result)) <= {"passed", "changed"}
    assert [bool(turn) for turn in calls].count(True)
    ids = [
        message["tool_call_id"]
        for message in demo.server.seen[-1].json["messages"]
        if message["role"] == "tool"
    ]
    assert ids
    assert all(each.startswith("toolu_") for each in ids)


def _calls(project: Project, path: str) -> list[tuple[tuple[str, dict[str, object]], ...]]:
    events = Cassette.load(project.path / path).events
    return [
        tuple((call.name, dict(call.arguments)) for call in each.response.tool_calls)  # type: ignore[arg-type]
        for each in events
    ]


def _outcomes(result: pytest.RunResult) -> dict[str, int]:
    """What came of the items that were chosen."""
    return {name: count for name, count in result.parseoutcomes().items() if name != "deselected"}


ROOM = {"response_format": {"type": "json_object"}, "seed": 7}


def written(project: Project, body: dict[str, object]) -> None:
    """A cassette with one chat completion of this body."""
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event(body=body)))


NOTES = """\
cassette: 1
test: tests/test_app.py::test_it
--- # key r1:0000000000000001
event: 1
provider: openai
api: responses
model: gpt-5-mini
request:
  method: POST
  url: https://api.openai.com/v1/responses
  headers: {content-type: application/json}
  body:
    model: gpt-5-mini
    input: Note it.
    tools: [{type: custom, name: note}]
response:
  status: 200
  headers: {content-type: application/json}
  body:
    id: resp_1
    model: gpt-5-mini
    status: completed
    output: [{type: custom_tool_call, id: ctc_1, call_id: c1, name: note, input: Buy bread.}]
...
"""


def test_a_call_of_a_custom_tool_is_compared_with_that_of_the_function_it_became(
    project: Project,
) -> None:
    """What a Claude writes into the function is what it would write for the tool."""
    project.write("cassettes/tests/test_app/test_it.yaml", NOTES)
    claude = ("anthropic/other", project.server.anthropic, "--llm-check=tool_calls", ONLY)
    for text, outcome in (("Buy bread.", "passed"), ("Buy milk.", "failed")):
        project.server.next(says("", calls=[("note", {"input": text})]))
        assert {outcome: 1} == replay(project, *claude).parseoutcomes()
    project.server.next(says("", calls=[("note", {"input": "Buy bread."})]))
    assert {"passed": 1} == replay(project, *claude, "--llm-accept").parseoutcomes()
    for text, outcome in (("Buy bread.", "passed"), ("Buy milk.", "failed")):
        project.server.next(says("", calls=[("note", {"input": text})]))
        assert {outcome: 1} == replay(project, *claude).parseoutcomes()


def test_a_loss_that_matters_stops_its_event_before_the_call(project: Project) -> None:
    """One message names the codes, the event and the line that allows it; nothing is sent."""
    written(project, ROOM)
    result = replay(project, "anthropic/other", project.server.anthropic, KIND)
    assert {"failed": 1} == result.parseoutcomes()
    assert [] == project.server.seen
    said = " ".join(result.stdout.str().replace("│", "").split())
    assert "response_format.json_object would be lost in conversion" in said
    assert "event 0001, chat_completions to messages" in said
    assert "llm_on_loss: response_format.json_object=warn" in said


def test_an_allowed_loss_is_told_in_failure_and_summary(project: Project) -> None:
    """The ini key lets it through; the text says what was left out."""
    written(project, ROOM)
    project.write(
        "pytest.ini", "[pytest]\nllm_on_loss =\n    response_format=warn\n    seed=ignore\n"
    )
    result = replay(project, "anthropic/other", project.server.anthropic, "--llm-check=text")
    assert {"failed": 1} == result.parseoutcomes()
    assert 1 == len(project.server.seen)
    text = " ".join(result.stdout.str().replace("│", "").split())
    assert "converted to messages, without response_format.json_object" in text
    assert "lost in conversion (reported) 1" in text


def test_a_wrong_line_is_one_clear_error(project: Project) -> None:
    """With the words that it could be."""
    written(project, {})
    project.write("pytest.ini", "[pytest]\nllm_on_loss = seed=perhaps\n")
    result = replay(project, "anthropic/other", project.server.anthropic)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: llm_on_loss: 'seed=perhaps' is none of fail, warn, ign*"])


def test_a_target_may_say_in_which_format_it_is_asked(project: Project) -> None:
    """`api:` in the config stands above what is known of the provider."""
    written(project, {})
    url = project.server.anthropic
    project.write(
        "llmreplay.yaml",
        f"targets:\n  mine: {{model: tiny, base_url: '{url}', api: messages}}\n",
    )
    assert {"changed": 1} == project.run("--llm-replay", "--llm-model=mine", KIND).parseoutcomes()
    assert ["/v1/messages"] == [seen.path for seen in project.server.seen]


SEARCH = """\
cassette: 1
test: tests/test_app.py::test_it
--- # key r1:0000000000000001
event: 1
provider: anthropic
api: messages
model: claude-sonnet-4-6
request:
  method: POST
  url: https://api.anthropic.com/v1/messages
  headers: {content-type: application/json}
  body:
    model: claude-sonnet-4-6
    max_tokens: 100
    messages: [{role: user, content: What is new?}]
    tools: [{type: web_search_20250305, name: web_search}]
response:
  status: 200
  headers: {content-type: application/json}
  body:
    id: msg_1
    type: message
    role: assistant
    model: claude-sonnet-4-6
    content: [{type: text, text: Much.}]
    stop_reason: end_turn
    usage: {input_tokens: 9, output_tokens: 3}
...
"""


@pytest.mark.parametrize("on_loss", ["fail", "warn"])
def test_what_the_first_format_has_no_words_for_is_asked_in_another(
    project: Project, on_loss: str
) -> None:
    """A search of the web goes to OpenAI in responses, whatever may be lost; all else in chat."""
    project.write("cassettes/tests/test_app/test_it.yaml", SEARCH)
    project.write("pytest.ini", f"[pytest]\nllm_on_loss = {on_loss}\n")
    openai = ("openai/gpt-5-mini", project.server.openai, "--llm-allow=web_search", KIND)
    assert {"changed": 1} == replay(project, *openai).parseoutcomes()
    assert "/v1/responses" == project.server.seen[0].path
    assert [{"type": "web_search"}] == project.server.seen[0].json["tools"]
    project.write("cassettes/tests/test_app/test_it.yaml", SEARCH.replace("    tools", "    # "))
    assert {"changed": 1} == replay(project, *openai).parseoutcomes()
    assert "/v1/chat/completions" == project.server.seen[1].path


def test_what_no_format_has_words_for_is_told_of_the_first(project: Project) -> None:
    """Responses have none for it either."""
    tools = SEARCH.replace("web_search_20250305", "code_execution_20250522")
    project.write("cassettes/tests/test_app/test_it.yaml", tools)
    result = replay(project, "openai/x", project.server.openai, "--llm-allow=code_execution", KIND)
    assert {"failed": 1} == result.parseoutcomes()
    assert [] == project.server.seen
    result.stdout.fnmatch_lines(["*messages to chat_completions*"])


def test_a_bare_address_is_asked_in_the_format_of_the_event(project: Project) -> None:
    """Nobody said whose formats it speaks."""
    written(project, {})
    for model in ("tiny", "claude-haiku-4-5"):
        replay(project, model, project.server.openai, KIND)
    assert ["/v1/chat/completions"] * 2 == [seen.path for seen in project.server.seen]


@pytest.mark.parametrize(
    ("model", "recorded"), [("openai/tiny", "anthropic"), ("anthropic/tiny", "openai")]
)
def test_a_real_model_server_answers_in_the_other_format(
    demo: Project, llama_servers: LlamaServers, model: str, recorded: str
) -> None:
    """llama.cpp takes what the shipped sessions become, streams too."""
    server = llama_servers("tiny")
    url = server.openai if model.startswith("openai") else server.anthropic
    more = ("-k", f"{recorded} and (debate or summarise)", "--llm-set", "max_tokens=20")
    result = replay(demo, model, url, "--llm-check=model", ONLY, "--llm-concurrency=2", *more)
    outcomes = _outcomes(result)
    assert 3 <= sum(outcomes.values())
    assert "HTTP" not in result.stdout.str()
    assert {"failed"} == set(outcomes)
    result.stdout.fnmatch_lines(["*model: *tiny*"])


def test_a_real_model_server_is_told_in_responses_what_was_said_before(
    demo: Project, llama_servers: LlamaServers
) -> None:
    """llama.cpp reads the words of its model, which other servers know by their role alone."""
    url = llama_servers("tiny").openai
    target = f"{{provider: llamacpp, model: tiny, base_url: '{url}', api: responses}}"
    demo.write("llmreplay.yaml", f"targets:\n  real: {target}\n")
    more = ("-k", "anthropic and debate", "--llm-set", "max_tokens=20", "--llm-check=model", ONLY)
    result = demo.run("--llm-replay", "--llm-model=real", *more)
    assert {"failed"} == set(_outcomes(result))
    assert "HTTP" not in result.stdout.str()
    result.stdout.fnmatch_lines(["*model: *tiny*"])
