"""What became of an import, in a line for each thing that could not be imported and one for all."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["imported_line", "rejected_line", "unknown_hosts_line"]

_LONGEST = 500


def rejected_line(place: str, reason: str) -> str:
    """What was not imported, behind its place."""
    return finished([safe_line(f"{place}: {reason}"[:_LONGEST])])[0]


def unknown_hosts_line(hosts: Mapping[str, int]) -> str:
    """What has to be said in the ini file before tests play all that was imported.

    Args:
        hosts: How many calls went to each.
    """
    names = ", ".join(hosts)
    calls = many(sum(hosts.values()), "call")
    line = f"{calls} to {names}, no known host of models: tests play none before the ini file says"
    return finished([safe_line(f"{line} llm_hosts = {' '.join(hosts)}")])[0]


def imported_line(
    *,
    events: int,
    reconstructed: int,
    cassettes: int,
    unchanged: int,
    rejected: int,
    passed_over: Mapping[str, int],
    folder: str | None,
) -> str:
    """How much there is now, and how much is left out."""
    line = f"imported {many(events, 'call')} into {many(cassettes, 'cassette')}"
    line += "" if folder is None else f" in {folder}"
    notes = [f"{unchanged:,} unchanged"] if unchanged else []
    notes += [f"{reconstructed:,} reconstructed"] if reconstructed else []
    line += f" ({', '.join(notes)})" if notes else ""
    line += f"; {rejected:,} not imported" if rejected else ""
    line += "".join(
        f"; passed over {count:,}, each {reason}" for reason, count in passed_over.items()
    )
    return finished([safe_line(line)])[0]
