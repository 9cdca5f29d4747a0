import numpy as np
import pytest
from PIL import Image

from crumple.assessment.pipeline import Assessor
from crumple.bench.stages import ProcessorWatch, Stage, measure_stages, outside_network, summarise
from tests.fakes import Thing, fake_detector

THINGS = [Thing("parts", "hood", (10, 10, 90, 90)), Thing("damage", "dent", (20, 20, 40, 45))]


def test_every_stage_of_an_assessment_and_their_sum(tmp_path):
    path = tmp_path / "car.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (100, 200, 3), np.uint8)).save(path)
    detector = fake_detector(THINGS)
    stages = measure_stages(Assessor(detector), path, 3)
    assert [stage.name for stage in stages] == [
        *("decode", "letterbox", "network", "paste", "fuse", "quality", "draw", "encode", "all")
    ]
    assert len(detector.network.canvases) == 4  # one round does not count
    assert all(0 < stage.low <= stage.median <= stage.high for stage in stages)
    assert stages[-1].median >= max(stage.median for stage in stages[:-1])
    assert [stage.name for stage in measure_stages(Assessor(detector), path, 1, picture=False)][-2] == "quality"


def watch(**milliseconds):
    made = ProcessorWatch()
    made.timings = dict(milliseconds)
    made.processor = {name: 2 * value for name, value in milliseconds.items()}
    return made


def test_medians_and_spread():
    decode, whole = summarise([watch(decode=value, network=10) for value in (1, 2, 3, 4, 100)])[::2]
    assert (decode.median, decode.low, decode.processor) == pytest.approx((3, 1.4, 6))
    assert (whole.name, whole.median, whole.processor) == ("all", 13, 26)


def test_the_share_outside_the_network_leaves_the_overlay_out():
    stages = [
        Stage(name, 0, 0, 0, value) for name, value in (("decode", 10), ("network", 30), ("draw", 99), ("all", 139))
    ]
    assert outside_network(stages) == pytest.approx(0.25)


def test_processor_time_does_not_count_waiting():
    import time

    made = ProcessorWatch()
    with made("sleep"):
        time.sleep(0.05)
    assert made.timings["sleep"] >= 49 and made.processor["sleep"] < 45
