"""The projects whose runs the commands look at."""

from __future__ import annotations

from projects import (  # noqa: F401 - pytest finds them by name
    _clients_go_with_the_module,
    one,
    project,
    pytest_itemcollected,
)
