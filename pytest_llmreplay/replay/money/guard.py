"""What a live run must say about money before its first call."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pytest_llmreplay.errors import ConfigError

__all__ = ["is_ci", "refuse_unlimited", "refuse_unpriced"]


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether nobody watches: a CI server says so in `CI`."""
    return environ.get("CI", "").strip().lower() not in {"", "0", "false"}


def refuse_unlimited(target: str, host: str) -> None:
    """Refuse to spend money on a CI server without a limit.

    Raises:
        ConfigError: Always.
    """
    raise ConfigError(
        f"{target}: CI is set, and calls to {host} may cost money without anybody watching: say "
        "how much this run may spend with --llm-max-cost USD"
    )


def refuse_unpriced(target: str, models: Collection[str]) -> None:
    """Refuse a limit that nobody can keep.

    Args:
        target: Name of the target.
        models: `provider/model` of those without a price.

    Raises:
        ConfigError: Always.
    """
    named = ", ".join(sorted(models))
    raise ConfigError(
        f"--llm-max-cost: {target}: no list price for {named}, so no limit can be kept; leave "
        "--llm-max-cost out, or write down in llmreplay.yaml what the target costs, in USD for a "
        "million tokens:\n"
        "  targets:\n"
        "    NAME: {provider: PROVIDER, model: MODEL, price: {input: 0.25, output: 2}}"
    )
