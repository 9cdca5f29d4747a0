import numpy as np
import pytest

from crumple.evaluate.judged.regions import PhotoRegions, Region
from crumple.evaluate.measures.average_precision import coco_evaluations, regions_ap
from crumple.evaluate.measures.bootstrap import Estimate, resamples
from crumple.evaluate.measures.weighted_ap import ap_intervals, ap_samples, class_matches
from tests.evaluate.squares import CLASSES, photo, random_photos, region

ONE = pytest.approx(1.0, abs=1e-12)


def samples_of(photos, weights, kind="mask", classes=CLASSES):
    return ap_samples(coco_evaluations(photos, "damage", classes)[kind], weights)


@pytest.mark.parametrize("kind", ["box", "mask"])
@pytest.mark.parametrize("seed", range(4))
def test_the_photos_as_they_are_have_the_ap_of_pycocotools(kind, seed):
    photos = random_photos(np.random.default_rng(seed))
    evaluation = coco_evaluations(photos, "damage", CLASSES)[kind]
    samples = ap_samples(evaluation, resamples([None] * len(photos), 3))
    precision = evaluation.eval["precision"][..., 0, 0]  # (T, R, K), objects of all sizes
    strict = precision[2:]
    assert samples.overall["ap"][0] == pytest.approx(strict[strict > -1].mean(), abs=1e-9)
    assert samples.by_class["ap"][0] == pytest.approx(strict.mean(axis=(0, 1)), abs=1e-9)
    for at, figure in enumerate(("ap10", "ap25", "ap50")):
        assert samples.by_class[figure][0] == pytest.approx(precision[at].mean(axis=0), abs=1e-9)
    report = getattr(regions_ap(photos, "damage", CLASSES), kind)
    assert {figure: values[0] for figure, values in samples.overall.items()} == pytest.approx(figures(report), abs=1e-9)


def figures(report):
    return {figure: getattr(report, figure) for figure in ("ap", "ap10", "ap25", "ap50")}


@pytest.mark.parametrize("seed", range(4))
def test_a_resample_has_the_ap_of_photos_copied_as_often(seed):
    rng = np.random.default_rng(seed)
    # Equal scores within a photo would be sorted otherwise in copies, so no score occurs twice.
    photos = [with_distinct_scores(one, rng) for one in random_photos(rng, 10)]
    weights = resamples([None, "a", "a", None, *"bcdefg"], 6, seed)
    samples = {kind: samples_of(photos, weights, kind) for kind in ("box", "mask")}
    for row, counts in enumerate(weights.astype(int)):
        copies = [one for one, count in zip(photos, counts, strict=True) for _ in range(count)]
        report = regions_ap(copies, "damage", CLASSES)
        for kind, mine in samples.items():
            expected = getattr(report, kind)
            found = {figure: values[row] for figure, values in mine.overall.items()}
            assert found == pytest.approx(figures(expected), abs=1e-9)
            by_class = [np.nan if getattr(c, kind).ap is None else getattr(c, kind).ap for c in report.classes]
            assert mine.by_class["ap"][row] == pytest.approx(by_class, abs=1e-9, nan_ok=True)


def with_distinct_scores(one, rng):
    found = tuple(Region(r.label, r.box, r.rle, float(rng.random())) for r in one.found)
    return PhotoRegions(one.width, one.height, one.drawn, found)


def test_a_curve_worked_out_by_hand():
    # Photo 0: right at 0.9. Photo 1: wrong at 0.8, right at 0.7. As they are: precision 1 up to recall 1/2, then 2/3.
    photos = [photo([region(0)], [region(0, 0.9)]), photo([region(0)], [region(50, 0.8), region(0, 0.7)])]
    weights = np.array([[1, 1], [2, 1], [0, 3], [1, 0], [0, 0]], float)
    samples = samples_of(photos, weights)
    assert samples.by_class["ap"][:, 0] == pytest.approx(
        [
            (51 + 50 * 2 / 3) / 101,
            (67 + 34 * 3 / 4) / 101,  # recall 2/3 is reached by 67 of 101 recalls; then 3 right of 4
            1 / 2,  # three wrong come first, then three right
            1,
            np.nan,
        ],
        nan_ok=True,
    )
    assert np.isnan(samples.by_class["ap"][:, 1:]).all()  # nobody drew the other classes
    assert samples.overall["ap"].tolist()[:4] == samples.by_class["ap"][:4, 0].tolist() and np.isnan(
        samples.overall["ap"][4]
    )


def test_crowds_count_for_nothing():
    drawn = [region((0, 0, 40, 10), crowd=True), region(60)]
    photos = [photo(drawn, [region(0, 0.9), region(20, 0.8), region(60, 0.7)])]
    evaluation = coco_evaluations(photos, "damage", CLASSES)["mask"]
    matches = class_matches(evaluation)[0]
    assert matches.objects.tolist() == [1]
    assert matches.right[0].tolist() == [False, False, True] and not matches.wrong.any()
    assert ap_samples(evaluation, np.ones((1, 1))).overall["ap"].tolist() == [ONE]


def test_nothing_drawn_nothing_found_and_no_photos():
    weights = resamples([None] * 3, 20)
    assert np.isnan(samples_of([photo(found=[region(0, 0.9)])] * 3, weights).overall["ap"]).all()
    assert (samples_of([photo([region(0)])] * 3, weights).overall["ap"] == 0).all()
    assert np.isnan(samples_of([photo()] * 3, weights).overall["ap"]).all()
    nobody = samples_of([], resamples([], 20))
    assert nobody.overall["ap"].shape == (21,) and np.isnan(nobody.overall["ap"]).all()


def test_intervals_hold_the_figure_and_name_the_classes():
    photos = random_photos(np.random.default_rng(0), 60, CLASSES[:2])
    intervals = ap_intervals(samples_of(photos, resamples([None] * 60, 400)))
    report = regions_ap(photos, "damage", CLASSES).mask
    overall = intervals.overall
    assert (overall.ap.value, overall.ap50.value) == pytest.approx((report.ap, report.ap50))
    assert overall.ap.low < report.ap < overall.ap.high < overall.ap.low + 0.2
    assert tuple(intervals.classes) == CLASSES
    assert intervals.classes["glass_crack"].ap == Estimate(value=None)
    assert intervals.classes["dent"].ap50.low < intervals.classes["dent"].ap50.value
