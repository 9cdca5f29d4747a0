"""COCO average precision of boxes and masks, overall, per class and by size: pycocotools does the counting.

T = 12 IoU thresholds: 0.10 and 0.25, then COCO's ten 0.50:0.05:0.95. R = 101 recall points, K classes, A = 4 size
ranges (all, small, medium, large). Every AP is a share in 0..1, or None where there is nothing to find, which no mean
counts.

Source: Lin et al., "Microsoft COCO: Common Objects in Context", 2014, and cocodataset.org/#detection-eval.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any, Literal

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from pydantic import BaseModel, ConfigDict

from crumple.errors import DataError
from crumple.evaluate.judged.regions import MAX_FOUND, PhotoRegions, Region

Kind = Literal["box", "mask"]

# People who draw the same damage twice often agree by less than COCO's lowest threshold: what counts is also that it is
# found at all, whatever the outline.
IOUS = np.array([0.10, 0.25, *np.linspace(0.5, 0.95, 10)])
AT_10, AT_25, AT_50, AT_75 = 0, 1, 2, 7  # indices into the T thresholds; COCO's own are those from AT_50 on
_ALL, _SMALL, _MEDIUM, _LARGE = range(4)  # indices into the A size ranges


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AP(_Record):
    """AP over IoU 0.50..0.95, at 0.10, 0.25, 0.50 and 0.75, and over 0.50..0.95 of small, medium and large objects.

    The size is the drawn mask's area: small up to 32x32 pixels, large from 96x96, medium between.
    """

    ap: float | None
    ap10: float | None
    ap25: float | None
    ap50: float | None
    ap75: float | None
    small: float | None
    medium: float | None
    large: float | None


class ClassAP(_Record):
    """One class: how often it is drawn (crowds left out), on how many photos, and how well it is found."""

    name: str
    instances: int
    photos: int
    box: AP
    mask: AP


class APReport(_Record):
    """AP of one branch in one view of its classes. The overall AP is the mean over the classes that occur."""

    branch: str
    photos: int
    instances: int
    box: AP
    mask: AP
    classes: tuple[ClassAP, ...]


def regions_ap(
    photos: Sequence[PhotoRegions],
    branch: str,
    classes: Sequence[str],
    *,
    relabel: Mapping[str, str] | None = None,
) -> APReport:
    """AP of `branch` over photos; of regions, so that several views of the same detections cost one pasting.

    Args:
        classes: the branch's class names; every drawn and found label must be one of them.
        relabel: name -> coarser name, applied to both sides first; a name it does not hold stays.

    Raises DataError when a label is not among `classes`.
    """
    return ap_report(branch, coco_evaluations(photos, branch, classes, relabel=relabel))


def coco_evaluations(
    photos: Sequence[PhotoRegions],
    branch: str,
    classes: Sequence[str],
    *,
    relabel: Mapping[str, str] | None = None,
) -> dict[Kind, COCOeval]:
    """The matching behind `regions_ap`: pycocotools' own evaluations, evaluated and accumulated. Arguments as there."""
    merged = relabel or {}
    names = tuple(dict.fromkeys(merged.get(name, name) for name in classes))
    ids = {name: names.index(merged.get(name, name)) + 1 for name in classes}
    truth = _truth(photos, ids, branch, names)
    return {kind: _evaluation(truth, _results(photos, ids, branch, kind), kind) for kind in ("box", "mask")}


def ap_report(branch: str, evaluations: Mapping[Kind, COCOeval]) -> APReport:
    """The figures of what `coco_evaluations` returned."""
    truth = evaluations["mask"].cocoGt.dataset
    # (T, R, K, A) precision, -1 where there is nothing to find.
    box, mask = (evaluations[kind].eval["precision"][..., 0] for kind in ("box", "mask"))
    wanted = [annotation for annotation in truth["annotations"] if not annotation["iscrowd"]]
    rows = []
    for k, category in enumerate(truth["categories"]):
        mine = [annotation["image_id"] for annotation in wanted if annotation["category_id"] == category["id"]]
        rows.append(
            ClassAP(
                name=category["name"],
                instances=len(mine),
                photos=len(set(mine)),
                box=_scores(box[:, :, k : k + 1]),
                mask=_scores(mask[:, :, k : k + 1]),
            )
        )
    return APReport(
        branch=branch,
        photos=len(truth["images"]),
        instances=len(wanted),
        box=_scores(box),
        mask=_scores(mask),
        classes=tuple(rows),
    )


def _category(region: Region, ids: Mapping[str, int], branch: str) -> int:
    if region.label not in ids:
        raise DataError(f"label {region.label!r} is not a class of branch {branch!r} (it has {', '.join(ids)})")
    return ids[region.label]


def _truth(photos: Sequence[PhotoRegions], ids: Mapping[str, int], branch: str, names: Sequence[str]) -> COCO:
    """The drawn regions as a COCO data set. Ids start at 1: to pycocotools a match with annotation 0 is no match."""
    annotations: list[dict[str, Any]] = []
    for image_id, photo in enumerate(photos):
        for region in photo.drawn:
            x0, y0, x1, y1 = region.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": _category(region, ids, branch),
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "segmentation": region.rle,
                    "area": float(coco_mask.area(region.rle)),
                    "iscrowd": int(region.crowd),
                }
            )
    return _coco(
        {
            "images": [{"id": i, "width": photo.width, "height": photo.height} for i, photo in enumerate(photos)],
            "categories": [{"id": k + 1, "name": name} for k, name in enumerate(names)],
            "annotations": annotations,
        }
    )


def _results(photos: Sequence[PhotoRegions], ids: Mapping[str, int], branch: str, kind: Kind) -> list[dict[str, Any]]:
    """The found regions as COCO results, boxes or masks, never both: given a box, `loadRes` sizes masks by its area."""
    results: list[dict[str, Any]] = []
    for image_id, photo in enumerate(photos):
        for region in sorted(photo.found, key=lambda found: -found.score)[:MAX_FOUND]:
            x0, y0, x1, y1 = region.box
            shape = {"bbox": [x0, y0, x1 - x0, y1 - y0]} if kind == "box" else {"segmentation": region.rle}
            category = _category(region, ids, branch)
            results.append({"image_id": image_id, "category_id": category, "score": region.score, **shape})
    return results


def _evaluation(truth: COCO, results: list[dict[str, Any]], kind: Kind) -> COCOeval:
    with redirect_stdout(io.StringIO()):
        # loadRes looks at the first result to learn the kind, so it cannot take an empty list.
        found = truth.loadRes(results) if results else _coco({**truth.dataset, "annotations": []})
        evaluation = COCOeval(truth, found, {"box": "bbox", "mask": "segm"}[kind])
        evaluation.params.iouThrs = IOUS
        evaluation.params.maxDets = [MAX_FOUND]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _coco(dataset: dict[str, Any]) -> COCO:
    with redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dataset
        coco.createIndex()
    return coco


def _scores(precision: np.ndarray) -> AP:
    """The figures from (T, R, K, A) precision."""

    def mean(values: np.ndarray) -> float | None:
        values = values[values > -1]
        return float(values.mean()) if values.size else None

    strict = precision[AT_50:]
    return AP(
        ap=mean(strict[..., _ALL]),
        ap10=mean(precision[AT_10, ..., _ALL]),
        ap25=mean(precision[AT_25, ..., _ALL]),
        ap50=mean(precision[AT_50, ..., _ALL]),
        ap75=mean(precision[AT_75, ..., _ALL]),
        small=mean(strict[..., _SMALL]),
        medium=mean(strict[..., _MEDIUM]),
        large=mean(strict[..., _LARGE]),
    )
