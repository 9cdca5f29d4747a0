"""The published interface: fuzzed by what it says of itself, and the JSON Schemas in docs/ are those of the code."""

import json
from pathlib import Path

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crumple.case.inspection import Inspection
from crumple.published_schema import json_schema
from crumple.serve.app import create_app
from crumple.serve.contract.damages import DamageEdit
from crumple.serve.contract.schemas import PUBLISHED
from crumple.serve.settings import Settings
from tests.serve.running import add_photo, assessed, new_inspection, running

DOCS = Path(__file__).parents[3] / "docs"
# Ids of what is there: random ones would never get past 404.
KNOWN: dict[str, str] = {}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data"), webhook_private=True, max_body=300_000, live=1000) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        KNOWN["image_id"] = assessed(client, inspection)[0]["id"]
        KNOWN["inspection_id"] = inspection.rpartition("/")[2]
        KNOWN["live_id"] = client.post("/v1/live").json()["id"]
        KNOWN["webhook_id"] = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}).json()["id"]
        yield client


@schemathesis.hook
def before_call(context, case, kwargs):
    """Half of the requests go to what is there."""
    case.headers = case.headers or {}
    for name in case.path_parameters or {}:
        if name in KNOWN and len(str(case.body)) % 2:
            case.path_parameters[name] = KNOWN[name]


schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
# The stream never ends by itself, and a deletion would take away what the other requests go to.
schema = schema.exclude(path_regex="/stream$").exclude(method="DELETE")


@schema.parametrize()
@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_is_a_server_error(case, client):
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    response = case.call(base_url=str(client.base_url))
    case.validate_response(response, checks=checks)


def test_published_schemas():
    for name, model in PUBLISHED.items():
        published = (DOCS / name).read_text()
        assert published == json_schema(model), "run python -m crumple.serve.contract.schemas"
        jsonschema.Draft202012Validator.check_schema(json.loads(published))


def test_an_export_is_as_published_and_as_the_command_line_writes_it(client):
    answer = client.get(f"/v1/inspections/{KNOWN['inspection_id']}/export")
    for name in ("inspection.schema.json", "case.schema.json"):
        schema = json.loads((DOCS / name).read_text())
        jsonschema.Draft202012Validator(schema).validate(answer.json())
    inspection = Inspection.model_validate_json(answer.content)
    assert inspection.format == "crumple-inspection-2" and inspection.model.name == "fake"
    read = client.get(f"/v1/inspections/{KNOWN['inspection_id']}").json()
    assert inspection.name == (read["reference"] or read["vehicle"]["plate"] or read["id"])
    assert [damage.model_dump(mode="json") for damage in inspection.damages] == read["damages"]


def test_examples_are_valid():
    content = create_app(Settings()).openapi()
    models = content["components"]["schemas"]
    shown = {name for name, model in models.items() if model.get("examples")}
    assert {"DamageEdit", "Edit", "Inspection", "InspectionChanges", "NewInspection", "NewReview"} <= shown
    for name in shown:
        schema = {"$ref": f"#/components/schemas/{name}", "components": content["components"]}
        for example in models[name]["examples"]:
            jsonschema.Draft202012Validator(schema).validate(example)
    assert all(DamageEdit.model_validate(example) for example in models["DamageEdit"]["examples"])
