import numpy as np

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor, read_photo
from crumple.assessment.writers import COLUMNS, finding_rows, write_assessment
from tests.assessment.examples import assessment, finding, near
from tests.fakes import Thing, fake_detector

THINGS = [Thing("parts", "hood", (10, 10, 90, 90), 0.9), Thing("damage", "dent", (20, 20, 40, 45), 0.8)]


def test_json_is_readable_and_the_same_assessment(tmp_path):
    photo = read_photo(np.zeros((400, 800, 3), np.uint8))
    name = 'odd [ 1, 2 ] "quoted" \\ name.jpg'
    assessment, _ = Assessor(fake_detector(THINGS)).inspect(photo, name=name)
    path = tmp_path / "car.assessment.json"
    write_assessment(path, assessment)
    text = path.read_text()
    assert Assessment.model_validate_json(text) == assessment
    assert '"box": [80.0, 80.0, 160.0, 180.0]' in text and '"size": [400, 800]' in text
    assert len(text.splitlines()) < 300
    assert list(tmp_path.iterdir()) == [path]


def test_rows_have_the_columns():
    assessment = Assessor(fake_detector([*THINGS, Thing("damage", "dent", (150, 20, 170, 45), 0.4)]))(
        np.zeros((400, 800, 3), np.uint8)
    )
    rows = finding_rows(assessment)
    assert all(tuple(row) == COLUMNS for row in rows)
    by_parts = {row["parts"]: row for row in rows}
    assert by_parts["hood"]["share_of_damage"] == 1 and by_parts[""]["share_of_part"] is None
    assert (by_parts["hood"]["where"], by_parts[""]["where"]) == ("hood", "panel not identified")
    assert by_parts[""]["severity"] == "unclear"


def test_a_place_without_an_outline_has_its_probability():
    dent = finding("dent", np.ones((10, 10), bool), severity="unclear")
    on = [near("fender", 0.8), near("hood", 0.5)]
    [row] = finding_rows(assessment((10, 10), findings=[dent.model_copy(update={"on": on})]))
    assert (row["parts"], row["where"]) == ("fender hood", "fender, side not known and hood")
    assert (row["place_probability"], row["share_of_damage"]) == (0.8, None)
