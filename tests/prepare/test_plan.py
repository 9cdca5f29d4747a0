import random
from dataclasses import replace

from crumple.credit import Credit
from crumple.prepare.photo.one_photo import PreparedPhoto
from crumple.prepare.photo.verdict import Measures
from crumple.prepare.plan import PLACED, make_plan, pieces
from crumple.prepare.settings import Settings

MEASURES = Measures(800, 600, 100.0, 0.0, 500.0, 90, None)


def photo(number, **changes):
    fields = {"name": f"{number:04d}.jpg", "sha256": f"{number:064x}"[::-1], "measures": MEASURES}
    return PreparedPhoto(**(fields | changes))


def better(**changes):
    return replace(MEASURES, **changes)


def names(plan):
    return {kept.photo.name for kept in plan.kept}


def test_of_copies_the_largest_then_least_compressed_then_sharpest_stays():
    one, two = photo(1), photo(2)
    for change in ({"width": 900}, {"jpeg_quality": 95}, {"jpeg_quality": None}, {"sharpness": 501.0}):
        best = photo(3, measures=better(**change))
        plan = make_plan([one, two, best], [(one.id, two.id), (two.id, best.id)], Settings())
        assert names(plan) == {best.name} and plan.kept[0].copies == 2
        assert [(r.photo.reasons, r.duplicate_of) for r in plan.rejected] == [(("duplicate",), best.name)] * 2
    assert names(make_plan([two, one], [(one.id, two.id)], Settings())) == {"0001.jpg"}


def test_a_bad_photo_is_not_the_best_copy_and_keeps_its_reason():
    bad = photo(1, measures=better(width=4000), reasons=("blurred",))
    plan = make_plan([bad, photo(2)], [(bad.id, photo(2).id)], Settings())
    assert names(plan) == {"0002.jpg"} and plan.rejected[0].photo.reasons == ("blurred",)
    alone = make_plan([bad], [], Settings())
    assert not alone.kept and alone.rejected[0].duplicate_of == ""


def test_the_same_file_twice_is_one_photo():
    twin = photo(1, name="zz.jpg")
    plan = make_plan([twin, photo(1)], [], Settings())
    assert names(plan) == {"0001.jpg"} and plan.rejected[0].duplicate_of == "0001.jpg"


def test_unreadable_photos_are_no_copies_of_one_another():
    broken = [PreparedPhoto(name, sha256="", reasons=("unreadable",)) for name in ("a", "b")]
    plan = make_plan(broken, [], Settings())
    assert [(r.photo.name, r.duplicate_of) for r in plan.rejected] == [("a", ""), ("b", "")]


def test_order_does_not_matter():
    photos = [photo(i, credit=Credit(source="x", author=f"author {i % 40}")) for i in range(100)]
    pairs = [(photos[i].id, photos[i + 50].id) for i in range(0, 50, 7)]
    plan = make_plan(photos, pairs, Settings())
    again = make_plan(random.Random(0).sample(photos, 100), pairs[::-1] + pairs, Settings())
    assert list(again.kept) == list(plan.kept) and list(again.rejected) == list(plan.rejected)
    by_author = {}
    for kept in plan.kept:
        by_author.setdefault(kept.photo.credit.author, set()).add(kept.split)
    assert all(len(splits) == 1 for splits in by_author.values())


def test_places():
    photos = [photo(i) for i in range(450)]
    plan = make_plan(photos, [], Settings(splits=(("train", 1.0),)))
    assert all(kept.file == f"photos/train/{kept.photo.id}.jpg" and not kept.shard for kept in plan.kept)
    assert [len(piece) for piece in pieces(plan.kept)] == [PLACED, PLACED, 50]
    plan = make_plan(photos, [], Settings(splits=(("train", 1.0),), format="webdataset", shard=150))
    shards = [{kept.shard for kept in piece} for piece in pieces(plan.kept)]
    assert shards == [{f"shards/train-0000{i}.tar"} for i in range(3)]
    assert plan.kept[0].file == f"{plan.kept[0].photo.id}.jpg" and len(plan.kept[150:300]) == 150
    assert list(pieces(make_plan([], [], Settings()).kept)) == []
