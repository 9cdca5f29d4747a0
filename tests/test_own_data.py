"""docs/own-data.md, its own commands and recipe typed as they stand, on the labelled samples."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from crumple.cli.main import run
from crumple.dataset.sets import read_data
from crumple.samples.labelled import NAMES, write_labelled

GUIDE = (Path(__file__).parents[1] / "docs" / "own-data.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    crumple (.+)$", GUIDE, re.MULTILINE)
[RECIPE] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
CLASSES = tuple(sorted(NAMES.values()))


def typed(line):
    with pytest.raises(SystemExit) as end:
        run(line.split())
    assert not end.value.code, line


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with my-photos/ and the guide's recipe."""
    monkeypatch.chdir(tmp_path)
    write_labelled(Path("my-photos"))
    Path("my-cars.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def test_the_guide_has_six_commands():
    assert [line.split()[0] for line in COMMANDS] == ["label", "label", "train", "evaluate", "export", "assess"]


def test_the_labelled_samples_are_imported_and_checked(folder):
    typed(COMMANDS[0])
    typed(COMMANDS[1])
    assert Path("check/check.html").is_file()
    data = read_data(Path("data/v1/data.yaml"))
    [one] = data.sets
    assert one.name == "labelled_damage" and set(data.classes("damage")) == set(CLASSES)
    labels = {split: sorted(i.label for photo in one.read(split) for i in photo.instances) for split in one.splits}
    assert labels == {"train": ["ding", "scrape", "smashed light"], "val": ["ding", "smashed light"]}


@pytest.mark.parametrize("format", ["yolo", "via", "labelme", "cvat"])
def test_every_format_of_the_guide_comes_to_the_same_classes(folder, format):
    """The same labels as another tool has them, beside the photos."""
    typed(COMMANDS[0])
    typed(f"label export data/v1 --format {format} --out others")
    shutil.copytree("data/v1/images", "others/photos" if format in ("via", "cvat") else "others", dirs_exist_ok=True)
    path = next((str(p) for p in Path("others").glob("*.xml" if format == "cvat" else "*.json")), "others")
    where = "others" if format == "labelme" else path
    typed(f"label import {where} --branch damage --images others --copy-images --out data/v2")
    data = read_data(Path("data/v2/data.yaml"))
    found = sorted(i.label for one in data.sets for split in one.splits for p in one.read(split) for i in p.instances)
    assert tuple(sorted(data.classes("damage"))) == CLASSES
    assert found == ["ding", "ding", "scrape", "smashed light", "smashed light"]


@pytest.mark.slow
def test_the_whole_guide_ends_at_a_report_with_ones_own_classes(folder):
    """A step in place of 500: it is the way that is tried, not the model's worth."""
    for line in COMMANDS:
        typed(line + " --steps 1" if line.startswith("train") else line)
    config = json.loads(Path("my-model/model.json").read_text())
    branches = {branch["name"]: branch["classes"] for branch in config["branches"]}
    assert sorted(branches["damage"]) == list(CLASSES) and len(branches["parts"]) == 26
    assert set(config["thresholds"]["damage"]) == set(CLASSES), "set before the export, and so part of it"
    assessed = [json.loads(line) for line in Path("report/assessments.jsonl").read_text().splitlines()]
    assert len(assessed) == 5 and all(one["parts"] for one in assessed), "the parts are found as before"
    categories = json.loads(Path("report/coco.json").read_text())["categories"]
    assert {c["name"] for c in categories if c["supercategory"] == "damage"} == set(CLASSES)
    with Path("report/findings.csv").open(newline="") as file:
        assert {row["damage"] for row in csv.DictReader(file)} <= set(CLASSES)
    assert yaml.safe_load(RECIPE)["init"] == "crumple-lite0"
