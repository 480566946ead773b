"""Tokens that Bedrock counts itself, for models whose answers tell none.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from pytest_llmreplay.event import Exchange, Failure, Json, Response, Usage

from .fields import as_int, as_object

__all__ = ["COUNT_HEADERS", "METRICS", "metrics_of", "with_bedrock_counts"]

METRICS = "amazon-bedrock-invocationMetrics"
"""Key that Bedrock adds to the last piece of a stream, whoever made the model."""
_READ, _WRITTEN = "inputTokenCount", "outputTokenCount"
_HEADERS = {
    _READ: "x-amzn-bedrock-input-token-count",
    _WRITTEN: "x-amzn-bedrock-output-token-count",
}
COUNT_HEADERS = frozenset(_HEADERS.values())
"""Headers in which Bedrock tells the tokens of an answer that is no stream."""
_COUNT = re.compile(r"[0-9]{1,15}")


def with_bedrock_counts(response: Response, exchange: Exchange) -> Response:
    """The answer with the counts that Bedrock tells in headers or at the end of a stream.

    Those that the answer itself tells come first.
    """
    if isinstance(exchange.response, Failure) or response.usage.raw is not None:
        return response
    told = as_object(response.extra.get(METRICS)) or _in_headers(exchange.response.headers)
    usage = response.usage
    read, written = as_int(told.get(_READ)), as_int(told.get(_WRITTEN))
    counted = replace(
        usage,
        input_tokens=read if usage.input_tokens is None else usage.input_tokens,
        output_tokens=written if usage.output_tokens is None else usage.output_tokens,
    )
    return response if counted == usage else replace(response, usage=counted)


def metrics_of(usage: Usage) -> dict[str, Json]:
    """The counts as the last piece of a stream tells them."""
    counts = {_READ: usage.input_tokens, _WRITTEN: usage.output_tokens}
    return {key: count for key, count in counts.items() if count is not None}


def _in_headers(headers: Mapping[str, str]) -> dict[str, Json]:
    found = {key: _COUNT.fullmatch(headers.get(name, "")) for key, name in _HEADERS.items()}
    return {key: int(count[0]) for key, count in found.items() if count is not None}
