from crumple.label.cvat.schema import labels
from crumple.taxonomy import DAMAGES, PARTS


def test_there_is_a_label_for_every_part_and_damage_and_for_nothing_else():
    ours = labels()
    assert [label["name"] for label in ours] == [*PARTS, *DAMAGES]
    assert len({label["color"] for label in ours}) == len(ours)
    severity = [label["name"] for label in ours if any(one["name"] == "severity" for one in label["attributes"])]
    assert severity == [*DAMAGES]
