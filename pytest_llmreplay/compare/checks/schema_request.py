"""`schema:request`: the answer is valid against the schema that the request asked for."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair

from .conforms import Conforms

__all__ = ["RequestSchema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSchema(Conforms):
    """Every choice that has words is valid, where the request asked for a schema."""

    def judge(self, pair: Pair) -> Finding:
        """Validate; a request that asks for no schema holds."""
        schema = pair.baseline.request.output_schema
        if schema is None:
            return self.idle("no schema was asked for")
        if not isinstance(schema, dict) or not any(pair.now.texts):
            return self.held()
        return self.conform(pair.now, schema)
