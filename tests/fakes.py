"""A network that finds what it is told to find, in the shapes of the real one."""

import json
from dataclasses import dataclass, field

import numpy as np

from crumple.detect.detector import Detector
from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.files import file_sha256

MASK = 28
SIZE = (100, 200)  # canvas height and width


@dataclass
class Thing:
    """One object to be found: branch, class name, box (xyxy, canvas pixels), score, mask grid (default: full).

    places: what the place head says of a damage, by name; 0.01 of all others. real: its second opinion.
    """

    branch: str
    label: str
    box: tuple[float, float, float, float]
    score: float = 0.9
    mask: np.ndarray = field(default_factory=lambda: np.ones((MASK, MASK), np.float32))
    places: dict[str, float] = field(default_factory=dict)
    real: float = 0.5


class FakeNetwork:
    """Returns the same things for every canvas; `slots` fixed slots per branch, empty ones with score 0.

    seen, damaged: what the photo as a whole says, by place; 0.01 of all others. For an `info` with places.
    """

    def __init__(self, info, things, slots=20, seen=None, damaged=None):
        self.info, self.things, self.slots = info, list(things), slots
        self.seen, self.damaged = seen or {}, damaged or {}
        self.canvases = []

    def __call__(self, canvas):
        assert canvas.dtype == np.uint8 and canvas.shape == (1, *self.info.input_size, 3)
        self.canvases.append(canvas)
        outputs = {}
        for branch in self.info.branches:
            boxes = np.zeros((1, self.slots, 4), np.float32)
            scores = np.zeros((1, self.slots), np.float32)
            labels = np.zeros((1, self.slots), np.int64)
            masks = np.zeros((1, self.slots, MASK, MASK), np.float32)
            mine = [thing for thing in self.things if thing.branch == branch.name]
            for i, thing in enumerate(mine):
                boxes[0, i], scores[0, i], masks[0, i] = thing.box, thing.score, thing.mask
                labels[0, i] = branch.classes.index(thing.label)
            for kind, array in (("boxes", boxes), ("scores", scores), ("labels", labels), ("masks", masks)):
                outputs[f"{branch.name}_{kind}"] = array
            if branch.name == "damage" and self.info.places:
                outputs["damage_places"] = np.zeros((1, self.slots, len(self.info.places)), np.float32)
                outputs["damage_real"] = np.zeros((1, self.slots), np.float32)
                for i, thing in enumerate(mine):
                    outputs["damage_places"][0, i] = self._chances(thing.places)
                    outputs["damage_real"][0, i] = thing.real
        if self.info.places:
            outputs["parts_seen"] = self._chances(self.seen)[None]
            outputs["parts_damaged"] = self._chances(self.damaged)[None]
        return outputs

    def _chances(self, given):
        assert set(given) <= set(self.info.places)
        return np.array([given.get(name, 0.01) for name in self.info.places], np.float32)


PARTS = ("front_left_door", "back_left_door", "hood", "wheel")
DAMAGES = ("scratch", "dent", "airbag_deployed")


def fake_info(**changes):
    """A small two-branch model description."""
    fields = {
        "name": "fake",
        "version": "1",
        "input_size": SIZE,
        "branches": (BranchInfo(name="parts", classes=PARTS), BranchInfo(name="damage", classes=DAMAGES)),
        "thresholds": {
            "parts": {name: {"upper": 0.5, "lower": 0.5} for name in PARTS},
            "damage": {name: {"upper": 0.6, "lower": 0.3} for name in DAMAGES},
        },
    }
    return ModelInfo(**(fields | changes))


def fake_detector(things, info=None, **options):
    """A detector whose network finds `things`; options: of FakeNetwork."""
    info = info or fake_info()
    return Detector(FakeNetwork(info, things, **options), info)


def save_model(folder, size=SIZE, leave_out=(), places=()):
    """A real OpenVINO model: one part whose score is the mean of the picture / 255, and no damage.

    places: of place heads, which say the mean of everything.
    """
    import openvino
    from openvino import opset13 as ops

    images = ops.parameter([1, *size, 3], np.float32, name="images")
    images.output(0).get_tensor().set_names({"images"})
    mean = ops.reduce_mean(images, np.array([1, 2, 3]), keep_dims=False)
    score = ops.reshape(ops.divide(mean, np.float32(255)), np.array([1, 1]), special_zero=False)
    weights = np.random.default_rng(0).random((1, 1, 28, 28)).astype(np.float32)
    empty = ops.multiply(score, np.float32(0))
    zeros = np.zeros((1, 1), np.int64)
    box = np.array([[[10, 10, 50, 50]]], np.float32)
    outputs = {
        "parts_boxes": ops.constant(box),
        "parts_scores": score,
        "parts_labels": ops.constant(zeros),
        "parts_masks": ops.constant(weights),
        "damage_boxes": ops.constant(box),
        "damage_scores": empty,
        "damage_labels": ops.constant(zeros),
        "damage_masks": ops.constant(weights),
    }
    if places:
        shapes = {
            "damage_places": (1, 1, len(places)),
            "parts_seen": (1, len(places)),
            "parts_damaged": (1, len(places)),
            "damage_real": (1, 1),
        }
        outputs |= {name: ops.broadcast(score, np.array(shape)) for name, shape in shapes.items()}
    results = []
    for name, node in outputs.items():
        if name not in leave_out:
            result = ops.result(node)
            result.output(0).get_tensor().set_names({name})
            results.append(result)
    openvino.save_model(openvino.Model(results, [images]), folder / "model.xml", compress_to_fp16=False)
    info = json.loads(fake_info(places=places).model_dump_json()) | {"sha256": file_sha256(folder / "model.bin")}
    (folder / "model.json").write_text(json.dumps(info))
    return folder
