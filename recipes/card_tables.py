"""The tables of docs/model-card.md, in Markdown, from the metrics.json that `crumple evaluate` wrote.

python recipes/card_tables.py crumple-evaluation/metrics.json
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.measures.average_precision import APReport, ClassAP
from crumple.evaluate.measures.bootstrap import Estimate, Share
from crumple.evaluate.measures.pixels import ANY
from crumple.evaluate.metrics import Metrics
from crumple.evaluate.places.by_set import SetPlaces
from crumple.evaluate.places.names import in_order
from crumple.evaluate.report.place_rows import place_rows, set_name
from crumple.taxonomy import title


def main() -> None:
    for evaluation in Metrics.model_validate_json(Path(sys.argv[1]).read_text()).models:
        if evaluation.places:
            print(places(evaluation))
            for one in evaluation.places:
                if one.named and one.panels and one.seen:
                    print(places_by_part(one))
                    print(places_by_damage(one))
        print(alarms(evaluation))
        for branch in evaluation.branches:
            print(met(branch))
        print(average_precision(evaluation))
        for branch in evaluation.branches:
            print(as_reported(branch))


def places(evaluation: Evaluation) -> str:
    """Where damage is said to be, a column for each set."""
    lines = table("| %, with 95 % interval", *(f"{set_name(one)} ({one.photos} photos)" for one in evaluation.places))
    for row in place_rows(evaluation.places):
        cells = [with_interval(cell.figure) + (f" of {cell.of}" if cell.of else "") for cell in row.cells]
        lines.append(f"| {row.name.strip()} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def places_by_part(one: SetPlaces) -> str:
    """The same by part."""
    lines = table(
        f"| {set_name(one)}, by part, %",
        *("right part named", "sides merged", "damaged panels: recall", "precision", "undamaged ones alarmed"),
        *("seen: recall", "precision"),
    )
    named, panels, seen = (by_name(rows.parts if rows else ()) for rows in (one.named, one.panels, one.seen))
    for name in in_order([*named, *panels, *seen]):
        part, panel, view = named.get(name), panels.get(name), seen.get(name)
        shares = [part and part.right, part and part.sides_merged, panel and panel.recall, panel and panel.precision]
        shares += [panel and panel.alarmed, view and view.recall, view and view.precision]
        lines.append(f"| {title(name)} | {' | '.join(map(with_count, shares))} |")
    return "\n".join(lines) + "\n"


def places_by_damage(one: SetPlaces) -> str:
    """The same by damage type."""
    columns = ("right part named", "sides merged", "panels with it: recall", "panels where it is reported: damaged")
    lines = table(f"| {set_name(one)}, by damage type, %", *columns)
    panels = by_name(one.panels.damages if one.panels else ())
    for row in one.named.damages if one.named else ():
        panel = panels.get(row.name)
        shares = [row.right, row.sides_merged, panel and panel.recall, panel and panel.precision]
        lines.append(f"| {title(row.name)} | {' | '.join(map(with_count, shares))} |")
    return "\n".join(lines) + "\n"


def alarms(evaluation: Evaluation) -> str:
    """Photos with a finding, set by set."""
    lines = table("| photos with a finding, %", "undamaged", "photos", "share (95 %)", "held out")
    for row in evaluation.alarms:
        share = row.alarmed
        cells = ["yes" if row.undamaged else "no", str(share.of), with_interval(share.share)]
        cells.append(percent(row.held_out.share.value) if row.held_out else "-")
        lines.append(f"| {row.set} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def met(branch: BranchEvaluation) -> str:
    """How many drawn objects a finding of their class meets, beside a second person."""
    agreement = branch.agreement
    ious = ", ".join(f"{iou:g}" for iou in agreement.overlaps)
    lines = table(
        f"| {branch.name} (drawn)", f"met at IoU {ious}, %", "findings that meet one, %", "a second person, %"
    )
    for row in (*agreement.classes, agreement.anything):
        mine = " / ".join(percent(one.share.value) for one in row.met)
        person = " / ".join(percent(one, 0) for one in row.second_person.met) if row.second_person else "-"
        name = "**all**" if row is agreement.anything else title(row.name)
        lines.append(f"| {name} ({row.met[0].of}) | {mine} | {with_interval(row.meeting.share)} | {person} |")
    return "\n".join(lines) + "\n"


def by_name(rows: Sequence[Any]) -> dict[str, Any]:
    return {row.name: row for row in rows}


def with_count(one: Share | None) -> str:
    return f"{percent(one.share.value)} of {one.of}" if one and one.of else "-"


def average_precision(evaluation: Evaluation) -> str:
    """AP of every branch, view and class."""
    lines = table(
        "|", "mask AP (95 %)", "AP50 (95 %)", "AP10", "AP25", "AP75", "small", "medium", "large", "box AP", "box AP50"
    )
    for branch in evaluation.branches:
        overall = branch.intervals["mask"].overall
        lines.append(ap_row(f"**{branch.name}**", branch.headline, overall.ap, overall.ap50))
        lines += [ap_row(f"{branch.name}, {name.replace('_', ' ')}", view) for name, view in branch.views.items()]
    for branch in evaluation.branches:
        for row in branch.headline.classes:
            interval = branch.intervals["mask"].classes[row.name]
            lines.append(ap_row(f"{row.name} ({row.instances})", row, interval.ap, interval.ap50))
    return "\n".join(lines) + "\n"


def as_reported(branch: BranchEvaluation) -> str:
    """Precision, recall and overlap at the thresholds that ship."""
    lines = table(f"| {branch.name} (drawn)", "right", "false", "precision", "recall", "F1", "mask IoU", "pixel IoU")
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
    rest = map(
        percent, (mask.ap10, mask.ap25, mask.ap75, mask.small, mask.medium, mask.large, row.box.ap, row.box.ap50)
    )
    return f"| {name} | {' | '.join([*first, *rest])} |"


def with_interval(share: Estimate) -> str:
    if share.low is None or share.high is None:
        return percent(share.value)
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})"


def percent(value: float | None, decimals: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{decimals}f}"


if __name__ == "__main__":
    main()
