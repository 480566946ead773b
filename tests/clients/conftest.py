"""The project in which the calls of clients are proven."""

from __future__ import annotations

import pytest
from client_project import ClientProject
from projects import (  # noqa: F401 - pytest finds them by name
    Project,
    _clients_go_with_the_module,
    project,
    pytest_itemcollected,
)


@pytest.fixture
def client_project(project: Project) -> ClientProject:  # noqa: F811 - the fixture
    """A project that makes one call against the loopback provider."""
    return ClientProject(project)
