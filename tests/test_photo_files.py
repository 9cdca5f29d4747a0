from pathlib import Path

import pytest

from crumple.photo_files import find_photos, stem_beside, unique_stems


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_photos_below_a_folder_sorted_with_relative_names(tmp_path):
    touch(tmp_path, "b.jpg", "a.PNG", "deep/er/c.webp", "IMG.HEIC", "notes.txt", "coco.json")
    assert [photo.name for photo in find_photos([tmp_path])] == ["IMG.HEIC", "a.PNG", "b.jpg", "deep/er/c.webp"]


def test_leaves_out_its_own_output_and_hidden_files(tmp_path):
    touch(tmp_path, "car.jpg", "car.overlay.jpg", "._car.jpg", ".trash/x.jpg", "report/overlays/car.jpg")
    assert [photo.name for photo in find_photos([tmp_path], without=tmp_path / "report")] == ["car.jpg"]


def test_a_relative_output_folder_is_left_out_too(tmp_path, monkeypatch):
    touch(tmp_path, "photos/car.jpg", "photos/report/overlays/car.jpg")
    monkeypatch.chdir(tmp_path / "photos")
    assert [photo.name for photo in find_photos([Path()], without=Path("report"))] == ["car.jpg"]
    assert [photo.name for photo in find_photos([Path("../photos")], without=Path("../photos/report"))] == ["car.jpg"]


def test_names_are_relative_to_what_several_paths_share(tmp_path):
    touch(tmp_path, "a/x.jpg", "b/x.jpg", "b/y.jpg")
    found = find_photos([tmp_path / "a", tmp_path / "b" / "x.jpg", tmp_path / "b"])
    assert [photo.name for photo in found] == ["a/x.jpg", "b/x.jpg", "b/y.jpg"]
    assert all(photo.path.is_file() for photo in found)


def test_a_named_file_is_taken_whatever_its_suffix_and_even_if_missing(tmp_path):
    touch(tmp_path, "upload.bin")
    found = find_photos([tmp_path / "upload.bin", tmp_path / "missing.jpg"])
    assert [photo.name for photo in found] == ["missing.jpg", "upload.bin"]


def test_an_empty_folder_has_none(tmp_path):
    assert find_photos([tmp_path]) == []


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["a.jpg", "b.jpg"], ["a", "b"]),
        (["a.jpg", "a.png"], ["a.jpg", "a.png"]),
        (["A.jpg", "a.png"], ["A.jpg", "a.png"]),
        (["x/a.jpg", "y/a.jpg"], ["x/a", "y/a"]),
        (["a.jpg", "a.JPG"], ["a.jpg", "a.JPG-2"]),
        (["a.jpg", "a.jpg.png", "a.png"], ["a.jpg", "a.jpg-2", "a.png"]),
        (["a.jpg/b.png", "a.png"], ["a.jpg/b", "a-2"]),
        (["a.b.jpg", "a"], ["a.b", "a"]),
    ],
)
def test_stems_never_meet_not_even_without_case(names, stems):
    assert unique_stems(names) == stems
    assert len({stem.casefold() for stem in stems}) == len(stems)


def test_the_stem_beside_a_photo_keeps_the_suffix_if_it_has_a_twin(tmp_path):
    touch(tmp_path, "car.jpg", "bike.jpg", "bike.png", "car.overlay.jpg", "car.txt")
    assert stem_beside(tmp_path / "car.jpg") == "car"
    assert stem_beside(tmp_path / "bike.jpg") == "bike.jpg"
    assert stem_beside(tmp_path / "bike.png") == "bike.png"
