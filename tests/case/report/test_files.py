import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from crumple.assessment.assessment import Assessment
from crumple.assessment.severity import Rules
from crumple.case.adding_up import AssessedPhoto, add_up
from crumple.case.files import COLUMNS, write_inspection
from crumple.case.inspection import Inspection
from crumple.case.report.content import CaseReport
from crumple.case.report.pictures import cutout
from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.samples.scenes import painted_photos, write_samples
from tests.assessment.examples import assessment, finding, hatchback, part
from tests.case.report.cases import GREY, RED, damage, inspection, pixels

FILES = {"inspection.json", "assessments.jsonl", "damages.csv", "report.html", "report.pdf", "pictures"}


def near(colour, wanted):
    return np.abs(np.asarray(colour, float) - wanted).max() < 25


def write(out, case, **options):
    write_inspection(out, case[0], options.pop("read", lambda photo: pixels()), assessments=case[1], **options)
    return out


def test_everything_is_written_and_can_be_read_again(tmp_path):
    case = inspection([damage(1, [1, 2]), damage(2, [2], probability=0.1, same=(1,))])
    out = write(tmp_path / "a" / "case", case)
    assert {path.name for path in out.iterdir()} == FILES
    text = (out / "inspection.json").read_text()
    assert Inspection.model_validate_json(text) == case[0]
    assert re.search(r'"box": \[200.0, 100.0, 300.0, 200.0\]', text)
    lines = (out / "assessments.jsonl").read_text().splitlines()
    assert [Assessment.model_validate_json(line) for line in lines] == case[1]
    named = set(re.findall(r'src="(pictures/[^"]+)"', (out / "report.html").read_text()))
    written = {f"pictures/{path.name}" for path in (out / "pictures").iterdir()}
    assert written == named | {"pictures/cover.jpg"}
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_row_for_every_damage(tmp_path):
    case = inspection([damage(1, [1, 2], on=("hood", "left_fender")), damage(2, [2], same=(1,))])
    with (write(tmp_path, case) / "damages.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0] | {} == rows[0] | {
        "damage": "damage-1",
        "type": "dent",
        "parts": "hood left_fender",
        "where": "hood and left fender",
        "severity": "moderate",
        "probability": "0.8",
        "likelihood": "likely",
        "decision": "open",
        "photos": "1 2",
        "maybe_same": "",
    }
    assert rows[1]["maybe_same"] == "damage-1"


