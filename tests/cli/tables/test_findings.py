import pytest

from crumple.assessment.assessment import PartSeen
from crumple.cli.tables.findings import print_assessment
from tests.assessment.examples import assessment, bitmap, finding, near

SIZE = (400, 300)
SQUARE = bitmap(((10, 10), (99, 10), (99, 99), (10, 99)), SIZE)


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")


def test_a_known_probability_is_told_as_a_count(capsys):
    dent = finding("dent", SQUARE, score=0.874)
    print_assessment(assessment(SIZE, [], [dent.model_copy(update={"probability": 0.284})]))
    told = capsys.readouterr().out
    assert "likely, about 3 in 10 like this are real" in told
    print_assessment(assessment(SIZE, [], [dent]))
    assert "are real" not in capsys.readouterr().out


def test_where_it_is_and_what_the_photo_shows(capsys):
    dent = finding("dent", SQUARE, severity="unclear").model_copy(update={"on": [near("fender", 0.874)]})
    told = assessment(SIZE, [], [dent, finding("scratch", SQUARE, 2)])
    seen = PartSeen(label="hood", title="hood", side=None, probability=0.9, part=None)
    print_assessment(told.model_copy(update={"parts_seen": [seen]}))
    text = capsys.readouterr().out
    assert "fender, side not known, probability 87 %" in text and "panel not identified" in text
    assert "unclear" in text and "parts seen: hood" in text
