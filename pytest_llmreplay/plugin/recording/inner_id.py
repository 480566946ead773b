"""What a test is called in its file, whatever other plugins have written into its node id."""

from __future__ import annotations

import re

import pytest

__all__ = ["inner_id"]

# https://github.com/pytest-dev/pytest-repeat/blob/main/pytest_repeat.py
_STEP = "__pytest_repeat_step_number"
_COUNT = re.compile(r"(?P<before>\[|-)\d+-\d+\]\Z")


def inner_id(item: pytest.Item) -> str:
    """What follows the file in a test's node id.

    It is the same for each repetition that pytest-repeat makes of the test, and for each way in
    which pytest-xdist distributes it.
    """
    inner = item.nodeid.partition("::")[2] or item.name
    inner = inner.removesuffix(_group(item))
    if _STEP not in getattr(getattr(item, "callspec", None), "params", ()):
        return inner
    return _COUNT.sub(lambda found: "" if found["before"] == "[" else "]", inner)


def _group(item: pytest.Item) -> str:
    """What pytest-xdist adds to the node id for `--dist loadgroup`, as `@gpu_slow`."""
    # https://github.com/pytest-dev/pytest-xdist/blob/v3.8.0/src/xdist/remote.py
    marks = item.iter_markers("xdist_group")
    names = {str((*mark.args, mark.kwargs.get("name", "default"))[0]) for mark in marks}
    return f"@{'_'.join(sorted(names))}"
