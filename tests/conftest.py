import pytest


@pytest.fixture(autouse=True, scope="session")
def no_cache_of_the_user():
    """Compiled networks of the tests stay out of the user's cache, also in processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRUMPLE_CACHE", "")
        yield
