"""A COCO instances file of what was found: images, categories of all branches, annotations with `score`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crumple.detect import rle
from crumple.detect.detections import Detections

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment, PhotoInfo

# Branch -> COCO supercategory; a branch of another name is its own.
SUPERCATEGORIES = {"parts": "part", "damage": "damage"}


class CocoFile:
    """Collects photos and what was found in them.

    Args:
        classes: class names by branch, in the model's order; they become categories 1, 2, ...
    """

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        self._categories = [
            {"id": 0, "name": name, "supercategory": SUPERCATEGORIES.get(branch, branch)}
            for branch, names in classes.items()
            for name in names
        ]
        self._ids: dict[tuple[str, str], int] = {}
        for i, category in enumerate(self._categories, start=1):
            category["id"] = i
            self._ids[str(category["supercategory"]), str(category["name"])] = i
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add_detections(self, photo: "PhotoInfo", detections: Detections) -> None:
        """Add a photo with everything the network found in it, its exact masks as compressed run lengths."""
        image_id = self._add_photo(photo)
        for branch, found in detections.items():
            for i in range(len(found)):
                patch = found.patch(i, photo.height, photo.width)
                runs = patch.rle(photo.height, photo.width)
                box, score = found.boxes[i].tolist(), float(found.scores[i])
                self._add(image_id, branch, found.name(i), score, box, patch.area, runs)

    def add_assessment(self, assessment: "Assessment") -> None:
        """Add a photo with the parts, findings and further objects that an assessment reports."""
        image_id = self._add_photo(assessment.photo)
        for part in assessment.parts:
            runs = part.mask.rle()
            self._add(image_id, "parts", part.label, part.score, part.box, rle.area(runs), runs)
        for finding in assessment.findings:
            runs = finding.mask.rle()
            self._add(image_id, "damage", finding.damage, finding.score, finding.box, rle.area(runs), runs)
        for one in assessment.objects:
            runs = one.mask.rle()
            self._add(image_id, one.branch, one.label, one.score, one.box, rle.area(runs), runs)

    def to_dict(self) -> dict[str, Any]:
        """The file's content; also what `pycocotools` and CVAT ask for: info and licenses."""
        return {
            "info": {"description": "parts and damage found by crumple"},
            "licenses": [],
            "images": self._images,
            "categories": self._categories,
            "annotations": self._annotations,
        }

    def _add_photo(self, photo: "PhotoInfo") -> int:
        image_id = len(self._images) + 1
        self._images.append({"id": image_id, "file_name": photo.name, "width": photo.width, "height": photo.height})
        return image_id

    def _add(
        self,
        image_id: int,
        branch: str,
        label: str,
        score: float,
        box: Sequence[float],
        area: int,
        runs: dict[str, Any],
    ) -> None:
        left, top, right, bottom = box
        self._annotations.append(
            {
                "id": len(self._annotations) + 1,
                "image_id": image_id,
                "category_id": self._ids[SUPERCATEGORIES.get(branch, branch), label],
                "score": round(score, 5),
                "bbox": [round(value, 2) for value in (left, top, right - left, bottom - top)],
                "area": area,
                "segmentation": runs,
                "iscrowd": 0,
            }
        )
