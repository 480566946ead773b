"""What an estimate says; the golden texts stand in `golden/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.report.estimate import estimate_lines

Golden = Callable[[str, str], None]

LEFT_OUT = Counter({"embeddings": 12, "recorded error": 3})
ESTIMATES = (
    Estimate(
        target="gpt-5-mini",
        calls=1200,
        events=240,
        samples=5,
        at_most=True,
        input_tokens=812_403,
        output_tokens=120_031,
        cost=0.4432,
        priced=1200,
        guessed=Counter(tiktoken=30),
        left_out=LEFT_OUT,
    ),
    Estimate(
        target="anthropic/claude-opus-5-5-with-a-name-of-some-length",
        calls=1200,
        events=400,
        samples=3,
        input_tokens=812_403,
        output_tokens=120_031,
        cost=7.0628,
        priced=1180,
        unpriced=Counter({"anthropic/claude-next": 18, "openai/\u202ehostile": 2}),
        guessed=Counter(estimate=30),
        left_out=LEFT_OUT,
        confirming=400,
    ),
    Estimate(
        target="simulated/steady",
        calls=1200,
        events=400,
        samples=3,
        input_tokens=812_403,
        output_tokens=120_031,
        local=1200,
        left_out=LEFT_OUT,
    ),
    Estimate(
        target="judge grader",
        calls=9_606,
        input_tokens=11_007_000,
        output_tokens=768_480,
        cost=31.2,
        priced=9_606,
        is_judge=True,
        confirming=1_200,
    ),
)


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("name", ["one", "many"])
def test_an_estimate(golden: Golden, name: str, width: int) -> None:
    """One screen: the money per target first, then what the sum does not hold."""
    several = ESTIMATES if name == "many" else ESTIMATES[:1]
    lines = estimate_lines(several, width, prices="genai-prices 0.2.3")
    assert all(len(line) <= width for line in lines)
    golden(f"estimate-{name}-{width}", "\n".join(lines))


def test_nothing_to_ask() -> None:
    """A replay against the recording itself costs nothing."""
    said = ["nothing would be sent: the answers are the recorded ones"]
    assert said == estimate_lines((), 80, prices="")
