"""Annotation files of the fake CVAT server: what the real one exports as COCO, and how it imports CVAT's own XML."""

from collections import Counter
from pathlib import PurePosixPath
from xml.etree import ElementTree

from tests.label.cvat.fake_cvat_drawings import upright_size
from tests.label.cvat.fake_cvat_refusal import Refusal


def export_coco(state, project):
    """COCO 1.0 of a project.

    As of CVAT 2.73: a second frame of one name becomes NAME_1; the attribute `score` is lifted into COCO's own; a
    rectangle has its box unturned, and the angle as an attribute.
    """
    labels = [label for label in state.labels if label["project_id"] == project]
    specs = {spec["id"]: spec for label in labels for spec in label["attributes"]}
    images, annotations, seen = [], [], Counter()
    for task in sorted((one for one in state.tasks if one["project_id"] == project), key=lambda one: one["id"]):
        jobs = [job for job in state.jobs_of(task["id"]) if job["type"] == "annotation"]
        ids = {}
        for frame, (name, data) in enumerate(state.frames[task["id"]]):
            path, (width, height) = PurePosixPath(name), upright_size(data)
            shown = name if not seen[name] else str(path.with_name(f"{path.stem}_{seen[name]}{path.suffix}"))
            seen[name] += 1
            ids[frame] = len(images) + 1
            images.append({"id": ids[frame], "width": width, "height": height, "file_name": shown})
        for shape in state.annotations(jobs)["shapes"]:
            said = {specs[one["spec_id"]]["name"]: _value(specs[one["spec_id"]], one) for one in shape["attributes"]}
            lifted = {"score": float(said.pop("score"))} if "score" in said else {}
            said |= {"occluded": shape["occluded"]}
            if shape["type"] == "rectangle":
                left, top, right, bottom = shape["points"]
                outline = {"segmentation": [], "bbox": [left, top, right - left, bottom - top]}
                said["rotation"] = shape["rotation"]
            else:
                outline = {"segmentation": [shape["points"]]}
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": ids[shape["frame"]],
                    "category_id": shape["label_id"],
                    "iscrowd": 0,
                    "attributes": said,
                    **lifted,
                    **outline,
                }
            )
    categories = [{"id": label["id"], "name": label["name"], "supercategory": ""} for label in labels]
    return {"licenses": [], "info": {}, "categories": categories, "images": images, "annotations": annotations}


def import_cvat(state, task, path):
    """An annotations.xml into a task: an image is the frame of its name, or else the one whose number is its id."""
    names = [name for name, _ in state.frames[task["id"]]]
    labels = {one["name"]: one["id"] for one in state.labels if one["project_id"] == task["project_id"]}
    shapes = []
    for image in ElementTree.parse(path).getroot().iter("image"):
        frame = names.index(image.get("name")) if image.get("name") in names else int(image.get("id"))
        if frame not in range(len(names)):
            raise Refusal(400, f"Unknown internal frame id {frame}")
        for polygon in image.iter("polygon"):
            points = [float(value) for pair in polygon.get("points").split(";") for value in pair.split(",")]
            label = labels[polygon.get("label")]
            shapes.append({"type": "polygon", "frame": frame, "label_id": label, "points": points})
    state.annotate(state.users[0], state.jobs_of(task["id"]), "replace", {"shapes": shapes})


def _value(spec, one):
    return one["value"] == "true" if spec["input_type"] == "checkbox" else one["value"]
