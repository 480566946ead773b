"""Agents that look up the weather, through each SDK as its documentation has it."""

from __future__ import annotations

import pytest
from projects import Project
from sdk_clients import needs
from servers.provider_server import says

__all__ = ["AGENTS", "OSLO", "PARIS", "RECORDED", "RESPONSES_AGENT", "ROME", "record"]

AGENTS = '''
import json

MODEL = os.environ.get("MODEL", "old")
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
                    model=MODEL, messages=messages, tools=tools
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
                    model=MODEL, messages=messages, tools=tools, stream=True
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


def claude_agent(*questions, streams=False):
    """Append the blocks that the SDK gives."""
    tools = [{"name": "lookup", "input_schema": TOOL}]
    messages, said = [], []
    key = "sk-ant-test-0123456789abcdef"
    with anthropic.Anthropic(api_key=key, base_url=os.environ["MESSAGES_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while True:
                asks = {"model": MODEL, "max_tokens": 100, "messages": messages, "tools": tools}
                if streams:
                    with c.messages.stream(**asks) as stream:
                        answer = stream.get_final_message()
                else:
                    answer = c.messages.create(**asks)
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


def claude_stream_agent(*questions):
    """The same in streams."""
    return claude_agent(*questions, streams=True)


def responses_agent(*questions):
    """Append the items that the SDK gives."""
    tools = [{"type": "function", "name": "lookup", "parameters": TOOL, "strict": False}]
    items, said = [], []
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        for question in questions:
            items.append({"role": "user", "content": question})
            while True:
                answer = c.responses.create(model=MODEL, input=items, tools=tools, store=False)
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
RESPONSES_AGENT = pytest.param("responses_agent", marks=needs(openai="1.66"))
PARIS, ROME, OSLO = (("lookup", {"city": city}) for city in ("Paris", "Rome", "Oslo"))
RECORDED = (
    says(calls=[PARIS]),
    says("It rains in Paris all week long."),
    says(calls=[ROME, OSLO]),
    says("Rome is sunny, and Oslo has snow."),
)
"""What the application of `record` says to its questions."""


def record(project: Project, agent: str) -> None:
    """Record two questions and three tools with the model `old`, or `MODEL` of the environment."""
    project.write("app.py", (project.path / "app.py").read_text(encoding="utf-8") + AGENTS)
    project.tests(
        f"""
        @pytest.mark.llm_cassette(session={{"id": "s-1", "name": "Weather"}})
        def test_it(llm_cassette):
            with llm_cassette.step(prompt="forecast", tier="gold"):
                print("said", {agent}("Paris?", "And Rome, and Oslo?"))
        """
    )
    project.server.next(*RECORDED)
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
