"""/invocations and its like: bodies, answers, problems, a full queue, a deadline."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor, read_photo
from crumple.serve.http.problems import MEDIA_TYPE
from crumple.serve.settings import Settings
from tests.fakes import fake_detector
from tests.serve.running import THINGS, Gate, picture, running, until

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data"), max_body=200_000, max_pixels=50_000, max_photos=3) as client:
        yield client


def problem(answer, status, field=None):
    """The problem document of an answer, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    content = answer.json()
    assert content["status"] == status and content["title"] and content["detail"]
    assert content["request_id"] == answer.headers["X-Request-ID"]
    if field is not None:
        assert [one["field"] for one in content["errors"]] == [field]
    return content


def test_health(client):
    assert client.get("/ping").json() == {"status": "ready", "model": "fake", "version": "1"}
    assert client.get("/healthz").json()["status"] == "ok"
    parameters = client.get("/execution-parameters").json()
    assert parameters == {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 1}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "BMP", "TIFF"])
def test_formats(client, kind):
    data = picture(kind=kind)
    answer = client.post("/invocations", content=data, headers={"Content-Type": f"image/{kind.lower()}"})
    assessment = Assessment.model_validate_json(answer.content)
    assert [finding.damage for finding in assessment.findings] == ["dent"]
    assert assessment.findings[0].on[0].label == "front_left_door"
    assert (assessment.photo.width, assessment.photo.height) == (200, 100)


def test_a_large_jpeg_gets_the_answer_that_python_gives(tmp_path):
    """Both decode it at a fraction, so that the network sees the same canvas."""
    networks = []
    jpeg = picture(size=(2400, 1200))
    with running(tmp_path, network=lambda network: (networks.append(network), network)[1]) as client:
        answer = Assessment.model_validate_json(client.post("/invocations", content=jpeg, headers=JPEG).content)
    detector = fake_detector(THINGS)
    Assessor(detector).inspect(read_photo(jpeg))  # the whole of it
    assert not np.array_equal(networks[0].canvases[-1], detector.network.canvases[-1])
    expected = Assessor(detector)(jpeg)
    assert np.array_equal(networks[0].canvases[-1], detector.network.canvases[-1])
    for field in ("parts", "findings", "quality"):
        assert getattr(answer, field) == getattr(expected, field)
    assert (answer.photo.width, answer.photo.height) == (2400, 1200)


def test_heic(client):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    answer = client.post("/invocations", content=picture(kind="HEIF"), headers={"Content-Type": "image/heic"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["findings"][0]["damage"] == "dent"


def test_name_comes_from_the_header(client):
    headers = JPEG | {"Content-Disposition": "attachment; filename*=UTF-8''k%C3%A4fer%20links.jpg"}
    assert client.post("/invocations", content=picture(), headers=headers).json()["photo"]["name"] == "käfer links.jpg"


def test_several_photos(client):
    files = [("photos", (f"{i}.jpg", picture(i), "image/jpeg")) for i in range(3)]
    answer = client.post("/v1/assessments", files=files).json()
    assert [one["photo"]["name"] for one in answer] == ["0.jpg", "1.jpg", "2.jpg"]
    problem(client.post("/v1/assessments", files=[*files, *files]), 400, "body")


def test_base64(client):
    body = {"photos": [{"name": "a.jpg", "base64": base64.b64encode(picture()).decode()}]}
    assert client.post("/invocations", json=body).json()["photo"]["name"] == "a.jpg"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"photos": [{"base64": "not base64!"}]}, 422, "photos.0.base64"),
        ({"photos": [{"name": "x"}]}, 422, "photos.0"),
        ({"photos": []}, 422, "photos"),
        ({"photos": [{"base64": "aGVsbG8="}]}, 415, "photo"),
        ({"photos": [{"base64": "aGVsbG8="}] * 4}, 422, "photos"),
        ({"fotos": []}, 422, None),
        ({"photos": [{"url": "https://example.com/car.jpg"}]}, 422, "photos.0.url"),
    ],
)
def test_bad_json(client, body, status, field):
    problem(client.post("/invocations", json=body), status, field)


def test_bad_bodies(client):
    problem(client.post("/invocations", content=b"{", headers={"Content-Type": "application/json"}), 400, "body")
    problem(client.post("/invocations", content=b"", headers=JPEG), 400, "photo")
    problem(client.post("/invocations", content=b"GIF89a", headers=JPEG), 415, "photo")
    problem(client.post("/invocations", content=picture(), headers={"Content-Type": "text/plain"}), 415, "Content-Type")
    problem(client.post("/invocations", content=picture()), 415, "Content-Type")
    problem(client.post("/invocations", content=picture()[:300], headers=JPEG), 422, "photo")
    problem(client.post("/invocations", content=picture(size=(300, 200), quality=20), headers=JPEG), 413, "photo")
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    problem(client.post("/invocations", content=b"no form", headers=multipart), 400)
    problem(client.post("/invocations", content=b"--x--\r\n", headers=multipart), 422, "photos")
    problem(client.get("/nowhere"), 404)
    problem(client.get("/invocations"), 405)


def test_long_bodies(client):
    problem(client.post("/invocations", content=b"x" * 200_001, headers=JPEG), 413, "body")
    problem(client.post("/invocations", content=(b"x" * 1000 for _ in range(300)), headers=JPEG), 413, "body")


