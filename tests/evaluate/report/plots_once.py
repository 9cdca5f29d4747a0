"""Plots of reports in tests: the same figures give the same plots, and a report's take three seconds to draw."""

import pytest

from crumple.evaluate.report import page


@pytest.fixture(autouse=True, scope="module")
def plots_once():
    """The plots of a branch are drawn the first time that a file's tests want them."""
    drawn, draw = {}, page.branch_plots

    def plots(branch):
        figures = branch.model_dump_json()
        if figures not in drawn:
            drawn[figures] = draw(branch)
        return drawn[figures]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "branch_plots", plots)
        yield
