"""Named sets of checks."""

from __future__ import annotations

__all__ = ["DEFAULT", "SETS"]

DEFAULT = ("exact",)
"""What an event is compared with where nobody asked for anything."""

SETS = {
    "exact": ("text", "tool_calls", "finish_reason", "tokens<=2x", "latency<=5x"),
    "contract": (
        "answered",
        "finish_reason",
        "refusal",
        "tool_calls:contract",
        "schema:request",
        "json:shape",
        "warn:text",
        "warn:model",
        "warn:tokens<=1.5x",
        "warn:latency<=3x",
        "warn:cost<=1.2x",
    ),
}
"""Each set and its members."""
