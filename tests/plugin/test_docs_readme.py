"""What README.md shows to whoever has never seen the plugin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from projects import Project
from servers.provider_server import says
from written_docs import DOCS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TEST = re.search(r"```python\n# (\S+)\n(.*?)```", README, re.DOTALL)
FAILURE = re.search(r"```text\n(.*?)```", README, re.DOTALL)
VARIES = re.compile(r"\d{4}-\d\d-\d\d|\d+\.\d\d s")
"""Dates and times."""

SUPPORT = '''
import json
import os
from types import SimpleNamespace

import openai

TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("get_order", "refund_order")
]


def support_agent(question):
    """Answer a customer, with as many tool calls as it takes."""
    asked, said = [], [{"role": "user", "content": question}]
    with openai.OpenAI(api_key="none", base_url=os.environ["CHAT_URL"]) as client:
        while True:
            answer = client.chat.completions.create(
                model="gpt-5-mini", messages=said, tools=TOOLS
            )
            message = answer.choices[0].message
            said.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                return SimpleNamespace(text=message.content, tool_calls=asked)
            for call in message.tool_calls:
                asked.append(call.function.name)
                said.append({"role": "tool", "tool_call_id": call.id, "content": "{}"})
'''


def test_the_failure_is_what_a_smaller_model_fails_with(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test of the page is recorded and played; then the model forgets a tool."""
    assert TEST is not None
    assert FAILURE is not None
    monkeypatch.setenv("COLUMNS", "80")
    project.write("support.py", SUPPORT)
    project.write(TEST[1], TEST[2])
    order = {"order_id": "FJ-204113"}
    project.server.next(
        says(calls=[("get_order", order)]),
        says(calls=[("refund_order", {**order, "amount": 84.5})]),
        says("84.50 are on their way."),
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.server.next(says("I am sorry. Please write to us."))
    printed = project.replay("--llm-model=gpt-5-nano", "-k0001").stdout.str()
    assert VARIES.sub("", FAILURE[1]) in VARIES.sub("", printed)


def test_every_page_is_in_the_index() -> None:
    """A page that nothing leads to, nobody reads."""
    told = set(re.findall(r"\]\(docs/([\w-]+\.md)[#)]", README.partition("## Which page")[2]))
    assert sorted(path.name for path in DOCS.glob("*.md")) == sorted(told)
