"""The mutation score as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_llmreplay.replay.mutation.score import FaultScore, MutationScore, Remedy
from pytest_llmreplay.report.mutation import mutation_lines
from pytest_llmreplay.report.summary.force import CheckSource

PATH = "cassettes/examples/test_refund_agent/test_refund_openai.yaml"
CHECKS = [
    CheckSource(spec="contract", source="config"),
    CheckSource(spec="warn:\x1b[2Jtext", source="event", events=2),
]
SCORE = MutationScore(
    faults=(
        FaultScore(fault="tool-dropped", applied=12, caught=12),
        FaultScore(
            fault="tool-changed",
            applied=12,
            caught=9,
            examples=(f"{PATH}::0001-support-agent", f"{PATH}::0002-\u202e##[x]", f"{PATH}::0004"),
            remedy=Remedy(check="tool_calls", catches=3),
        ),
        FaultScore(
            fault="verbose",
            applied=1204,
            caught=400,
            reported=17,
            examples=(f"{PATH}::0001-support-agent",),
            remedy=Remedy(check="output_tokens<=2x", catches=800),
        ),
        FaultScore(fault="slow", applied=3, caught=2, examples=("a::0001",)),
        FaultScore(fault="wording", applied=40, caught=40),
    ),
    events=1231,
    left_out={"recorded error": 3, "embeddings": 1},
    failing=("a::0007", "a::0008"),
)


@pytest.mark.parametrize("width", [80, 160])
def test_the_score_of_a_set(golden: Callable[[str, str], None], width: int) -> None:
    """Counts, what was missed with the check that would catch it, and what proves nothing."""
    golden(f"mutation-{width}", "\n".join(mutation_lines(SCORE, CHECKS, width)))


def test_the_score_is_never_rounded_up() -> None:
    """99.9 % are not all."""
    score = MutationScore(faults=(FaultScore(fault="slow", applied=1000, caught=999),), events=1000)
    assert mutation_lines(score, [], 80)[-1].startswith("mutation score: 99 % (999 of 1,000 faults")
