"""What checks against a JSON Schema have in common."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers.answer_view import AnswerView
from pytest_llmreplay.compare.answers.arguments import dotted
from pytest_llmreplay.compare.answers.json_answers import JsonAnswer
from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.schemas.validity import Unchecked, violation
from pytest_llmreplay.event import Json

from .base import Rule

__all__ = ["Conforms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conforms(Rule):
    """The words of every choice are JSON and valid; a code fence around them is no JSON."""

    def conform(self, view: AnswerView, schema: Json) -> Finding:
        """Validate each choice that has words."""
        both = zip(view.texts, view.json, strict=True)
        found = (self._judge_choice(text, answer, schema) for text, answer in both if text)
        return next((one for one in found if one is not None), self.held())

    def _judge_choice(self, text: str, answer: JsonAnswer, schema: Json) -> Finding | None:
        if answer.problem or answer.fenced:
            problem = answer.problem or "no JSON: it stands in a code fence"
            return self.diverged(
                f"the answer is {problem}",
                "structure",
                cause=problem.partition(":")[0],
                replayed=tuple(text.split("\n")),
            )
        try:
            found = violation(answer.value, schema)
        except Unchecked as part:
            return self.not_measured(f"the schema has {part}, which is not checked")
        if found is None:
            return None
        place = dotted(found.path).removeprefix(".") or "the answer"
        return self.diverged(f"{place!r} {found.problem}", "structure")
