"""What answers say beside their content: not to be kept, not to be guessed at, and no name that the caller made up."""

import pytest

from tests.serve.http.test_assessments import JPEG
from tests.serve.running import add_photo, assessed, new_inspection, picture, running


def test_no_answer_is_kept_or_guessed_at(tmp_path):
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        image = add_photo(client, inspection)
        assessed(client, inspection)
        paths = [
            f"/images/{image['id']}",
            f"/images/{image['id']}/photo",
            "/export?format=csv",
            "/export",
            "",
            "/absent",
        ]
        for path in ["/v1/inspections", *(inspection + path for path in paths)]:
            answer = client.get(path)
            assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"], path
            assert answer.headers.get_list("Cache-Control") == ["no-store"], path
        assert client.get("/").headers.get_list("Cache-Control") == ["no-cache"]


def test_no_answer_leads_to_the_host_that_was_named(tmp_path):
    with running(tmp_path, anonymous=True) as client:
        for path in ("/v1/inspections/", "/page", "/healthz/"):
            answer = client.get(path, headers={"Host": "evil.example"})
            assert answer.status_code == 404 and "Location" not in answer.headers, path


@pytest.mark.parametrize("charset", ["idna", "punycode", "utf-16", "none-such", "base64"])
def test_a_file_name_in_a_charset_that_is_none(tmp_path, charset):
    with running(tmp_path, inspections=False) as client:
        headers = JPEG | {"Content-Disposition": f"attachment; filename*={charset}''xn--a%ff"}
        assert client.post("/v1/assessments", content=picture(), headers=headers).status_code == 200
