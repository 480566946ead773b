"""A streamed answer: the cassette keeps every piece and when it came."""

from __future__ import annotations

import pytest
from anthropic import Anthropic
from openai import OpenAI
from summarise import summary_by_anthropic, summary_by_openai

from pytest_llmreplay import LlmCassette

MINUTES = """\
Item 4, Elm Street. Ms Okafor presents the plan: through traffic is kept out, bicycles may use the
whole width, residents keep access. Trial of one year from 1 April. Cost: signs 9,000, planters
31,000, two counting stations 24,000; the region refunds 50 %. Mr Lind asks where vans may stop
before ten o'clock. The traffic office is to propose places by January. Approved by 17 votes to 6.
"""


@pytest.mark.llm_cassette(session="Town council")
def test_summary_openai(openai_client: OpenAI, llm_cassette: LlmCassette) -> None:
    """The summary comes in pieces and names the cost."""
    with llm_cassette.step(prompt="summarise-minutes", path="/council/minutes"):
        pieces = list(summary_by_openai(openai_client, MINUTES))
    assert len(pieces) > 10
    assert "64,000 euros" in "".join(pieces)


@pytest.mark.llm_cassette(session="Town council")
def test_summary_anthropic(anthropic_client: Anthropic, llm_cassette: LlmCassette) -> None:
    """The same with the other provider's events."""
    with llm_cassette.step(prompt="summarise-minutes", path="/council/minutes"):
        pieces = list(summary_by_anthropic(anthropic_client, MINUTES))
    assert len(pieces) > 10
    assert "64,000 euros" in "".join(pieces)
