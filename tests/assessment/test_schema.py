import json
from pathlib import Path

import jsonschema
import numpy as np

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor
from crumple.assessment.schema import PUBLISHED
from crumple.published_schema import json_schema
from tests.fakes import Thing, fake_detector


def test_the_published_schema_is_up_to_date():
    published = (Path(__file__).parents[2] / PUBLISHED).read_text()
    assert published == json_schema(Assessment), "run: python -m crumple.assessment.schema"


def test_an_assessment_fits_the_schema():
    things = [Thing("parts", "hood", (10, 10, 90, 90)), Thing("damage", "dent", (20, 20, 40, 45), 0.8)]
    assessment = Assessor(fake_detector(things))(np.zeros((400, 800, 3), np.uint8))
    schema = json.loads(json_schema(Assessment))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(assessment.model_dump_json())
    jsonschema.validate(content, schema)
    content["findings"][0]["severity"] = "terrible"
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(content))
