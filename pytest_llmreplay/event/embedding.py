"""The neutral view of an embedding call: what was turned into vectors, and what came of it.

The vectors themselves stay raw, in the body where they stood.
"""

from __future__ import annotations

from dataclasses import dataclass

from .exchange import Json

__all__ = ["EmbeddingInput", "EmbeddingOutput"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingInput:
    """What is to be embedded, and how."""

    inputs: tuple[Json, ...] = ()
    """Each a text; a list of token ids or an object of parts where it is no text alone."""
    dimensions: int | None = None
    """Length that the vectors are to have."""
    encoding: str | None = None
    """How the numbers are to come, in the provider's own word: `float`, `base64`, `int8` …"""
    input_type: str | None = None
    """What the vectors are for, in the provider's own word, as `search_query`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingOutput:
    """The vectors of an answer, counted."""

    count: int
    """How many vectors came, of one kind where several were asked for."""
    dimension: int | None = None
    """How many numbers each has; none where they differ or there are none."""
