"""Small videos and moving things, for tests of the watch."""

import cv2
import numpy as np

from crumple.assessment.pipeline import Assessor
from crumple.detect.detector import Detector
from tests.fakes import FakeNetwork, Thing, fake_info

WIDTH, HEIGHT = 200, 100


def texture(seed=0, width=400, height=300):
    """A picture with corners that can be followed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 10, width // 10, 3)).astype(np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def write_video(path, frames=12, fps=10, step=3, width=WIDTH, height=HEIGHT):
    """A window that moves to the right over a texture by `step` pixels a frame."""
    scene = texture(width=width + step * frames + 20, height=height + 20)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(np.ascontiguousarray(scene[10 : 10 + height, step * number : step * number + width]))
    writer.release()
    return path


class MovingNetwork(FakeNetwork):
    """Finds `things(n)` in the n-th canvas that it is given."""

    def __init__(self, info, things):
        super().__init__(info, [])
        self.moving = things

    def __call__(self, canvas):
        self.things = self.moving(len(self.canvases))
        return super().__call__(canvas)


def moving_assessor(things):
    info = fake_info()
    return Assessor(Detector(MovingNetwork(info, things), info))


def dent_that_moves(step=-3, start=120.0):
    """A door that stays and a dent on it that moves with the scene of `write_video`."""

    def things(number):
        left = start + step * number
        return [
            Thing("parts", "front_left_door", (20, 5, 180, 95), 0.9),
            Thing("damage", "dent", (left, 40, left + 30, 60), 0.8),
        ]

    return things
