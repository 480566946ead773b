"""OpenAI's Responses API: recorded through its SDK, played back, replayed."""

from __future__ import annotations

import pytest
from projects import Project, recorded_then_played
from sdk_clients import needs
from servers.provider_server import cuts, fails, says

pytestmark = needs(openai="1.92")

CLIENT = """
    import pydantic

    KNOWN = {"api_key": "sk-test-0123456789abcdef0123", "base_url": os.environ["CHAT_URL"]}
    TOOL = {
        "type": "function",
        "name": "refund",
        "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
        "strict": False,
    }

    def ask(text, **options):
        with openai.OpenAI(**KNOWN, max_retries=0) as client:
            return client.responses.create(model="gpt-5-mini", input=text, **options)

    def plain():
        return ask("a").output_text

    def in_pieces():
        with openai.OpenAI(**KNOWN) as client:
            events = client.responses.create(model="gpt-5-mini", input="a", stream=True)
            return [e.delta for e in events if e.type == "response.output_text.delta"]

    def helper():
        with openai.OpenAI(**KNOWN) as client:
            with client.responses.stream(model="gpt-5-mini", input="a") as stream:
                kinds = [event.type for event in stream]
                return kinds, stream.get_final_response().output_text

    def parsed():
        class Number(pydantic.BaseModel):
            n: int

        with openai.OpenAI(**KNOWN) as client:
            answer = client.responses.parse(model="gpt-5-mini", input="a", text_format=Number)
        return answer.output_parsed.n

    def asynchronous():
        async def talk():
            async with openai.AsyncOpenAI(**KNOWN) as client:
                whole = await client.responses.create(model="gpt-5-mini", input="a")
                stream = await client.responses.create(model="gpt-5-mini", input="b", stream=True)
                return whole.output_text, [event.sequence_number async for event in stream]

        return asyncio.run(talk())

"""
TEST = """
    @pytest.mark.llm_cassette
    def test_it():
        print("SAID", WAY())
"""
TOOLS = """
    def tools():
        asked = {"input": [{"role": "user", "content": "refund A1"}], "tools": [TOOL]}
        with openai.OpenAI(**KNOWN) as client:
            create = client.responses.create
            events = list(create(model="gpt-5-mini", stream=True, **asked))
        items = events[-1].response.output
        (call,) = [item for item in items if item.type == "function_call"]
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "done"}
        history = [{"role": "user", "content": "refund A1"}, *items, result]
        return call.arguments, ask(history, tools=[TOOL]).output_text
"""


def replays(project: Project, *arguments: str) -> pytest.RunResult:
    """A replay that finds no divergence."""
    result = project.run("--llm-replay", *arguments)
    assert pytest.ExitCode.OK == result.ret, result.stdout.str()
    return result


@pytest.mark.parametrize("way", ["plain", "in_pieces", "helper", "parsed", "asynchronous"])
def test_every_way_of_the_sdk_is_recorded_played_and_replayed(project: Project, way: str) -> None:
    """What an application got live it gets offline, and a replay asks the same."""
    project.tests(CLIENT + TEST.replace("WAY", way))
    project.server.next(says('{"n": 42}'), says('{"n": 42}'))
    said, text = recorded_then_played(project)
    assert "42" in said
    assert "api: responses" in text
    replays(project)
    replays(project, "--llm-model", "simulated/steady")
    project.server.next(says('{"n": 42}'), says('{"n": 42}'))
    replays(project, "--llm-base-url", project.server.openai)


def test_a_conversation_with_a_tool(project: Project) -> None:
    """A stream stands in words, ids by short names; the result answers its call in a replay too."""
    project.tests(CLIENT + TOOLS + TEST.replace("WAY", "tools"))
    project.server.next(says("Well.", calls=[("refund", {"order": "A1"})]), says("It is done."))
    said, text = recorded_then_played(project)
    assert "It is done." in said
    assert "- tool_call: refund\n  arguments: {order: A1}\n- finish_reason: tool_call\n" in text
    assert "- reasoning: The user wants an answer.\n- text: Well.\n" in text
    replays(project, "--llm-model", "simulated/steady")


def test_simulated_faults_are_seen(project: Project) -> None:
    """A model that leaves out a call diverges."""
    project.tests(CLIENT + TOOLS + TEST.replace("WAY", "tools"))
    project.server.next(says("Well.", calls=[("refund", {"order": "A1"})]), says("It is done."))
    project.record().assert_outcomes(passed=1)
    result = project.run("--llm-replay", "--llm-model", "simulated/tool-dropped")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*tool_calls*"])


def test_a_stream_that_is_cut_and_an_error(project: Project) -> None:
    """Both are played as they came; neither is an answer."""
    project.tests(
        CLIENT
        + """
    def broken():
        said = []
        for _ in range(2):
            try:
                said += in_pieces()
            except Exception as error:
                said.append(type(error).__name__)
        return said

"""
        + TEST.replace("WAY", "broken")
    )
    project.server.next(cuts(), fails(400, "imitated failure"))
    said, text = recorded_then_played(project)
    assert "BadRequestError" in said
    assert "ended: cut" in text


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ('previous_response_id="resp_1"', "previous_response_id"),
        ('conversation="conv_1"', "conversation"),
        ("background=True", "background"),
        ('tools=[{"type": "web_search"}]', "web_search"),
        ('prompt={"id": "pmpt_1"}', "prompt"),
    ],
)
def test_what_acts_with_the_account_is_not_replayed(
    project: Project, options: str, name: str
) -> None:
    """It plays back, and is sent to a target only where that was allowed."""
    project.tests(
        CLIENT
        + f"""
    @pytest.mark.llm_cassette
    def test_it():
        print("SAID", ask("a", {options}).output_text)
"""
    )
    recorded_then_played(project)
    count = len(project.server.seen)
    result = project.run("--llm-replay", "--llm-base-url", project.server.openai, "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"*{name}: acts with the account of the target*"])
    assert count == len(project.server.seen)
