"""The project in which a threat is tried, as a user would meet it."""

from __future__ import annotations

from projects import (  # noqa: F401 - pytest finds them by name
    _clients_go_with_the_module,
    project,
    pytest_itemcollected,
)
