from crumple.cli.findings_table import print_assessment
from tests.assess.examples import assessment, bitmap, finding

SIZE = (400, 300)
SQUARE = bitmap(((10, 10), (99, 10), (99, 99), (10, 99)), SIZE)


def test_a_known_probability_stands_under_the_score(capsys):
    dent = finding("dent", SQUARE, score=0.874)
    print_assessment(assessment(SIZE, [], [dent.model_copy(update={"probability": 0.284})]))
    told = capsys.readouterr().out
    assert "confirmed, 87%" in told and "28 % of such are right" in told
    print_assessment(assessment(SIZE, [], [dent]))
    assert "are right" not in capsys.readouterr().out
