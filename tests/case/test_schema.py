import json
from pathlib import Path

import jsonschema

from crumple.case.schema import PUBLISHED, inspection_schema
from tests.case.report.cases import damage, inspection


def test_the_published_schema_is_up_to_date():
    published = (Path(__file__).parents[2] / PUBLISHED).read_text()
    assert published == inspection_schema(), "run: python -m crumple.case.schema"


def test_an_inspection_fits_the_schema():
    case, _ = inspection([damage(1, [1, 2])], missing=("roof",))
    schema = json.loads(inspection_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(case.model_dump_json())
    jsonschema.validate(content, schema)
    content["panels"][0]["seen"] = "perhaps"
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(content))
