"""`schema:request`: the answer is valid against the schema that the request asked for."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers import texts_of
from pytest_llmreplay.compare.arguments import dotted
from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.json_answers import json_answer
from pytest_llmreplay.compare.schema import Unchecked, violation

from .base import Rule

__all__ = ["RequestSchema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSchema(Rule):
    """Every choice that has words is JSON and valid; a code fence around it is no JSON."""

    def judge(self, pair: Pair) -> Finding:
        """Validate; a request that asks for no schema holds."""
        schema = pair.baseline.request.output_schema
        texts = [text for text in texts_of(pair.replayed.response) if text]
        if not isinstance(schema, dict) or not texts:
            return self.held("no schema was asked for" if schema is None else None)
        for text in texts:
            answer = json_answer(text)
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
            if found is not None:
                place = dotted(found.path).removeprefix(".") or "the answer"
                return self.diverged(f"{place!r} {found.problem}", "structure")
        return self.held()
