"""`accept --promote` with agents that use tools, whose rounds may be others than the recorded."""

from __future__ import annotations

import re

import pytest
from projects import Project
from servers.provider_server import Behaviour, says
from shell import inside

AGENTS = '''
import json

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Paris": "rain", "Rome": "sun", "Oslo": "snow"}


def chat_agent(*questions):
    """Append what the SDK gives, as its documentation does."""
    tools = [{"type": "function", "function": {"name": "lookup", "parameters": TOOL}}]
    messages = [{"role": "system", "content": "You tell the weather."}]
    said = []
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while True:
                answer = c.chat.completions.create(
                    model=os.environ["MODEL"], messages=messages, tools=tools
                ).choices[0].message
                messages.append(answer)
                if not answer.tool_calls:
                    break
                for call in answer.tool_calls:
                    city = json.loads(call.function.arguments)["city"]
                    messages.append(
                        {"role": "tool", "tool_call_id": call.id, "content": WEATHER[city]}
                    )
            said.append(answer.content)
    return said


def stream_agent(*questions):
    """Put the pieces of a stream together."""
    tools = [{"type": "function", "function": {"name": "lookup", "parameters": TOOL}}]
    messages, said = [], []
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while True:
                words, calls = "", {}
                for chunk in c.chat.completions.create(
                    model=os.environ["MODEL"], messages=messages, tools=tools, stream=True
                ):
                    delta = chunk.choices[0].delta
                    words += delta.content or ""
                    for piece in delta.tool_calls or ():
                        call = calls.setdefault(piece.index, {"arguments": ""})
                        call["id"] = piece.id or call["id"]
                        call["name"] = piece.function.name or call["name"]
                        call["arguments"] += piece.function.arguments or ""
                told = {"role": "assistant", "content": words}
                if calls:
                    told["tool_calls"] = [
                        {
                            "id": call["id"],
                            "type": "function",
                            "function": {"name": call["name"], "arguments": call["arguments"]},
                        }
                        for call in calls.values()
                    ]
                messages.append(told)
                if not calls:
                    break
                messages += [
                    {
                        "role": "tool",
                        "tool_call_id": call["id"],
                        "content": WEATHER[json.loads(call["arguments"])["city"]],
                    }
                    for call in calls.values()
                ]
            said.append(words)
    return said


def claude_agent(*questions):
    """Append the blocks that the SDK gives."""
    tools = [{"name": "lookup", "input_schema": TOOL}]
    messages, said = [], []
    key = "sk-ant-test-0123456789abcdef"
    with anthropic.Anthropic(api_key=key, base_url=os.environ["MESSAGES_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while True:
                answer = c.messages.create(
                    model=os.environ["MODEL"], max_tokens=100, messages=messages, tools=tools
                )
                messages.append({"role": "assistant", "content": answer.content})
                calls = [block for block in answer.content if block.type == "tool_use"]
                if not calls:
                    break
                results = [
                    {
                        "type": "tool_result",
                        "tool_use_id": call.id,
                        "content": WEATHER[call.input["city"]],
                    }
                    for call in calls
                ]
                messages.append({"role": "user", "content": results})
            said.append("".join(block.text for block in answer.content if block.type == "text"))
    return said


def responses_agent(*questions):
    """Append the items that the SDK gives."""
    tools = [{"type": "function", "name": "lookup", "parameters": TOOL, "strict": False}]
    items, said = [], []
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        for question in questions:
            items.append({"role": "user", "content": question})
            while True:
                answer = c.responses.create(
                    model=os.environ["MODEL"], input=items, tools=tools, store=False
                )
                items += answer.output
                calls = [item for item in answer.output if item.type == "function_call"]
                if not calls:
                    break
                for call in calls:
                    city = json.loads(call.arguments)["city"]
                    items.append(
                        {
                            "type": "function_call_output",
                            "call_id": call.call_id,
                            "output": WEATHER[city],
                        }
                    )
            said.append(answer.output_text)
    return said
'''
PARIS, ROME, OSLO = (("lookup", {"city": city}) for city in ("Paris", "Rome", "Oslo"))
RECORDED = (
    says(calls=[PARIS]),
    says("It rains in Paris all week long."),
    says(calls=[ROME, OSLO]),
    says("Rome is sunny, and Oslo has snow."),
)
WAYS: dict[str, tuple[Behaviour, ...]] = {
    "the same rounds": (
        says(calls=[PARIS]),
        says("Rain, I fear."),
        says(calls=[OSLO, ROME]),
        says("Sun and snow."),
    ),
    "fewer rounds": (says("Rain, as always."), says(calls=[ROME, OSLO]), says("Sun and snow.")),
    "no rounds at the end": (says(calls=[PARIS]), says("Rain, I fear."), says("No idea.")),
    "more rounds": (
        says(calls=[PARIS]),
        says(calls=[OSLO]),
        says("Rain there, snow there."),
        says(calls=[ROME]),
        says("Sun, and as I said snow."),
    ),
    "more rounds at the end": (
        says(calls=[PARIS]),
        says("Rain, I fear."),
        says(calls=[ROME]),
        says(calls=[OSLO]),
        says("Sun and snow."),
    ),
    "one round instead of two": (
        says(calls=[PARIS, ROME, OSLO]),
        says("Rain here, sun and snow there."),
        says("As I said."),
    ),
}
LAST = {
    "fewer rounds": "Sun and snow.",
    "no rounds at the end": "No idea.",
    "more rounds": "Sun, and as I said snow.",
    "one round instead of two": "As I said.",
}

