import json
import re
from pathlib import Path

import pytest
import yaml
from PIL import Image

from crumple.dataset.instances import NamedPlace
from crumple.dataset.labels import LabelMap
from crumple.dataset.sets import read_data
from crumple.errors import DataError
from crumple.taxonomy import BRANCHES, PARTS

RECIPE = Path(__file__).parents[2] / "recipes" / "data.yaml"


def data() -> dict:
    split = {"annotations": "a.json", "images": "photos"}
    return {
        "root": "collected",
        "sets": [
            {
                "name": "cars",
                "branch": "parts",
                "labels": "dsmlr",
                "undamaged": True,
                "train": split,
                "val": dict(split),
            },
            {"name": "dents", "branch": "damage", "labels": "mine.yaml", "train": dict(split)},
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "collected" / "photos"
    photos.mkdir(parents=True)
    Image.new("RGB", (50, 40)).save(photos / "1.png")
    content = {
        "images": [{"id": 1, "file_name": "1.png", "width": 50, "height": 40}],
        "categories": [{"id": 1, "name": "wheel"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9], [20, 0, 29, 0, 29, 9]]}
        ],
    }
    (tmp_path / "collected" / "a.json").write_text(json.dumps(content))
    (tmp_path / "mine.yaml").write_text("names: {Delle: dent}\n")
    return tmp_path


def write(folder: Path, content: object) -> Path:
    path = folder / "data.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_paths_are_relative_to_root_which_is_relative_to_the_file(folder, monkeypatch):
    monkeypatch.chdir("/")
    cars, dents = read_data(write(folder, data())).sets
    assert (cars.name, cars.branch, cars.undamaged) == ("cars", "parts", True)
    assert (dents.undamaged, dents.labels.names) == (False, {"Delle": "dent"})
    assert cars.splits["val"].annotations == folder / "collected" / "a.json"
    assert list(dents.splits) == ["train"]
    assert len(cars.read("val")[0].instances) == 2
    assert len(cars.read("val", split=False)[0].instances) == 1


def test_a_set_may_be_judged_apart_and_says_nothing_of_categories_that_its_files_do_not_list(folder):
    content = data()
    content["sets"][1] |= {"apart": True, "labels": "bilgi"}
    more = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "hood"}, {"id": 2, "name": "wheel"}]}
    (folder / "more.json").write_text(json.dumps(more))
    content["sets"][0]["train"] = content["sets"][0]["train"] | {"more": "more.json"}
    cars, dents = read_data(write(folder, content)).sets
    assert (cars.apart, dents.apart) == (False, True)
    assert cars.drawable("val") == {"wheel"} and cars.drawable("train") == {"hood", "wheel"}
    assert dents.drawable("train") == frozenset()  # a wheel is no damage


def test_a_root_given_by_the_caller_wins_and_none_means_the_files_folder(folder):
    (folder / "collected").rename(folder / "elsewhere")
    moved = read_data(write(folder, data()), root=folder / "elsewhere").sets[0]
    assert len(moved.read("train", check_sizes=True)) == 1
    content = data()
    del content["root"]
    assert read_data(write(folder, content)).sets[0].splits["train"].images == folder / "photos"


def test_a_split_that_is_not_there_is_named(folder):
    dents = read_data(write(folder, data())).sets[1]
    with pytest.raises(DataError, match="set 'dents' has no split 'val'; it has train"):
        dents.read("val")


def test_a_branch_of_ones_own_may_have_classes_of_its_own(folder):
    content = data()
    content["sets"][1]["branch"] = "rust"
    (folder / "mine.yaml").write_text("names: {Rost: rust_hole}\n")
    assert read_data(write(folder, content)).sets[1].labels.labels == ("rust_hole",)


def test_a_data_file_may_have_classes_of_its_own(folder):
    content = data() | {"classes": {"damage": ["dent", "rust_hole"], "rims": ["kerb_rash"]}}
    (folder / "mine.yaml").write_text("names: {Rost: rust_hole, Bordstein: kerb_rash, Delle: dent, hood: hood}\n")
    content["sets"].append(content["sets"][1] | {"name": "rims", "branch": "rims"})
    file = read_data(write(folder, content))
    assert [one.labels.labels for one in file.sets[1:]] == [("dent", "rust_hole"), ("kerb_rash",)]
    assert file.classes("damage") == ("dent", "rust_hole") and file.classes("rims") == ("kerb_rash",)
    assert file.classes("parts") == PARTS and file.classes("wheels") == ()


