"""The tables of docs/model-card.md, in Markdown, from the metrics.json that `crumple evaluate` wrote.

python recipes/card_tables.py crumple-evaluation/metrics.json
"""

import sys
from pathlib import Path

from crumple.evaluate.average_precision import APReport, ClassAP
from crumple.evaluate.bootstrap import Estimate
from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.metrics import Metrics
from crumple.evaluate.pixels import ANY


def main() -> None:
    for evaluation in Metrics.model_validate_json(Path(sys.argv[1]).read_text()).models:
        print(average_precision(evaluation))
        for branch in evaluation.branches:
            print(as_reported(branch))


def average_precision(evaluation: Evaluation) -> str:
    """AP of every branch, view and class."""
    lines = table("|", "mask AP (95 %)", "AP50 (95 %)", "AP75", "small", "medium", "large", "box AP", "box AP50")
    for branch in evaluation.branches:
        overall = branch.intervals["mask"].overall
        lines.append(ap_row(f"**{branch.branch}**", branch.headline, overall.ap, overall.ap50))
        lines += [ap_row(f"{branch.branch}, {name.replace('_', ' ')}", view) for name, view in branch.views.items()]
    for branch in evaluation.branches:
        for row in branch.headline.classes:
            interval = branch.intervals["mask"].classes[row.name]
            lines.append(ap_row(f"{row.name} ({row.instances})", row, interval.ap, interval.ap50))
    return "\n".join(lines) + "\n"


def as_reported(branch: BranchEvaluation) -> str:
    """Precision, recall and overlap at the thresholds that ship."""
    lines = table(f"| {branch.branch} (drawn)", "right", "false", "precision", "recall", "F1", "mask IoU", "pixel IoU")
    rows = {**branch.operating.classes, "**all**": branch.operating.overall}
    for name, row in rows.items():
        shares = (row.precision, row.recall, row.f1, row.mean_iou, branch.pixel_intervals.get(name))
        pixel = branch.pixel_intervals[ANY] if name == "**all**" else shares[-1]
        cells = [percent(share.value) for share in shares[:-1]] + [percent(pixel.value if pixel else None)]
        cells[:2] = [with_interval(row.precision), with_interval(row.recall)] if name == "**all**" else cells[:2]
        lines.append(f"| {name} ({row.objects}) | {row.true_positives} | {row.false_positives} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def table(first: str, *columns: str) -> list[str]:
    return [f"{first} | {' | '.join(columns)} |", "|" + "---|" * (len(columns) + 1)]


def ap_row(name: str, row: APReport | ClassAP, ap: Estimate | None = None, ap50: Estimate | None = None) -> str:
    mask = row.mask
    first = [with_interval(ap) if ap else percent(mask.ap), with_interval(ap50) if ap50 else percent(mask.ap50)]
    rest = map(percent, (mask.ap75, mask.small, mask.medium, mask.large, row.box.ap, row.box.ap50))
    return f"| {name} | {' | '.join([*first, *rest])} |"


def with_interval(share: Estimate) -> str:
    if share.low is None or share.high is None:
        return percent(share.value)
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


if __name__ == "__main__":
    main()
