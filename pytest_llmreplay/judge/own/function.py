"""The function of a judge of a user's own, whatever it asks to be given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from pytest_llmreplay.errors import ConfigError

__all__ = ["HOOK", "Function", "function_of"]

HOOK = "pytest_llmreplay_judge"

Function: TypeAlias = Callable[[str, str, str], Any]
"""Of the question, the answer and the recorded answer: a score, or a score and an explanation."""

_PLACES = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def function_of(given: object, *, pairwise: bool = False) -> Function:
    """A function of a question and an answer, or of the recorded answer too, made uniform.

    Args:
        given: By a hook.
        pairwise: Whether it has to compare two answers.

    Raises:
        ConfigError: It is none of these.
    """
    if not callable(given):
        raise ConfigError(f"{HOOK}: expected a function, got {type(given).__name__}")
    try:
        places = [one for one in inspect.signature(given).parameters.values() if _is_asked(one)]
    except (TypeError, ValueError):
        places = []
    if len(places) == 2 and pairwise:  # noqa: PLR2004 - as below
        raise ConfigError(
            f"{HOOK}: with judge.pairwise two answers are compared: write the judge as "
            "judge(question, answer, baseline)"
        )
    if len(places) == 2:  # noqa: PLR2004 - the question and the answer
        return lambda question, answer, _: given(question, answer)
    if len(places) == 3:  # noqa: PLR2004 - the recorded answer too
        return given
    raise ConfigError(f"{HOOK}: write the judge as judge(question, answer) or with a baseline")


def _is_asked(parameter: inspect.Parameter) -> bool:
    """Whether a place is for one of our arguments: a user's own come with a default."""
    required = parameter.default is inspect.Parameter.empty
    return parameter.kind in _PLACES and (required or parameter.name == "baseline")