BROKEN = {
    "field classes must name the classes of each branch": lambda d: d.update(classes=["rust"]),
    "field classes.damage must be a list of class names": lambda d: d.update(classes={"damage": "rust"}),
    "field classes.damage: 'rust' is given twice": lambda d: d.update(classes={"damage": ["rust", "rust"]}),
    "field classes.rims: no set is of this branch": lambda d: d.update(classes={"rims": ["rust"]}),
    "list all of the branch under classes: {damage: [...]}": lambda d: d.update(classes={"damage": ["rust"]}),
    "field sets must be a list": lambda d: d.pop("sets"),
    "field extra is not known": lambda d: d.update(extra=1),
    "field root must be the path": lambda d: d.update(root=3),
    "field sets[0] must be a mapping": lambda d: d.update(sets=["dsmlr"]),
    "field sets[1].name is missing": lambda d: d["sets"][1].pop("name"),
    "field sets[1].branch must be text": lambda d: d["sets"][1].update(branch=1),
    "field sets: the name 'cars' is given twice": lambda d: d["sets"][1].update(name="cars"),
    "label map 'nope': not one of": lambda d: d["sets"][0].update(labels="nope"),
    "other.yaml: there is no such file": lambda d: d["sets"][1].update(labels="other.yaml"),
    "yields no class of the branch 'parts'": lambda d: d["sets"][0].update(labels="bilgi"),
    "field sets[0].undamaged must be true or false": lambda d: d["sets"][0].update(undamaged="yes"),
    "field sets[1].apart must be true or false": lambda d: d["sets"][1].update(apart=1),
    "field sets[1].apart: the alarms on a set of undamaged": lambda d: d["sets"][1].update(apart=True, undamaged=True),
    "field sets[0].vall is not known": lambda d: d["sets"][0].update(vall="a.json"),
    "field sets[0].val.photos is not known": lambda d: d["sets"][0]["val"].update(photos="x"),
    "field sets[0].val.images is missing": lambda d: d["sets"][0]["val"].pop("images"),
    "field sets[0].val.places is for sets of the branch 'damage' only": lambda d: d["sets"][0]["val"].update(
        places="p"
    ),
    "field sets[1].train.places must be text": lambda d: d["sets"][1]["train"].update(places=1),
    "field sets[1].train.leave_out must be text": lambda d: d["sets"][1]["train"].update(leave_out=["1.png"]),
    "field sets[1] has no split": lambda d: d["sets"][1].pop("train"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_data_file_that_says_something_else_is_refused_in_one_line(folder, what):
    content = data()
    BROKEN[what](content)
    with pytest.raises(DataError, match=re.escape(what)) as error:
        read_data(write(folder, content))
    assert "\n" not in str(error.value)


def test_the_committed_data_file_is_understood():
    sets = {data_set.name: data_set for data_set in read_data(RECIPE).sets}
    assert {name: tuple(data_set.splits) for name, data_set in sets.items()} == {
        "dsmlr": ("train", "val"),
        "bilgi": ("train", "val"),
        "lensor": ("train", "val"),
        "web": ("val",),
        "clean_openimages": ("train",),
        "clean_abcd": ("train",),
        "clean_openalpr_br": ("val",),
        "clean_openalpr_us": ("val",),
    }
    assert [name for name, data_set in sets.items() if data_set.branch == "parts"] == ["dsmlr"]
    assert {name for name, data_set in sets.items() if not data_set.undamaged} == {"bilgi", "lensor", "web"}
    places = {(name, split) for name, one in sets.items() for split, files in one.splits.items() if files.places}
    assert places == {("bilgi", "train"), ("bilgi", "val"), ("web", "val")}


def test_the_committed_lists_of_photos_to_leave_out_lie_beside_the_data_file():
    sets = {data_set.name: data_set for data_set in read_data(RECIPE, root="/elsewhere").sets}
    lists = {(name, split): one.leave_out for name in sets for split, one in sets[name].splits.items() if one.leave_out}
    assert lists == {
        (name, "train"): RECIPE.parent / f"leaking-train-groups.{name}.txt" for name in ("bilgi", "lensor")
    }
    assert all(path.is_file() for path in lists.values())


@pytest.fixture
def dents(folder: Path) -> dict:
    """The data file's set of dents, of which photo 1 has one, in two polygons."""
    (folder / "mine.yaml").write_text("names: {wheel: dent}\nsplit_polygons: [dent]\n")
    content = data()
    content["sets"] = content["sets"][1:]
    return content


@pytest.mark.parametrize(("places", "lies"), [("places.txt", "collected"), ("./places.txt", ".")])
def test_place_labels_go_to_their_photos(folder, dents, places, lies):
    sheets = [
        {
            "file_name": "1.png",
            "sheet": 0,
            "letter": "A",
            "damages": [{"number": 1, "annotation": 1, "category": "wheel"}],
        }
    ]
    (folder / lies / "places.sheets.json").write_text(json.dumps(sheets))
    (folder / lies / "places.txt").write_text("000 A | 1 hood+grille? | hood grille\n")
    dents["sets"][0]["train"]["places"] = places
    (photo,) = read_data(write(folder, dents)).sets[0].read("train")
    hood, grille = NamedPlace("hood"), NamedPlace("grille", sure=False)
    assert photo.places.on == {1: (hood, grille)}
    assert photo.places.visible == (hood, NamedPlace("grille"))
    assert [instance.annotation_id for instance in photo.instances] == [1, 1]
    del dents["sets"][0]["train"]["places"]
    assert read_data(write(folder, dents)).sets[0].read("train")[0].places is None


def test_photos_of_a_list_are_left_out(folder, dents):
    dents["sets"][0]["train"]["leave_out"] = "out.txt"
    (folder / "out.txt").write_text("1.png\n")
    assert read_data(write(folder, dents), root=folder / "collected").sets[0].read("train") == []
    (folder / "out.txt").write_text("2.png\n")
    with pytest.raises(DataError, match=r"line 1: '2\.png' is neither a file name nor a group of the split"):
        read_data(write(folder, dents)).sets[0].read("train")


def test_an_undamaged_set_may_be_of_the_damage_branch_if_nothing_is_drawn_in_it(folder, dents):
    dents["sets"][0]["undamaged"] = True
    with pytest.raises(DataError, match=r"1\.png has 'dent' drawn on it, and the set 'dents' is marked undamaged"):
        read_data(write(folder, dents)).sets[0].read("train")
    path = folder / "collected" / "a.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"annotations": [], "categories": []}))
    (photo,) = read_data(write(folder, dents)).sets[0].read("train")
    assert (photo.instances, photo.group, photo.places) == ((), None, None)


def test_severity_in_the_names_of_lensor_is_dropped():
    labels = LabelMap.load("lensor")
    assert len(labels.names) == 9
    assert labels.names["minor-scratch"] == labels.names["severe-scratch"] == "scratch"
    assert labels.names["moderate-dent"] == "dent" and labels.names["severe-broken"] == "broken_or_missing"


def test_a_label_that_no_branch_knows_is_a_slip(folder):
    (folder / "mine.yaml").write_text("names: {cizik: scratch, gocuk: dint}\n")
    content = data()
    content["sets"][1].update(labels="mine.yaml", branch="damage")
    with pytest.raises(DataError, match="yields 'dint', which is not a class of the branch 'damage'"):
        read_data(write(folder, content))


def test_one_file_may_label_both_branches(tmp_path):
    """The built-in map of the project's own names serves either branch and drops the other's categories."""
    split = {"annotations": "a.json", "images": "."}
    entries = [{"name": b, "branch": b, "labels": "crumple", "val": split} for b in BRANCHES]
    (tmp_path / "data.yaml").write_text(yaml.safe_dump({"sets": entries}))
    for data_set in read_data(tmp_path / "data.yaml").sets:
        assert sorted(data_set.labels.labels) == sorted(BRANCHES[data_set.branch])


def coarse() -> dict:
    """A parts set that says door and knows no wheels."""
    content = data()
    entry = content["sets"][0]
    del entry["train"]
    entry.update(labels="coarse.yaml", coarser={"front_left_door": "door", "back_left_door": "door", "wheel": None})
    return content


def test_a_set_may_know_fewer_parts(folder):
    (folder / "coarse.yaml").write_text("names: {Tuer: door, Haube: hood, Beule: dent}\n")
    cars, dents = read_data(write(folder, coarse())).sets
    assert cars.coarser.keys() == set(PARTS), "a part that the set has no name for is none that it draws"
    drawn = {part: name for part, name in cars.coarser.items() if name is not None}
    assert drawn == {"front_left_door": "door", "back_left_door": "door", "hood": "hood"}
    assert cars.labels.labels == ("door", "hood") and dents.coarser == {}


NOT_COARSER = {
    "field sets[0].train: a set with coarser names cannot teach": lambda e: e.update(train=e["val"]),
    "field sets[0].coarser is for sets of the branch 'parts' only": lambda e: e.update(branch="damage"),
    "field sets[0].coarser must map our part names": lambda e: e.update(coarser=["door"]),
    "field sets[0].coarser must map": lambda e: e.update(coarser={}),
    "field sets[0].coarser: 'fender' is not one of our parts": lambda e: e["coarser"].update(fender="door"),
    "field sets[0].coarser.trunk must be a name, or null": lambda e: e["coarser"].update(trunk=3),
    "field sets[0].coarser.trunk: 'wheel' is itself mapped, to None": lambda e: e["coarser"].update(trunk="wheel"),
    "field sets[0].coarser.trunk: 'dor' is no name that the set's label map yields": lambda e: e["coarser"].update(
        trunk="dor"
    ),
    "field sets[0].coarser.hood: the set's label map yields 'hood' itself; it must yield 'door'": lambda e: e[
        "coarser"
    ].update(hood="door"),
    "yields 'door', which is not a class of the branch 'parts'": lambda e: e.update(coarser={"left_mirror": "hood"}),
}


@pytest.mark.parametrize("what", NOT_COARSER)
def test_coarser_names_that_say_something_else_are_refused_in_one_line(folder, what):
    (folder / "coarse.yaml").write_text("names: {Tuer: door, Haube: hood}\n")
    content = coarse()
    NOT_COARSER[what](content["sets"][0])
    with pytest.raises(DataError, match=re.escape(what)) as error:
        read_data(write(folder, content))
    assert "\n" not in str(error.value)
