"""Tests whose cassettes would be one file where case does not count."""

from __future__ import annotations

import pytest

__all__ = ["class_alike"]


def class_alike(item: pytest.Item) -> bool:
    """Whether beside the class of a test stands one whose name differs from its own in case alone.

    All classes of the file count, so that a test has the same cassette whichever tests are run.
    """
    return any(_has_twin(node) for node in item.listchain() if isinstance(node, pytest.Class))


def _has_twin(node: pytest.Class) -> bool:
    beside = vars(getattr(node.parent, "obj", node))
    twins = (name for name in beside if name.casefold() == node.name.casefold())
    return any(name != node.name and isinstance(beside[name], type) for name in twins)
