"""What a live run must say about money before its first call."""

from __future__ import annotations

from collections.abc import Collection

from pytest_llmreplay.compare.figures.prices import price
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["has_price", "refuse_unlimited", "refuse_unpriced"]


def has_price(target: Target, provider: str, model: str) -> bool:
    """Whether anybody knows what a model of a target costs."""
    some = Usage(input_tokens=1, output_tokens=1)
    return target.price is not None or price(provider, model, some) is not None


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
