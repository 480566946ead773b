"""The tables of the documentation tell what conversions lose."""

from __future__ import annotations

import pytest
from providers.loss_table import IN_DOCS, tables


def test_the_documentation_tells_what_a_conversion_loses(pytestconfig: pytest.Config) -> None:
    """To write it anew: `pytest tests/providers --conversion-table write`."""
    if pytestconfig.getoption("conversion_table", None) == "write":
        IN_DOCS.write(tables())
    assert tables() == IN_DOCS.read()
