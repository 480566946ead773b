"""Writing how much a model is to think: a budget of tokens, or the model's own measure."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.event import Json, Reasoning
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.conversion.reasoning import effort_of_budget

from .claude import refuses_budgets, thinks, thinks_adaptively

__all__ = ["write_thinking"]

_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh"}
_EFFORTS |= {"max": "max"}
_BUDGETS = {"low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 32_768}
_LEAST_BUDGET = 1024
_DISPLAYS = frozenset({"summarized", "omitted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    code: str
    """What it is called where it cannot be fulfilled."""
    budget: int
    effort: str | None = None
    """The word for models that measure by themselves; none where that is left to them."""
    told: bool = False
    """Whether the budget is what was asked for."""


def write_thinking(
    reasoning: Reasoning | None, model: str, limit: Json, losses: Losses, *, forced: bool
) -> tuple[dict[str, Json], str | None]:
    """`thinking`, and the word for the effort where the model decides by itself.

    Args:
        reasoning: What was asked.
        model: Who is asked.
        limit: `max_tokens`, below which a budget has to stay.
        losses: Is told what changed.
        forced: Whether a tool has to be called; thinking with a budget excludes that.
    """
    if reasoning is None:
        return {}, None
    losses.keys(reasoning.extra, "reasoning.")
    shown = _shown(reasoning.summary, losses)
    if reasoning.effort == "none" or reasoning.mode == "disabled":
        return ({} if refuses_budgets(model) else {"thinking": {"type": "disabled"}}), None
    wish = _wish(reasoning, losses)
    if wish is None:
        return ({"thinking": {"type": "adaptive", **shown}} if shown else {}), None
    if thinks_adaptively(model) and (refuses_budgets(model) or not wish.told):
        losses.add(*([f"~{wish.code}"] if wish.told else []))
        return {"thinking": {"type": "adaptive", **shown}}, wish.effort
    budget = _within(wish, limit)
    if forced or budget is None or not thinks(model):
        losses.add(wish.code)
        return {}, None
    if not wish.told or budget != wish.budget:
        losses.add(f"~{wish.code}")
    return {"thinking": {"type": "enabled", "budget_tokens": budget, **shown}}, None


def _shown(summary: str | None, losses: Losses) -> dict[str, Json]:
    """How thoughts are told: the format knows no degrees."""
    if summary is None or summary in _DISPLAYS:
        return {"display": summary} if summary else {}
    losses.add(*(["~reasoning.summary"] if summary != "auto" else []))
    return {"display": "summarized"}


def _wish(reasoning: Reasoning, losses: Losses) -> _Wish | None:
    """What is asked for; none where only words of another provider ask."""
    effort, budget = _EFFORTS.get(reasoning.effort or ""), reasoning.budget_tokens
    if budget is not None:
        word = effort or effort_of_budget(budget)
        return _Wish(code="thinking.budget_tokens", budget=budget, effort=word, told=True)
    if effort is not None:
        return _Wish(code="reasoning.effort", budget=_BUDGETS[effort], effort=effort)
    if reasoning.effort not in {None, "default"}:
        losses.add("reasoning.effort")
    if reasoning.mode is not None:
        return _Wish(code=f"thinking.{reasoning.mode}", budget=_BUDGETS["medium"])
    return None


def _within(wish: _Wish, limit: Json) -> int | None:
    """Tokens to think with, fewer than the answer may have in all.

    A budget that nobody asked for leaves half of them for the words.
    """
    most = limit - 1 if isinstance(limit, int) else 0
    if not wish.told:
        most = min(most, max(_LEAST_BUDGET, (most + 1) // 2))
    fitting = min(max(wish.budget, _LEAST_BUDGET), most)
    return fitting if fitting >= _LEAST_BUDGET else None