agents = pytest.mark.parametrize(
    "agent", ["chat_agent", "stream_agent", "claude_agent", "responses_agent"]
)
ways = pytest.mark.parametrize("way", WAYS)


def record(project: Project, monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    """Record two questions and three tools with the model `old`."""
    project.write("app.py", (project.path / "app.py").read_text(encoding="utf-8") + AGENTS)
    project.tests(
        f"""
        @pytest.mark.llm_cassette(session={{"id": "s-1", "name": "Weather"}})
        def test_it(llm_cassette):
            with llm_cassette.step(prompt="forecast", tier="gold"):
                print("said", {agent}("Paris?", "And Rome, and Oslo?"))
        """
    )
    monkeypatch.setenv("MODEL", "old")
    project.server.next(*RECORDED)
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()


def move(project: Project, agent: str, *answers: Behaviour, allow: str = "") -> None:
    """Replay freely with the model `new`."""
    at = project.server.anthropic if agent == "claude_agent" else project.server.openai
    api = {"claude_agent": "messages", "responses_agent": "responses"}
    said = f"{{model: new, base_url: {at}, api: {api.get(agent, 'chat_completions')}}}"
    project.write("llmreplay.yaml", f"targets: {{it: {said}}}")
    project.server.next(*answers)
    options = ("--llm-model=it", "--llm-history=replayed", "--llm-check=answered")
    allowed = (f"--llm-allow={allow}",) if allow else ()
    project.run("--llm-replay", *options, "--llm-check-only", *allowed)
    project.server.reset()


@agents
@ways
def test_the_tests_play_the_way_that_the_new_model_took(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str, way: str
) -> None:
    """Without another call, however many rounds it took; nothing of the old model is left."""
    record(project, monkeypatch, agent)
    move(project, agent, *WAYS[way])
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    monkeypatch.setenv("MODEL", "new")
    result = project.run("-s")
    assert [] == project.server.seen
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*said*{LAST.get(way, 'Sun and snow.')}*"])
    text = project.cassette().read_text(encoding="utf-8")
    numbers = re.findall(r"(?m)^event: (\d+)$", text)
    assert [str(number) for number in range(1, len(WAYS[way]) + 1)] == numbers
    assert len(numbers) == text.count("\nname: forecast\n") == text.count("tier: gold")
    assert "model: old" not in text
    assert project.run("--llm-replay").ret == pytest.ExitCode.OK


def test_what_was_accepted_for_other_events_stays_with_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events behind a dropped one get other numbers, and keep what is theirs."""
    record(project, monkeypatch, "chat_agent")
    project.tests(
        """
        def test_it(llm_cassette):
            print("said", chat_agent("Paris?"))
            chat("Something else.")
        """
    )
    project.server.next(*RECORDED[:2], says("Else."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    project.server.next(says("Other."))
    options = ("--llm-check=answered", "--llm-check-only", "--llm-accept", "--llm-model=openai/x")
    project.replay(*options, "-k", "0003")
    move(project, "chat_agent", says("Rain, as always."), says("Else, too."))
    done = inside("accept", "run-2", "--promote", "-k", "0001", cwd=project.path)
    assert 0 == done.returncode
    assert "1 answer promoted, 1 event dropped that the target had no need of" in done.stdout
    text = project.cassette().read_text(encoding="utf-8")
    assert ["1", "2"] == re.findall(r"(?m)^event: (\d+)$", text)
    assert "--- # accepted 2 openai/x" in text


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            (says(calls=[PARIS]), says(calls=[("lookup", {"city": "Berlin"})])),
            '0002-forecast[it]: not promoted: its target went on to call lookup(city="Berlin")',
        ),
        (
            (says(calls=[("lookup", {"city": "Berlin"})]),),
            "0001-forecast[it]: not promoted: it is quoted by event 2, which is not promoted",
        ),
    ],
)
def test_a_session_that_left_the_recording_is_refused(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    answers: tuple[Behaviour, ...],
    said: str,
) -> None:
    """Whole, as the tests would go on with requests that the run does not have."""
    record(project, monkeypatch, "chat_agent")
    move(project, "chat_agent", *answers)
    before = project.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert 1 == done.returncode
    assert said in done.stderr
    assert "record the tests with it (--llm-record)" in done.stderr
    assert "" == done.stdout
    assert before == project.cassette().read_bytes()


def test_a_part_of_a_session_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the target had no need of the rest of it."""
    record(project, monkeypatch, "chat_agent")
    move(project, "chat_agent", *WAYS["fewer rounds"])
    before = project.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", "-k", "0001", cwd=project.path)
    assert 1 == done.returncode
    assert "it is quoted by event 3, which is not promoted with it" in done.stderr
    assert before == project.cassette().read_bytes()


def test_a_conversation_that_the_provider_keeps_is_not_torn_apart(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request names the first answer, and would be a miss behind another one."""
    project.tests(
        """
        def test_it(llm_cassette):
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                first = client.responses.create(model="old", input="Paris?")
                client.responses.create(model="old", input="Sure?", previous_response_id=first.id)
        """
    )
    project.server.next(says("It rains."), says("Quite."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    move(project, "responses_agent", says("Rain, I fear."))
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert 1 == done.returncode
    assert "it is quoted by event 2, which is not promoted with it" in done.stderr
    project.run().assert_outcomes(passed=1)


def test_a_conversation_that_the_provider_keeps_moves_with_its_ids(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request goes on from the answer of the new model, as the tests will ask."""
    project.tests(
        """
        def test_it(llm_cassette):
            model, name = os.environ["MODEL"], None
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                for question in ("Paris?", "Sure?", "Really?"):
                    more = {"previous_response_id": name} if name else {}
                    answer = client.responses.create(model=model, input=question, **more)
                    name = answer.id
            print("said", answer.output_text)
        """
    )
    monkeypatch.setenv("MODEL", "old")
    project.server.next(says("It rains."), says("Quite."), says("Oh yes."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    answers = (says("Rain, I fear."), says("I am."), says("Truly."))
    move(project, "responses_agent", *answers, allow="previous_response_id")
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    monkeypatch.setenv("MODEL", "new")
    result = project.run("-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*said Truly."])
    assert [] == project.server.seen
