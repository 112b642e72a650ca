"""The fixture for pytest."""

import pytest

from . import Sandbox


@pytest.fixture(scope="session")
def _etrade_sandbox_of_the_session():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def etrade_sandbox(_etrade_sandbox_of_the_session):
    """A simulated E*TRADE in its initial state."""
    _etrade_sandbox_of_the_session.admin("reset")
    return _etrade_sandbox_of_the_session
