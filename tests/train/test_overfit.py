"""The whole network learns eight real photos by heart: three clean or blurred, five with painted damage."""

import dataclasses
import json

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.dataset.affine import Augmentation
from crumple.dataset.sets import read_data
from crumple.detect.detector import Detector
from crumple.evaluate.in_training import validation_ap
from crumple.evaluate.judged.model_folder import config_info
from crumple.files import read_arrays
from crumple.model.checkpoint import named_weights, save_model
from crumple.model.config import Sampling
from crumple.model.network import KerasNetwork
from crumple.photo import decode_photo
from crumple.samples.scenes import PHOTOS, painted_photos
from crumple.taxonomy import DAMAGES
from crumple.train.loop import make_model, train
from crumple.train.recipe import Optimisation, Recipe, SetShare
from crumple.weights import CHECKPOINT

pytestmark = pytest.mark.slow

DATA = """\
sets:
  - name: painted
    branch: damage
    labels: crumple
    train: {annotations: photos.json, images: .}
    val: {annotations: photos.json, images: .}
"""
STEPS = 120


def write_photos(folder):
    images, annotations = [], []

    def add(rgb, truth):
        number = len(images) + 1
        cv2.imwrite(str(folder / f"{number}.png"), rgb[..., ::-1])
        images.append({"id": number, "file_name": f"{number}.png", "width": rgb.shape[1], "height": rgb.shape[0]})
        for label, mask in truth:
            rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": DAMAGES.index(label) + 1,
                    "segmentation": {"size": rle["size"], "counts": rle["counts"].decode()},
                    "iscrowd": 0,
                }
            )

    for photo in painted_photos():
        add(photo.image, photo.truth)
    for path in sorted(p for p in PHOTOS.iterdir() if p.suffix in {".jpg", ".png", ".webp"}):
        add(decode_photo(path).rgb, [])
    categories = [{"id": i + 1, "name": name} for i, name in enumerate(DAMAGES)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "photos.json").write_text(json.dumps(content))
    (folder / "data.yaml").write_text(DATA)
    return len(images)


def test_the_network_learns_eight_photos_by_heart(tmp_path):
    assert write_photos(tmp_path) == 8
    recipe = Recipe(
        name="overfit",
        data=tmp_path / "data.yaml",
        batch={"painted": SetShare(4)},
        steps=STEPS,
        epoch_steps=STEPS,
        model={"input_size": [256, 256], "pyramid_channels": 64, "box_units": 128, "mask_channels": 32},
        sampling=Sampling(proposals=64, rois=48, positives=16, masks=8),
        augmentation=Augmentation(flip=0.0),
        optimisation=Optimisation(learning_rate=1e-3, warmup_steps=20, ema=0.95, weight_decay=0.0),
        validate_epochs=1,
    )
    data = read_data(recipe.data)
    # The released trunk, so that a clone needs no ImageNet weights; everything on top starts from random.
    fresh, arrays = make_model(recipe, data), read_arrays(CHECKPOINT / "weights.npz")
    for name, variable in named_weights(fresh).items():
        if name.startswith("backbone/"):
            variable.assign(arrays[name].astype(np.float32))
    save_model(fresh, tmp_path / "fresh")

    def validate(model):
        return validation_ap(Detector(KerasNetwork(model), config_info(model.config)), data)

    train(dataclasses.replace(recipe, init=tmp_path / "fresh", model={}), tmp_path / "run", validate)
    results = json.loads((tmp_path / "run" / "best.json").read_text())
    assert results["damage/mask_ap50"] > 0.8, results
