"""What a request says beside its neutral fields, on its way to another format."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pytest_llmreplay.event import Json

from .losses import Losses

__all__ = ["note_state"]

_ENCRYPTED = "reasoning.encrypted_content"
_KNOWN = ("model", "stream", "stream_options", "include", "anthropic_version")
"""Written anew for every request, or looked into below."""


def note_state(extra: Mapping[str, Json], losses: Losses, *, kept: Collection[str] = ()) -> None:
    """Note every key that no field took and no rule keeps, under its own name.

    Args:
        extra: What decoding left of the request.
        losses: Is told of each.
        kept: Keys that the other format takes, too.
    """
    options = extra.get("stream_options")
    if isinstance(options, dict):
        losses.keys(options, "stream_options.", known=("include_usage",))
    include = extra.get("include")
    if isinstance(include, list):
        losses.add(*(f"include.{word}" for word in include if word != _ENCRYPTED))
    losses.keys(extra, known={*_KNOWN, *kept})
