import pytest

from .builders import College, make_college


@pytest.fixture
def college(db: None) -> College:
    """Two centres with named people."""
    return make_college()
