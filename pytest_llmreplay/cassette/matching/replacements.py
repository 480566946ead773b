"""A line of `llm_match_replace`, read where nothing else of the matching rules is needed."""

from __future__ import annotations

from pytest_llmreplay.errors import ConfigError

__all__ = ["replacement_of"]


def replacement_of(line: str) -> tuple[str, str]:
    """A line of `llm_match_replace`: pattern, and what takes its place.

    Raises:
        ConfigError: The line has no `=>`.
    """
    pattern, arrow, text = line.partition("=>")
    if not arrow:
        raise ConfigError(
            f"llm_match_replace: {line!r} has no '=>'; write it as PATTERN => REPLACEMENT"
        )
    return pattern.strip(), text.strip()
