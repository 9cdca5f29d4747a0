import signal
from collections import Counter

import pytest

from tests.browser import browser_context, chromium

__all__ = ["browser_context", "chromium"]


def pytest_ignore_collect(collection_path, config):
    """A file that is slow as a whole is not imported for the quick loop: TensorFlow alone takes 12 s a worker."""
    if config.option.markexpr == "not slow" and collection_path.suffix == ".py":
        return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text(encoding="utf-8") or None
    return None


def pytest_collection_modifyitems(items):
    """Files with the most slow tests first: a worker that begins a long file last runs it alone for minutes."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(autouse=True, scope="session")
def no_cache_of_the_user():
    """Compiled networks of the tests stay out of the user's cache, also in processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRUMPLE_CACHE", "")
        yield


@pytest.fixture(autouse=True, scope="session")
def commands_that_hear_ctrl_c():
    """What a shell starts in the background ignores Ctrl-C, and so does all that it starts: tests send it to some."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
