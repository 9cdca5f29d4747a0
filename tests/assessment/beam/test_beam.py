"""Batch assessment: the same as photo by photo, only what is missing, and one bad photo never ends it."""

import json
import signal
import subprocess
import sys
import threading
import time

import pytest
from pyarrow import parquet

from crumple.assessment.beam import handler, pipeline
from crumple.assessment.beam.handler import AssessorHandler
from crumple.assessment.beam.pipeline import assess_folder
from crumple.assessment.beam.results import Part, Rejected, Results, parquet_schema, read_rows
from crumple.assessment.many import assess_many
from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.assessment.writers import COLUMNS
from crumple.beam.runner import local_options
from crumple.cli.main import run as run_command
from crumple.detect.detector import load_detector
from crumple.errors import CrumpleError
from crumple.files import file_sha256
from crumple.folder_lock import only_process
from crumple.photo_files import find_photos
from crumple.storage import open_folder
from tests.fakes import Thing, fake_detector, save_model
from tests.prepare.photos import photo_file, write_photos
from tests.prepare.pictures import scene
from tests.prepare.test_pipeline_stores import check_job, dataflow_service, nobodys_credentials  # noqa: F401
from tests.stores import gs_bucket, s3_bucket

pytestmark = pytest.mark.slow

OPTIONS = local_options(2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(save_model(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Seven photos, one of them in a folder of its own; a photo that is none, and an overlay of an earlier run."""
    folder = write_photos(tmp_path_factory.mktemp("raw"), range(6))
    write_photos(folder / "more", [6])
    (folder / "poison.jpg").write_bytes((folder / "000.jpg").read_bytes()[:4000])
    (folder / "000.overlay.jpg").write_bytes(photo_file(scene(0)))
    return folder


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(pipeline, "PART", 3)


def assessments(out, suffix="jsonl"):
    """All that was written, by name, without the times it took."""
    lines = [line for path in out.glob(f"assessments/*.{suffix}") for line in path.read_text().splitlines()]
    found = {content["photo"]["name"]: content for content in map(json.loads, lines)}
    assert len(found) == len(lines)
    for content in found.values():
        del content["timings"]
    return found


def rejects(out):
    return [json.loads(line) for line in (out / "rejects.jsonl").read_text().splitlines()]


def test_the_same_as_photo_by_photo(raw, model, tmp_path):
    out, single = tmp_path / "out", tmp_path / "single"
    assess_folder(str(raw), str(out), OPTIONS, model=model)
    outcome = assess_many(Assessor(load_detector(model)), find_photos([raw]), single, title="t")
    found = assessments(out)
    expected = [json.loads(line) for line in (single / "assessments.jsonl").read_text().splitlines()]
    assert len(found) == len(expected) == 7 and "more/006.jpg" in found
    for content in expected:
        del content["timings"]
        assert found[content["photo"]["name"]] == content
    [reject] = rejects(out)
    assert (reject["name"], reject["reason"]) == ("poison.jpg", "unreadable") and "cut off" in reject["message"]
    assert str(outcome.skipped[0].reason).endswith(reject["message"])
    assert json.loads((out / "summary.json").read_text()) == {"assessed": 7, "before": 0, "rejected": 1}
    assert not list(out.rglob(".*"))


def test_run_again_it_does_only_what_is_missing(raw, model, tmp_path, monkeypatch):
    raw, out = write_photos(tmp_path / "raw", range(4)), tmp_path / "out"
    (raw / "poison.jpg").write_bytes(b"no photo")
    assess_folder(str(raw), str(out), OPTIONS, model=model)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("assessments/*")}
    (raw / "poison.jpg").write_bytes(photo_file(scene(5)))  # repaired since
    write_photos(raw, [7])
    names = counting(monkeypatch)
    assess_folder(str(raw), str(out), OPTIONS, model=model)
    assert sorted(names) == ["007.jpg", "poison.jpg"] and len(assessments(out)) == 6 and rejects(out) == []
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in out.glob("assessments/*")}.items()
    assert Results(str(out), "jsonl").summary() == {"assessed": 2, "before": 4, "rejected": 0}


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_photo_that_changed_is_assessed_again_and_stands_there_once(kind, model, tmp_path, monkeypatch):
    raw, out = write_photos(tmp_path / "raw", range(5)), tmp_path / "out"
    assess_folder(str(raw), str(out), OPTIONS, model=model, format=kind)
    write_photos(raw, [1, 3], comment=b"the same pixels, another file")
    (raw / "004.jpg").unlink()
    names = counting(monkeypatch)
    assess_folder(str(raw), str(out), OPTIONS, model=model, format=kind)
    assert sorted(names) == ["001.jpg", "003.jpg"]
    rows = [row for path in out.glob("assessments/*") for row in read_rows(path.read_bytes(), kind)]
    written = {row["photo"]: json.loads(row["assessment"])["photo"]["sha256"] for row in rows}
    assert len(rows) == 5 and "004.jpg" in written  # what is gone keeps its assessment
    assert all(written[path.name] == file_sha256(path) for path in raw.iterdir())
    assert Results(str(out), kind).summary() == {"assessed": 2, "before": 2, "rejected": 0}


def test_a_part_of_which_nobody_knows_the_files_is_done_again(model, tmp_path):
    raw, out = write_photos(tmp_path / "raw", range(2)), tmp_path / "out"
    assess_folder(str(raw), str(out), OPTIONS, model=model)
    for path in out.glob("sources/*"):
        path.unlink()
    assess_folder(str(raw), str(out), OPTIONS, model=model)
    assert len(assessments(out)) == 2 and Results(str(out), "jsonl").summary()["assessed"] == 2


def counting(monkeypatch):
    names, real = [], AssessorHandler.outcome

    def outcome(self, name, assessor):
        names.append(name)
        return real(self, name, assessor)

    monkeypatch.setattr(AssessorHandler, "outcome", outcome)
    return names


KILLED = """
import os, signal, sys
from crumple.assessment.beam import pipeline
from crumple.assessment.beam.handler import AssessorHandler
from crumple.beam.runner import local_options
real, left = AssessorHandler.outcome, [5]
def outcome(self, name, assessor):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, name, assessor)
AssessorHandler.outcome = outcome
pipeline.PART = 3
raw, out, model, kind = sys.argv[1:]
pipeline.assess_folder(raw, out, local_options(1), model=model, format=kind)
"""


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_killed_it_goes_on(kind, raw, model, tmp_path, monkeypatch):
    out = tmp_path / "out"
    dead = subprocess.run([sys.executable, "-c", KILLED, str(raw), str(out), model, kind], timeout=300)
    assert dead.returncode == -signal.SIGKILL and not (out / "summary.json").exists()
    names = counting(monkeypatch)
    assess_folder(str(raw), str(out), OPTIONS, model=model, format=kind)
    assert len(names) == 5 and "000.jpg" not in names
    assert Results(str(out), kind).done({}) == {*(f"{i:03d}.jpg" for i in range(6)), "more/006.jpg"}


def test_parquet(raw, model, tmp_path):
    assess_folder(str(raw), str(tmp_path / "lines"), OPTIONS, model=model)
    assess_folder(str(raw), str(tmp_path / "out"), OPTIONS, model=model, format="parquet")
    table = parquet.read_table(tmp_path / "out" / "assessments")
    expected = assessments(tmp_path / "lines")
    assert table.num_rows == 7 and table.schema.names == parquet_schema().names
    for row in table.to_pylist():
        content = json.loads(row["assessment"])
        del content["timings"]
        assert content == expected[row["photo"]]
        assert (row["sha256"], row["width"], row["height"]) == (content["photo"]["sha256"], 640, 480)


def test_findings_have_the_columns_of_the_table(tmp_path):
    assessor = Assessor(fake_detector([Thing("damage", "dent", (20, 10, 120, 90))]))
    raw = write_photos(tmp_path, [1])
    outcome = AssessorHandler(str(raw), None, Rules.load(), None, accurate=False).outcome("001.jpg", assessor)
    Results(str(tmp_path), "parquet").write_part(Part({"001.jpg": "stamp"}), [outcome.row])
    [row] = parquet.read_table(tmp_path / "assessments").to_pylist()
    [finding] = row["findings"]
    assert list(finding) == list(COLUMNS[1:]) and finding["damage"] == "dent" and row["severity"] == finding["severity"]


def test_the_model_is_loaded_once(raw, model, tmp_path, monkeypatch):
    loads = []
    monkeypatch.setattr(
        handler, "load_detector", lambda folder, **_: (loads.append(threading.get_ident()), load_detector(folder))[1]
    )
    assess_folder(str(raw), str(tmp_path / "out"), local_options(3), model=model)
    assert len(loads) == 1


def test_two_looks_at_each_photo(model, tmp_path, monkeypatch):
    raw, out, looks = write_photos(tmp_path / "raw", range(4)), tmp_path / "out", []

    def load(folder, *, accurate):
        detector = load_detector(folder)
        network = detector.network
        detector.network = lambda canvas: (looks.append(canvas), network(canvas))[1]
        return detector.accurately() if accurate else detector

    monkeypatch.setattr(handler, "load_detector", load)
    assess_folder(str(raw), str(out), OPTIONS, model=model, accurate=True)
    names = [content["model"]["name"] for content in assessments(out).values()]
    assert names == ["fake-accurate"] * 4 and len(looks) == 8


def test_whatever_goes_wrong_with_one_photo_is_its_own_affair(tmp_path):
    assessor = Assessor(fake_detector([]))
    assessor.detector.network = lambda canvas: 1 / 0
    worker = AssessorHandler(str(write_photos(tmp_path, [1])), None, Rules.load(), None, accurate=False)
    assert worker.outcome("001.jpg", assessor) == Rejected("001.jpg", "failed", "ZeroDivisionError: division by zero")
    assert worker.outcome("gone.jpg", assessor).reason == "unreadable"


def test_a_parquet_folder_with_the_columns_of_an_earlier_version_is_not_gone_on_with(tmp_path):
    about = {"source": "photos"}
    for kind in ("jsonl", "parquet"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "assess.json").write_text(json.dumps(about | {"format": kind}))
    Results(str(tmp_path / "jsonl"), "jsonl").claim(about)
    with pytest.raises(
        CrumpleError, match=r"another table \(null, now \"crumple-assessments-2\"\); give another --out"
    ):
        Results(str(tmp_path / "parquet"), "parquet").claim(about)


def test_what_cannot_be_gone_on_from_is_told(model, tmp_path):
    raw, out = write_photos(tmp_path / "raw", [0]), str(tmp_path / "out")
    assess_folder(str(raw), out, OPTIONS, model=model)
    with pytest.raises(CrumpleError, match=r"another min_score \(null, now 0\.5\); give another --out"):
        assess_folder(str(raw), out, OPTIONS, model=model, min_score=0.5)
    with pytest.raises(CrumpleError, match=r"another model .*now \{\"name\": \"fake-accurate"):
        assess_folder(str(raw), out, OPTIONS, model=model, accurate=True)
    with pytest.raises(CrumpleError, match="another format"):
        assess_folder(str(raw), out, OPTIONS, model=model, format="parquet")
    with pytest.raises(CrumpleError, match="which is no assessment"):
        assess_folder(str(raw), str(write_photos(tmp_path / "mine", [1])), OPTIONS, model=model)
    with pytest.raises(CrumpleError, match="folder of the photos"):
        assess_folder(str(raw), str(raw), OPTIONS, model=model)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CrumpleError, match="no photo in it"):
        assess_folder(str(tmp_path / "empty"), str(tmp_path / "new"), OPTIONS, model=model)
    assert not (tmp_path / "new").exists()
    with (
        only_process(tmp_path / "out", "assesses there"),
        pytest.raises(CrumpleError, match="another process assesses"),
    ):
        assess_folder(str(raw), out, OPTIONS, model=model)


def test_a_misspelt_rule_is_told_before_the_folder_is_made(raw, model, tmp_path):
    (tmp_path / "rules.yaml").write_text("damages: {dnet: {words: dent}}\nother: {words: damage}\n")
    with pytest.raises(CrumpleError, match=r"rules\.yaml: damages\.dnet: is no known damage type"):
        assess_folder(str(raw), str(tmp_path / "out"), OPTIONS, model=model, rules=str(tmp_path / "rules.yaml"))
    assert not (tmp_path / "out").exists()


def test_the_command(raw, model, tmp_path, capsys):
    arguments = ["assess", str(raw), "--beam", "--out", str(tmp_path / "out"), "--model", model, "--workers", "1"]
    with pytest.raises(SystemExit) as end:
        run_command(arguments)
    assert end.value.code == 1
    assert capsys.readouterr().out == f"7 assessed, 1 rejected (rejects.jsonl): {tmp_path}/out\n"
    for wrong in (["--beam"], [str(raw), "--beam", "--out", "x"], ["--beam", "--out", "x", "--model", "nowhere"]):
        with pytest.raises(SystemExit) as end:
            run_command(["assess", str(raw), *wrong])
        assert end.value.code == 2 and capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("given", [["--format", "parquet"], ["--workers", "2"], ["--no-wait"], ["--project", "p"]])
def test_options_of_a_pipeline_without_one_are_told(given, raw, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        run_command(["assess", str(raw), "--out", str(tmp_path / "out"), *given])
    complaint = capsys.readouterr().err
    assert end.value.code == 2 and "does nothing without --beam; leave it away" in complaint and given[0] in complaint
    assert complaint.count("\n") == 1 and not (tmp_path / "out").exists()


def test_stopped_it_says_so_in_a_line_and_keeps_what_is_done(raw, model, tmp_path):
    for i in range(110):
        (tmp_path / f"{i}.jpg").write_bytes((raw / "000.jpg").read_bytes())
    out = tmp_path / "out"
    arguments = ["assess", str(tmp_path), "--beam", "--out", str(out), "--model", model, "--workers", "1"]
    process = subprocess.Popen([sys.executable, "-m", "crumple", *arguments], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not list(out.glob("assessments/*")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    complaint = process.communicate(timeout=120)[1]
    assert process.returncode == 143 and "Traceback" not in complaint
    assert not (out / "summary.json").exists() and len(assessments(out)) in (50, 100)


@pytest.mark.parametrize("kind", ["s3", "gs"])
def test_buckets(kind, raw, model, tmp_path):
    assess_folder(str(raw), str(tmp_path / "out"), OPTIONS, model=model)
    options = [*OPTIONS, *(["--no_auth"] if kind == "gs" else [])]
    with {"s3": s3_bucket, "gs": gs_bucket}[kind]() as bucket:
        source, out = open_folder(f"{bucket}/raw"), open_folder(f"{bucket}/out")
        for path in raw.rglob("*.jpg"):
            source.write(path.relative_to(raw).as_posix(), path.read_bytes())
        assess_folder(f"{bucket}/raw", f"{bucket}/out", options, model=model)
        source.write("001.jpg", (raw / "001.jpg").read_bytes() + b"longer")
        assess_folder(f"{bucket}/raw", f"{bucket}/out", options, model=model)
        lines = [line for name in out.sizes("assessments") for line in out.read(name).splitlines()]
        found = {content["photo"]["name"]: content for content in map(json.loads, lines)}
        assert json.loads(out.read("summary.json")) == {"assessed": 1, "before": 6, "rejected": 1}
    expected = assessments(tmp_path / "out")
    assert len(found) == len(lines) and found["001.jpg"].pop("photo") != expected["001.jpg"].pop("photo")
    assert {name: content | {"timings": {}} for name, content in found.items()} == {
        name: content | {"timings": {}} for name, content in expected.items()
    }


def test_dataflow_is_given_the_whole_job(tmp_path, capsys):
    with gs_bucket() as bucket, dataflow_service() as (url, jobs):
        arguments = ["assess", f"{bucket}/raw", "--beam", "--out", f"{bucket}/out", "--runner", "DataflowRunner"]
        arguments += [
            "--project",
            "my-project",
            "--region",
            "europe-west1",
            "--sdk-container-image",
            "eu.gcr.io/p/crumple:1",
        ]
        arguments += [
            "--machine-type",
            "n2-standard-4",
            "--max-num-workers",
            "7",
            "--job-name",
            "clean-photos",
            "--no-wait",
        ]
        arguments += ["--temp-location", str(tmp_path), "--beam-option", "no_auth"]
        with pytest.raises(SystemExit) as end:
            run_command([*arguments, "--beam-option", f"dataflow_endpoint={url}"])
        assert not end.value.code and capsys.readouterr().out == f"job job-1: {bucket}/out\n"
        check_job(jobs[0][1], b"RunInference")
