import numpy as np
import pytest

from crumple.samples.dent import Dent
from crumple.samples.lamp import BrokenLamp
from crumple.samples.paint import fill_polygon, paint
from crumple.samples.scratch import Scratch

DAMAGES = [
    Scratch(((30, 40), (90, 50)), spread=6, strokes=12, seed=1),
    Dent((60, 45), (25, 15), seed=2),
    BrokenLamp(((30, 20), (90, 25), (85, 70), (35, 65)), impact=(60, 45), reach=12, seed=3),
]


def panel(height=90, width=120):
    """A grey panel, brighter below, with a little noise."""
    noise = np.random.default_rng(0).normal(0, 2, (height, width, 1))
    return np.clip(np.linspace(120, 180, height)[:, None, None] + noise + np.zeros(3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.label)
class TestEveryDamage:
    def test_changes_the_photo_where_its_mask_is_and_hardly_elsewhere(self, damage):
        before = panel()
        after, [(label, mask)] = paint(before, [damage])
        change = np.abs(after.astype(int) - before).max(axis=2)
        assert label == damage.label
        assert after.shape == before.shape and after.dtype == np.uint8
        assert mask.shape == before.shape[:2] and mask.dtype == bool and mask.any()
        assert change[mask].mean() > 5
        far = np.ones_like(mask)
        far[10:80, 15:105] = False
        assert change[far].max() == 0
        assert change[~mask].mean() < 0.1 * change[mask].mean()

    def test_is_the_same_every_time(self, damage):
        first, [(_, mask)] = paint(panel(), [damage])
        again, [(_, mask_again)] = paint(panel(), [damage])
        assert np.array_equal(first, again) and np.array_equal(mask, mask_again)

    def test_leaves_its_input_alone(self, damage):
        before = panel()
        paint(before, [damage])
        assert np.array_equal(before, panel())


def test_a_dent_is_dark_above_and_bright_below():
    before = panel()
    after, _ = paint(before, [Dent((60, 45), (25, 15), seed=2, creases=0)])
    change = after.astype(int).mean(axis=2) - before.mean(axis=2)
    assert change[34:42, 50:70].mean() < -8
    assert change[48:56, 50:70].mean() > 8


def test_a_scratch_keeps_to_its_panel():
    left_half = ((0, 0), (59, 0), (59, 90), (0, 90))
    before = panel()
    after, [(_, mask)] = paint(before, [Scratch(((30, 40), (90, 50)), 6, 12, seed=1, panel=left_half)])
    assert np.abs(after.astype(int) - before)[:, 66:].max() <= 1
    assert not mask[:, 64:].any()


def test_damage_at_the_photos_edge_is_cut_off():
    after, truth = paint(panel(), [Scratch(((-20, 2), (60, 4)), 6, 12, seed=1), Dent((118, 88), (20, 20), seed=2)])
    assert after.shape == (90, 120, 3)
    assert all(mask.any() for _, mask in truth)


def test_fill_polygon_covers_the_area_of_the_polygon():
    coverage = fill_polygon(((10, 10), (30, 10), (30, 20), (10, 20)), (40, 50))
    assert coverage.shape == (40, 50)
    assert coverage.sum() == pytest.approx(200, rel=0.05)
    assert coverage[15, 20] == 1 and coverage[5, 5] == 0
