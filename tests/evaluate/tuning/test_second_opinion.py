"""The fit of the second opinion on scores."""

from dataclasses import replace

import numpy as np
import pytest

from crumple.detect.detections import PhotoParts
from crumple.detect.rescoring import Rescoring
from crumple.evaluate.tuning.second_opinion import fit_rescoring, with_rescoring
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region

PARTS = PhotoParts((), np.zeros(0, np.float32), np.zeros(0, np.float32))


def looked_at(number, drawn, found, undamaged=False):
    photo = judged(f"{number}.jpg", undamaged=undamaged, damage=drawn, found_damage=found)
    return replace(photo, parts=PARTS)


def found(box, score, real, label="dent"):
    return replace(region(box, score, label), real=real)


def photos():
    """The detector cannot tell real damage from alarms, the second opinion can."""
    rng = np.random.default_rng(0)
    dent = (10, 10, 30, 30)
    made = []
    for number in range(60):
        score, high, low = rng.uniform(0.3, 0.7), rng.uniform(0.6, 0.95), rng.uniform(0.05, 0.4)
        made.append(looked_at(f"damaged{number}", [region(dent)], [found(dent, score, high)]))
        made.append(looked_at(f"clean{number}", [], [found(dent, score, low)], undamaged=True))
    return made


def test_it_follows_the_opinion_that_tells():
    rescoring = fit_rescoring(photos(), ["dent", "scratch"])
    assert rescoring.real > 1 and abs(rescoring.classes["scratch"]) < 1e-6  # of scratches it saw none
    of = {photo.truth.file_name: photo for photo in with_rescoring(photos(), rescoring)}
    scores = [of[f"damaged{n}.jpg"].found["damage"][0].score for n in range(60)]
    alarms = [of[f"clean{n}.jpg"].found["damage"][0].score for n in range(60)]
    assert min(scores) > max(alarms)


def test_findings_are_in_the_order_of_their_new_scores():
    photo = looked_at("a", [], [found((0, 0, 5, 5), 0.9, 0.1), found((10, 10, 20, 20), 0.5, 0.9)])
    (after,) = with_rescoring([photo], Rescoring(real=1.0))
    assert [one.box for one in after.found["damage"]] == [(10, 10, 20, 20), (0, 0, 5, 5)]
    assert [one.score for one in after.found["damage"]] == pytest.approx([0.9, 0.5])
    assert after.found["parts"] == photo.found["parts"]


def test_a_model_without_a_second_opinion_has_nothing_to_fit():
    assert fit_rescoring([replace(photo, parts=None) for photo in photos()], ["dent"]) is None