def test_all_bodies_together_are_bounded(tmp_path):
    gate, data = Gate(), picture(size=(100, 100))
    room = {"max_body": 2 * len(data), "max_held": 3 * len(data) - 1}
    with running(tmp_path, network=gate, inspections=False, **room) as client, ThreadPoolExecutor(2) as pool:

        def ask():
            return client.post("/invocations", content=data, headers=JPEG)

        first = [pool.submit(ask) for _ in range(2)]
        try:
            for _ in first:
                assert gate.entered.acquire(timeout=60)
            for content in (data, iter([data])):  # with and without Content-Length
                answer = client.post("/invocations", content=content, headers=JPEG)
                problem(answer, 503)
                assert answer.headers["Retry-After"]
            assert client.get("/ping").status_code == 200
        finally:
            gate.opened.set()
        assert [one.result().status_code for one in first] == [200, 200]
        assert ask().status_code == 200


def test_answers(client):
    def ask(accept):
        return client.post("/invocations", content=picture(), headers=JPEG | {"Accept": accept})

    assert ask("image/jpeg").content.startswith(b"\xff\xd8")
    assert "default-src 'none'" in ask("text/html").headers["Content-Security-Policy"]
    assert "<html" in ask("text/html").text and "dent" in ask("text/html").text
    coco = ask("application/vnd.coco+json")
    assert {"images", "annotations", "categories"} <= set(json.loads(coco.content))
    assert ask("*/*").headers["Content-Type"] == "application/json"
    assert ask("text/*;q=0.5, image/jpeg;q=0.9").headers["Content-Type"] == "image/jpeg"
    problem(ask("application/pdf"), 406, "Accept")
    files = [("photos", (f"{i}.jpg", picture(i), "image/jpeg")) for i in range(2)]
    problem(client.post("/invocations", files=files, headers={"Accept": "image/jpeg"}), 406, "Accept")


def test_thresholds(client):
    def ask(attributes):
        headers = JPEG | {"X-Amzn-SageMaker-Custom-Attributes": attributes}
        return client.post("/invocations", content=picture(), headers=headers)

    assert ask("min_score=0.95").json()["findings"] == []
    assert ask("upper=0.95").json()["findings"][0]["threshold"] == "lower"
    assert ask("upper=0.9, lower=0.2").json()["findings"][0]["threshold"] == "upper"
    assert ask("lower=0.8").json()["thresholds"]["damage"]["dent"] == {"upper": 0.8, "lower": 0.8}
    assert ask("upper=0.9").json()["thresholds"]["parts"]["hood"] == {"upper": 0.5, "lower": 0.5}
    earlier = "confirmed=0.95, suspected=0.2"  # the names that they had in earlier versions
    assert ask(earlier).json()["thresholds"]["damage"]["dent"] == {"upper": 0.95, "lower": 0.2}
    for wrong in ("min_score=2", "min_score=x", "colour=red", "upper=0.2,lower=0.4", "nonsense"):
        problem(ask(wrong), 400, "X-Amzn-SageMaker-Custom-Attributes")


def test_a_full_queue_sheds_and_drops_nothing(tmp_path):
    gate, answers = Gate(), []
    with running(tmp_path, network=gate, workers=1, queue=2, inspections=False) as client:

        def ask():
            answers.append(client.post("/invocations", content=picture(), headers=JPEG).status_code)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        engine = client.service.engine
        until(lambda: engine.waiting == 3)
        refused = client.post("/invocations", content=picture(), headers=JPEG)
        assert int(refused.headers["Retry-After"]) >= 1
        problem(refused, 503)
        gate.opened.set()
        for thread in threads:
            thread.join()
        assert answers == [200, 200, 200]
        assert client.post("/invocations", content=picture(), headers=JPEG).status_code == 200


def test_deadline(tmp_path):
    gate = Gate()
    with running(tmp_path, network=gate, workers=1, deadline=1, inspections=False) as client:
        problem(client.post("/invocations", content=picture(), headers=JPEG), 504)
        gate.opened.set()


def test_an_error_of_ours_tells_nothing_of_the_inside(tmp_path):
    def broken(network):
        calls = []

        def fail(canvas):
            calls.append(1)
            if len(calls) > 1:
                raise RuntimeError("secret detail")
            return network(canvas)

        return fail

    with running(tmp_path, network=broken, inspections=False) as client:
        answer = client.post("/invocations", content=picture(), headers=JPEG)
        assert answer.status_code == 500 and "secret" not in answer.text and "Traceback" not in answer.text
        assert answer.json()["request_id"]


def test_sagemakers_model_folder(tmp_path):
    assert Settings(ml_root=tmp_path).model_folder() is None
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    assert Settings(ml_root=tmp_path).model_folder() == tmp_path / "model"
    assert Settings(ml_root=tmp_path, model=tmp_path / "other").model_folder() == tmp_path / "other"


def test_request_ids_and_metrics(client):
    answer = client.get("/ping", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["X-Request-ID"] == "mine-1"
    assert client.get("/ping", headers={"X-Request-ID": "x" * 100}).headers["X-Request-ID"] != "x" * 100
    text = client.get("/metrics").text
    assert 'crumple_requests_total{method="GET",route="/ping",status="200"}' in text
    assert 'crumple_photos_total{outcome="assessed"}' in text
    assert "crumple_queue_photos 0.0" in text