def test_pictures_are_small_and_a_cut_out_shows_the_damage(tmp_path):
    large = np.asarray(Image.fromarray(pixels()).resize((5000, 3300), Image.Resampling.NEAREST))
    case = inspection([damage(1, [1])], photos=1)
    out = write(tmp_path, case, read=lambda photo: large)
    sizes = {path.name: Image.open(path).size for path in (out / "pictures").iterdir()}
    assert sizes["photo-1.jpg"] == sizes["photo-1-damages.jpg"] == (1400, 924)
    assert max(sizes["damage-1.jpg"]) == 220 and max(sizes["cover.jpg"]) == 240
    close = decode_photo(out / "pictures" / "damage-1-1.jpg").rgb
    height, width = close.shape[:2]
    assert width == 720 and width / height == pytest.approx(4 / 3, abs=0.01)
    assert near(close[height // 2, width // 2], RED) and near(close[8, 8], GREY)
    plain, drawn = (decode_photo(out / "pictures" / name).rgb for name in ("photo-1.jpg", "photo-1-damages.jpg"))
    assert near(drawn[420, 700], RED)  # outlined, not filled
    assert (np.abs(plain.astype(int) - drawn) > 60).any()


@pytest.mark.parametrize(
    "box", [(0, 0, 40, 30), (460, 300, 500, 330), (0, 0, 500, 330), (250, 0, 260, 330), (3, 4, 4, 5)]
)
def test_a_cut_out_stays_in_the_photo_and_holds_the_whole_damage(box):
    case, assessments = inspection([damage(1, [1])], photos=1)
    [sight] = CaseReport(case, assessments).rows[0].sights
    sight = type(sight)(sight.photo, sight.observation.model_copy(update={"box": box}), sight.picture)
    rgb = np.full((330, 500, 3), GREY, np.uint8)
    left, top, right, bottom = box
    rgb[top:bottom, left:right] = RED
    close = cutout(rgb, sight)
    assert max(close.shape) == 720
    rows, columns = np.nonzero(np.abs(close.astype(int) - RED).max(axis=2) < 90)
    shown = (np.ptp(columns) + 1) / (np.ptp(rows) + 1)
    assert shown == pytest.approx((right - left) / (bottom - top), rel=0.25)  # whole: nothing is cut off


def test_pictures_are_in_the_page_if_asked(tmp_path):
    out = write(tmp_path, inspection([damage(1, [1])]), embed=True)
    assert {path.name for path in out.iterdir()} == FILES - {"pictures"}
    page = (out / "report.html").read_text()
    assert 'src="pictures/' not in page and page.count('src="data:image/jpeg;base64,') == 5


def test_each_photo_is_read_once_and_redacted_before_it_is_shown(tmp_path):
    read, redacted = [], []

    def blacken(rgb):
        redacted.append(rgb.shape)
        return np.zeros_like(rgb)

    done = []
    case = inspection([damage(1, [1, 2]), damage(2, [1])])
    reader = {"read": lambda photo: read.append(photo.id) or pixels(), "done": lambda photo: done.append(photo.id)}
    out = write(tmp_path, case, redact=blacken, **reader)
    assert read == done == ["photo-1", "photo-2"] and len(redacted) == 2
    for name in ("photo-1.jpg", "damage-1.jpg", "damage-2-1.jpg", "cover.jpg"):
        rgb = decode_photo(out / "pictures" / name).rgb
        assert np.percentile(rgb, 90) < 20


def test_a_run_that_fails_leaves_the_files_of_the_one_before(tmp_path):
    out = write(tmp_path / "case", inspection([damage(1, [1])]))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def stop(photo):
        if photo.number == 2:
            raise KeyboardInterrupt
        return pixels(damaged=False)

    with pytest.raises(KeyboardInterrupt):
        write(out, inspection([]), read=stop)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "new" / "case", inspection([]), read=stop)
    assert not (tmp_path / "new").exists()


def test_a_second_run_takes_the_place_of_the_first(tmp_path):
    out = write(tmp_path, inspection([damage(1, [1]), damage(2, [1])]))
    (tmp_path / "notes.txt").write_text("mine")
    write(out, inspection([damage(1, [1])], photos=1))
    assert {path.name for path in out.iterdir()} == FILES | {"notes.txt"}
    assert {path.name for path in (out / "pictures").iterdir()} == {
        *("cover.jpg", "photo-1.jpg", "photo-1-damages.jpg", "damage-1.jpg", "damage-1-1.jpg")
    }


def test_a_photo_that_is_gone_or_another_one_is_told_in_one_line(tmp_path):
    case = inspection([damage(1, [1])])
    with pytest.raises(PhotoError, match="no such file"):
        write(tmp_path / "a", case, read=lambda photo: tmp_path / "gone.jpg")
    with pytest.raises(
        PhotoError, match=r"car 1.jpg: the assessment is of a photo of 500x330 pixels.*inspect the photos again"
    ):
        write(tmp_path / "b", case, read=lambda photo: np.zeros((500, 330, 3), np.uint8))
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()


def test_sample_photos_add_up_to_a_report(tmp_path):
    files = {path.name: path for path in write_samples(tmp_path / "photos")}
    scene = next(photo for photo in painted_photos() if photo.name == "hatchback_scraped_door")
    paths = [files["painted_hatchback_scraped_door.jpg"], files["clean_hatchback_rear_left.jpg"]]
    height, width = scene.image.shape[:2]
    door = part("back_left_door", np.ones((height, width), bool))
    found = [finding(kind, mask, number, on=door) for number, (kind, mask) in enumerate(scene.truth, start=1)]
    close_up = assessment((width, height), [door], found, name=paths[0].name)
    told = [close_up, hatchback([], name=paths[1].name)]
    content = add_up([AssessedPhoto(one) for one in told], rules=Rules.load())
    case = Inspection(**dict(content), name="hatchback", model=told[0].model)
    out = tmp_path / "out"
    write_inspection(out, case, lambda photo: paths[photo.number - 1], assessments=told, audience="recipient")
    assert json.loads((out / "inspection.json").read_text())["name"] == "hatchback"
    page = (out / "report.html").read_text()
    assert "Scratch" in page and "back left door" in page
    assert Image.open(out / "pictures" / "photo-1-damages.jpg").size == (width, height)
