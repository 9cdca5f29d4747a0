"""Packages, and when two answers are the same."""

import io
import json
import tarfile

import pytest

from crumple.deploy.endpoint.comparison import check_same
from crumple.deploy.errors import DeployError
from crumple.deploy.package.package import as_package, make_package, photo_to_ask, unpack
from crumple.errors import ModelError
from tests.deploy.aws import bright_photo, command, small_model
from tests.deploy.container.test_train import lay_out

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return small_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return bright_photo(tmp_path_factory.mktemp("photos") / "car.png")


def test_the_same_model_gives_the_same_bytes_and_only_its_files(model, photo, tmp_path):
    (model / "notes.txt").write_text("not for AWS")
    one, two = tmp_path / "one.tar.gz", tmp_path / "two.tar.gz"
    answer = make_package(model, one, photo.read_bytes())
    make_package(model, two, photo.read_bytes())
    assert one.read_bytes() == two.read_bytes()
    with tarfile.open(one) as tar:
        assert tar.getnames() == ["model.json", "model.xml", "model.bin"]
    assert [part.label for part in answer.parts] == ["front_left_door"]
    with as_package(one, photo.read_bytes()) as (path, again):
        assert path == one
        check_same(answer, again, "itself")


def test_nothing_is_written_for_a_model_that_does_not_run(model, photo, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("model.json", "model.xml"):
        (broken / name).write_bytes((model / name).read_bytes())
    with pytest.raises(ModelError, match=r"has model\.xml but no model\.bin"):
        make_package(broken, tmp_path / "out" / "model.tar.gz", photo.read_bytes())
    assert not (tmp_path / "out").exists()
    with pytest.raises(ModelError, match=r"has no model\.json; give a folder"):
        make_package(tmp_path, tmp_path / "model.tar.gz", photo.read_bytes())


def test_a_package_that_writes_elsewhere_is_refused(tmp_path):
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("../outside")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    (tmp_path / "in").mkdir()
    with pytest.raises(ModelError, match=r"no whole model\.tar\.gz"):
        unpack(tmp_path / "evil.tar.gz", tmp_path / "in")
    assert not (tmp_path / "outside").exists()


def test_what_differs_is_said(model, photo, tmp_path):
    answer = make_package(model, tmp_path / "model.tar.gz", photo.read_bytes())
    part = answer.parts[0]
    hood = part.model_copy(update={"label": "hood"})

    def changed(**fields):
        return answer.model_copy(update={"parts": [part.model_copy(update=fields)]})

    check_same(answer, changed(score=part.score - 0.01, box=tuple(v + 1 for v in part.box)), "it")
    for other, complaint in (
        (changed(score=part.score - 0.1), "it does not see the part front_left_door"),
        (changed(box=tuple(v + 5 for v in part.box)), "it does not see the part front_left_door"),
        (changed(label="hood"), "it does not see the part front_left_door"),
        (answer.model_copy(update={"parts": []}), "it does not see the part front_left_door"),
        (
            answer.model_copy(update={"parts": [part, hood]}),
            "it sees the part hood",
        ),
        (answer.model_copy(update={"model": answer.model.model_copy(update={"version": "2"})}), "its model is fake 2"),
        (answer.model_copy(update={"photo": answer.photo.model_copy(update={"sha256": "0"})}), "another photo"),
    ):
        with pytest.raises(DeployError, match=complaint):
            check_same(answer, other, "it")


def test_a_detection_at_its_threshold_may_be_there_or_not(model, photo, tmp_path):
    answer = make_package(model, tmp_path / "model.tar.gz", photo.read_bytes())
    at = answer.parts[0].model_copy(update={"score": 0.51})  # its threshold is 0.5
    check_same(answer.model_copy(update={"parts": [at]}), answer.model_copy(update={"parts": []}), "it")
    check_same(answer.model_copy(update={"parts": []}), answer.model_copy(update={"parts": [at]}), "it")


def test_the_command(model, photo, tmp_path, capsys):
    out = tmp_path / "packages" / "model.tar.gz"
    code, said, _ = command(capsys, "package", model, "--out", out, "--photo", photo)
    assert code == 0 and said.startswith("fake 1: 1 parts, 0 findings\n") and out.is_file()
    code, _, remarks = command(capsys, "package", tmp_path / "nowhere", "--out", tmp_path / "x.tar.gz")
    assert (code, remarks.count("\n")) == (2, 1) and "has no model.json" in remarks
    code, _, remarks = command(capsys, "package", model, "--photo", tmp_path / "none.jpg")
    assert (code, remarks) == (2, f"error: {tmp_path / 'none.jpg'}: cannot be read: No such file or directory\n")


def test_the_sample_photo_is_always_the_same():
    assert photo_to_ask(None) == photo_to_ask(None) and photo_to_ask(None)[:3] == b"\xff\xd8\xff"


def test_dry_runs_send_nothing_and_need_no_account(model, photo, tmp_path, capsys, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens
    recipe = lay_out(tmp_path / "ml") / "source" / "mine.yaml"
    common = ("--image", "i", "--role", "arn:aws:iam::1:role/r", "--region", "eu-west-1", "--dry-run")
    package = ("--model", model, "--photo", photo, "--bucket", "s3://my-bucket/x")
    asked = {
        "create": ("endpoint", "create", "a", *common, *package, "--serverless"),
        "update": ("endpoint", "update", "a", *common, *package),
        "batch": ("batch", "--input", "s3://b-b/in", "--output", "s3://b-b/out", *common, *package),
        "register": ("register", "a", *common[:2], *common[4:], *package),
        "train": ("train", recipe, "--data", "s3://b-b/photos", "--output", "s3://b-b/out", "--spot",
                  "--hyperparameter", "optimisation.learning_rate=1e-4", *common),
    }  # fmt: skip
    last = {"create": "create_endpoint", "update": "update_endpoint", "batch": "create_transform_job",
            "register": "create_model_package", "train": "create_training_job"}  # fmt: skip
    for name, arguments in asked.items():
        code, said, remarks = command(capsys, *arguments)
        assert code == 0, remarks
        requests = [line for line in said.splitlines() if line[:1].isdigit()]
        assert [int(line.partition(".")[0]) for line in requests] == list(range(1, len(requests) + 1))
        assert any(line.split()[2] == last[name] for line in requests)
        job = said[said.index(last[name]) :].split("\n", 1)
        assert json.loads("{" + job[1].partition("\n}")[0] + "}")
    assert '"optimisation.learning_rate": "1e-4"' in said and '"EnableManagedSpotTraining": true' in said
