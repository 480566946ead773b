"""The projects that the tests of the plugin run."""

from __future__ import annotations

from aws_projects import aws  # noqa: F401 - pytest finds it by name
from gated import gate  # noqa: F401 - pytest finds it by name
from projects import (  # noqa: F401 - pytest finds them by name
    _clients_go_with_the_module,
    one,
    project,
    pytest_itemcollected,
)
