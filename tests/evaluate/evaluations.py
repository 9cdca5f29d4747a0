"""Evaluations of hand-made photos, for the tests of what is made from them."""

from crumple.dataset.leak_records import Leak, LeakAudit, SharedClaim, SplitPair, SplitPhoto
from crumple.detect.model_info import BranchInfo, ClassThresholds, ModelInfo
from crumple.evaluate.evaluation import evaluate
from crumple.evaluate.judged.readings import Calibrations
from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.subject import Subject
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region

NO_LEAKS = LeakAudit(splits={"val": 3}, pairs=(), leaks=(), claims=(), verdict="one split only: nothing could leak")
LEAKS = LeakAudit(
    splits={"train": 9, "val": 3},
    pairs=(SplitPair(earlier="train", later="val", photos=3, exact=1, near=0, claims=1, touched=2),),
    leaks=(
        Leak(
            kind="exact",
            earlier=SplitPhoto(split="train", set="old", file_name="<i>x</i>.jpg"),
            later=SplitPhoto(split="val", set="new", file_name="y.jpg"),
            mirrored=False,
            distance=0,
            landmarks=None,
        ),
    ),
    claims=(SharedClaim(set="new", group="c<7>", photos={"train": ("a.jpg",), "val": ("b.jpg", "c.jpg")}),),
    verdict="1 of 3 val photos has a copy or another shot in train",
)


def photos():
    """A clean car with an alarm, a car of which the damage alone is drawn, and one that has both drawn."""
    door, wheel = region((0, 0, 40, 40), label="front_left_door"), region((60, 0, 100, 40), label="wheel")
    found = [region((0, 0, 40, 40), 0.9, "front_left_door"), region((60, 0, 100, 40), 0.8, "trunk")]
    dent, scratch = region((5, 5, 15, 15)), region((70, 5, 90, 10), label="scratch")
    return [
        judged("clean", undamaged=True, parts=[door], found_parts=found[:1], found_damage=[region(50, 0.7)]),
        judged("damaged", damage=[dent, scratch], found_damage=[region((5, 5, 15, 15), 0.95)]),
        judged(
            "both", parts=[door, wheel], damage=[dent], found_parts=found, found_damage=[region((5, 5, 15, 15), 0.4)]
        ),
    ]


def model(branches=("parts", "damage"), name="model", classes=None):
    names = {"parts": PARTS, "damage": DAMAGES} | (classes or {})
    return ModelInfo(
        name=name,
        version="1.2",
        input_size=(64, 64),
        branches=tuple(BranchInfo(name=branch, classes=names[branch]) for branch in branches),
    )


def subject(judged_photos, info=None):
    """Every class is reported from 0.3, and its upper threshold is 0.6."""
    info = info or model()
    thresholds = {
        branch.name: {name: ClassThresholds(lower=0.3, upper=0.6) for name in branch.classes}
        for branch in info.branches
    }
    weights = resamples([photo.truth.group for photo in judged_photos], count=50)
    return Subject(info, tuple(judged_photos), weights, thresholds, "model", (Calibrations(),) * len(judged_photos))


def evaluation(judged_photos=None, info=None, leaks=NO_LEAKS, **options):
    return evaluate(subject(photos() if judged_photos is None else judged_photos, info), leaks, split="val", **options)
