"""The tables of the model card, from an evaluation by hand."""

from card_tables import alarms, average_precision, met, places, places_by_damage, places_by_part

from tests.evaluate.evaluations import evaluation


def rows(table):
    lines = table.strip().splitlines()
    assert len({line.count("|") for line in lines}) == 1  # every row has every column
    return {line.split(" | ")[0].strip("| "): [cell.strip(" |") for cell in line.split(" | ")[1:]] for line in lines}


def test_every_table_has_its_figures():
    made = evaluation()
    figures = rows(places(made))
    assert figures["findings on no part"] == ["50.0 (0.0 to 100.0) of 2"]
    assert figures["right part named"] == ["100.0 of 1"]
    (one,) = made.places
    assert rows(places_by_part(one))["front left door"][:2] == ["100.0 of 1", "100.0 of 1"]
    assert rows(places_by_damage(one))["dent"][:3] == ["100.0 of 1", "100.0 of 1", "100.0 of 1"]
    assert rows(alarms(made))["parts_set"] == ["yes", "1", "100.0"]
    damage = made.branches[1]
    assert rows(met(damage))["dent (2)"] == ["100.0 / 100.0 / 100.0", "100.0", "81 / 56 / 42"]
    assert rows(average_precision(made))["**damage**"][2:4] == ["50.0", "50.0"]
