"""The calibration plot of docs/model-card.md, from the metrics.json that `crumple evaluate` wrote.

    python recipes/card_plot.py crumple-evaluation/metrics.json docs/calibration.svg

Reported damage of the first model: dashed the scores, solid the probabilities that cross-validation gives.
"""

import sys
from pathlib import Path

from crumple.evaluate.metrics import Metrics
from crumple.evaluate.report.plots import reliability
from crumple.taxonomy import DAMAGE_BRANCH

COLOURS = {"quiet": "#666", "line": "#ddd", "link": "#0b62c4", "sheet": "#fff"}


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    metrics, out = map(Path, sys.argv[1:])
    evaluation = Metrics.model_validate_json(metrics.read_text(encoding="utf-8")).models[0]
    (branch,) = (branch for branch in evaluation.branches if branch.branch == DAMAGE_BRANCH)
    check = branch.calibration.reported
    if check is None or check.after is None:
        sys.exit(f"{metrics}: has no calibration of reported damage")
    svg = reliability(check.before.bins, check.after.bins, of="reported damage")
    for name, colour in COLOURS.items():
        svg = svg.replace(f"var(--{name})", colour)
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="360" font-family="sans-serif" ', 1)
    out.write_text(svg.replace("<path", '<rect width="100%" height="100%" fill="#fff"/><path', 1), encoding="utf-8")


if __name__ == "__main__":
    main()
