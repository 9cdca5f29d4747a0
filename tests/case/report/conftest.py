"""A real browser, as the service's tests have it."""

from tests.serve.browser.conftest import browser_context, chromium

__all__ = ["browser_context", "chromium"]
