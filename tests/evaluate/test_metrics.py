"""metrics.json and its published schema."""

import json
from pathlib import Path

import jsonschema
import pytest

from crumple.dataset.leaks import audit_leaks
from crumple.dataset.sets import read_data
from crumple.evaluate.comparison import compare
from crumple.evaluate.evaluation import evaluate
from crumple.evaluate.judged.judge import DetectorFinder, judge
from crumple.evaluate.judged.truths import read_truths
from crumple.evaluate.metrics import PUBLISHED, Metrics
from crumple.evaluate.subject import subject
from crumple.published_schema import json_schema
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.small_data import KnowingDetector, write_data


@pytest.fixture
def metrics(tmp_path):
    """Two models that both know the answers."""
    data = read_data(write_data(tmp_path))
    detector = KnowingDetector()
    photos = judge(DetectorFinder(detector), read_truths(data, "val", {"parts": PARTS, "damage": DAMAGES}))
    one = subject(detector.info, photos)
    evaluation = evaluate(one, audit_leaks(data), split="val", notes=("a note",))
    return Metrics(models=(evaluation, evaluation), comparison=compare(one, one))


def test_the_published_schema_is_up_to_date():
    published = (Path(__file__).parents[2] / PUBLISHED).read_text()
    assert published == json_schema(Metrics), "run: python -m crumple.evaluate.metrics"


def test_metrics_fit_the_schema(metrics):
    schema = json.loads(json_schema(Metrics))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(metrics.model_dump_json())
    jsonschema.validate(content, schema)
    assert content["comparison"]["figures"] and content["models"][0]["places"][0]["named"] is None
    content["models"][0]["branches"][0]["headline"]["mask"]["ap"] = "good"
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(content))


def test_metrics_are_read_back_as_they_were(metrics):
    assert Metrics.model_validate_json(metrics.model_dump_json()) == metrics
