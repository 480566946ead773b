"""Summaries that appear word by word, with either provider's SDK."""

from __future__ import annotations

from collections.abc import Iterator

from anthropic import Anthropic
from openai import OpenAI

__all__ = ["summary_by_anthropic", "summary_by_openai"]

INSTRUCTIONS = """\
Summarise the minutes of a meeting for people who were not there.
Write one sentence on what was decided, one on what it costs, and one on what is still open.
"""


def summary_by_openai(client: OpenAI, minutes: str) -> Iterator[str]:
    """The pieces of a summary, as they arrive."""
    events = client.chat.completions.create(
        model="gpt-5-mini",
        messages=[
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": minutes},
        ],
        stream=True,
        stream_options={"include_usage": True},
    )
    for event in events:
        for choice in event.choices:
            yield choice.delta.content or ""


def summary_by_anthropic(client: Anthropic, minutes: str) -> Iterator[str]:
    """The pieces of a summary, as they arrive."""
    with client.messages.stream(
        model="claude-sonnet-4-6",
        max_tokens=300,
        system=INSTRUCTIONS,
        messages=[{"role": "user", "content": minutes}],
    ) as stream:
        yield from stream.text_stream
