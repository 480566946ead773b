"""What the tests of importers share."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing import Importing


@pytest.fixture
def project(tmp_path: Path) -> Importing:
    """A project into which logs are imported."""
    return Importing(tmp_path)
