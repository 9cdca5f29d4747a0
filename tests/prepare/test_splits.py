from collections import Counter

import pytest

from crumple.credit import Credit
from crumple.prepare.settings import TRAIN_VAL_TEST
from crumple.prepare.splits import assign_splits, split_of

SPLITS = TRAIN_VAL_TEST


def test_shares_are_kept_and_the_seed_matters():
    found = [split_of(f"photo {i}", SPLITS) for i in range(5000)]
    share = {name: count / 5000 for name, count in Counter(found).items()}
    assert share == pytest.approx(dict(SPLITS), abs=0.02)
    assert found != [split_of(f"photo {i}", SPLITS, "1") for i in range(5000)]


def test_it_is_pinned():
    """A later version that answers otherwise would mix the splits of everybody who prepares again."""
    assert [split_of(f"photo {i}", SPLITS) for i in range(8, 16)] == PINNED


PINNED = ["train", "train", "train", "train", "test", "val", "train", "val"]


def test_a_split_without_a_share_gets_nothing():
    assert {split_of(str(i), (("train", 1.0), ("val", 0.0))) for i in range(200)} == {"train"}
    assert {split_of(str(i), (("train", 0.0), ("val", 1.0))) for i in range(200)} == {"val"}


def test_chains_of_copies_authors_and_groups_stay_together():
    photos = {f"{i:03d}": Credit() for i in range(100)}
    photos["000"] = Credit(source="flickr", author_id="ann")
    photos["001"] = Credit(source="flickr", author_id="ann", group="claim 7")
    photos["002"] = Credit(source="flickr", group="claim 7")
    photos["003"] = Credit(source="commons", author_id="ann")  # another Ann
    found = assign_splits(photos.items(), [("002", "050"), ("050", "051")], SPLITS)
    together = {name for name in photos if found[name] == found["000"]}
    assert together == {"000", "001", "002", "050", "051"}
    assert found["000"][1] == "author flickr ann" and found["003"][1] == "author commons ann"
    assert len({found[name][1] for name in photos}) == 96


def test_the_same_file_by_two_authors_binds_them():
    ann, bob = Credit(source="flickr", author="ann"), Credit(source="flickr", author="bob")
    found = assign_splits([("1", ann), ("2", ann), ("2", bob), ("3", bob)], [], SPLITS)
    assert len(set(found.values())) == 1


def test_new_photos_of_an_author_do_not_move_the_old_ones():
    old = {f"{i}": Credit(source="flickr", author=f"author {i % 7}") for i in range(30)}
    new = {f"0{i}": Credit(source="flickr", author=f"author {i % 9}") for i in range(30)}
    before, after = assign_splits(old.items(), [], SPLITS), assign_splits((new | old).items(), [], SPLITS)
    assert before == {name: after[name] for name in old}
