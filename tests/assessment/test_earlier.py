"""What earlier versions wrote still opens. `format_1.json` was written by the last version that wrote that format."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from crumple.assessment.assessment import FORMAT, Assessment, Finding
from crumple.detect.model_info import ClassThresholds

WRITTEN = Path(__file__).with_name("format_1.json").read_text(encoding="utf-8")


def first_finding(**changes):
    return json.loads(WRITTEN)["findings"][0] | changes


def test_an_assessment_of_format_1_opens_as_format_2():
    told = Assessment.model_validate_json(WRITTEN)
    assert told.format == FORMAT == "crumple-assessment-2"
    assert [(f.threshold, f.probability, f.likelihood) for f in told.findings] == [
        ("upper", 0.351, "possible"),
        ("lower", 0.197, "doubtful"),
    ]
    assert [f.text.partition(".")[0] for f in told.findings] == [
        "dent on front left door, possible",
        "scratch, panel not identified, doubtful",
    ]
    assert told.thresholds["damage"]["dent"] == ClassThresholds(upper=0.6, lower=0.3)


def test_all_else_stays_as_it_was_and_what_is_written_now_has_the_new_names_alone():
    before, after = json.loads(WRITTEN), json.loads(Assessment.model_validate_json(WRITTEN).model_dump_json())
    assert Assessment.model_validate(after) == Assessment.model_validate_json(WRITTEN)
    for finding in (*before["findings"], *after["findings"]):
        for name in ("verdict", "likelihood", "threshold", "text"):
            finding.pop(name, None)
    for one in (before, after):
        del one["format"], one["thresholds"]
    assert after.pop("objects") == [] and after == before
    written = Assessment.model_validate_json(WRITTEN).model_dump_json()
    assert not any(word in written for word in ("verdict", "confirmed", "suspected"))


@pytest.mark.parametrize(
    ("verdict", "probability", "threshold", "likelihood"),
    [
        ("confirmed", None, "upper", "likely"),
        ("suspected", None, "lower", "possible"),
        ("confirmed", 0.299, "upper", "doubtful"),
        ("suspected", 0.6, "lower", "likely"),
    ],
)
def test_a_finding_alone_opens_too(verdict, probability, threshold, likelihood):
    told = Finding.model_validate(first_finding(verdict=verdict, probability=probability))
    assert (told.threshold, told.likelihood) == (threshold, likelihood)


def test_a_sentence_of_another_shape_is_left_alone():
    assert Finding.model_validate(first_finding(text="a dent.")).text == "a dent."


@pytest.mark.parametrize("changes", [{"verdict": "certain"}, {"verdict": ["confirmed"]}, {"probability": "high"}])
def test_what_no_version_wrote_is_refused(changes):
    with pytest.raises(ValidationError):
        Finding.model_validate(first_finding(**changes))
