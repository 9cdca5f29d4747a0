"""The pipeline on object stores, emulated on this machine, and its submission to a Dataflow service that is none."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crumple.beam.runner import local_options
from crumple.cli.main import run as run_command
from crumple.prepare.run import run
from crumple.prepare.settings import Settings
from crumple.storage import open_folder
from tests.prepare.photos import write_photos
from tests.stores import gs_bucket, s3_bucket

pytestmark = pytest.mark.slow

SETTINGS = Settings(size=320, vehicle=False)
BUCKETS = {"s3": s3_bucket, "gs": gs_bucket}
OPTIONS = {"s3": [], "gs": ["--no_auth"]}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = write_photos(tmp_path_factory.mktemp("raw"), range(4))
    (folder / "twin.jpg").write_bytes((folder / "000.jpg").read_bytes())
    (folder / "poison.jpg").write_bytes(b"no photo")
    names = [*sorted(path.name for path in folder.iterdir()), "missing.jpg"]
    lines = (json.dumps({"file": name, "author": name}) + "\n" for name in names)
    (folder / "manifest.jsonl").write_text("".join(lines))
    return folder


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch):
    """As on a machine without any, only that Google's client does not look for them for half a minute."""
    from apache_beam.internal.gcp.auth import _Credentials

    monkeypatch.setattr(_Credentials, "_credentials_init", True)
    monkeypatch.setattr(_Credentials, "_credentials", None)


@pytest.mark.parametrize("kind", ["s3", "gs"])
def test_a_bucket_gets_what_a_folder_gets(kind, raw, tmp_path):
    run(str(raw), str(tmp_path / "out"), SETTINGS, local_options(2))
    expected = {str(path.relative_to(tmp_path / "out")): path for path in (tmp_path / "out").rglob("*.*")}
    with BUCKETS[kind]() as bucket:
        source, out = open_folder(f"{bucket}/raw"), open_folder(f"{bucket}/clean")
        for path in raw.iterdir():
            source.write(path.name, path.read_bytes())
        out.write("photos/train/stale.jpg", b"of an earlier run")
        out.write("prepare.json", b"{}")
        run(f"{bucket}/raw", f"{bucket}/clean", SETTINGS, [*local_options(2), *OPTIONS[kind]])
        for name, path in expected.items():
            assert out.read(name) == path.read_bytes(), name
        assert {file for file in all_names(bucket) if file.startswith("clean/")} == {f"clean/{n}" for n in expected}


def all_names(bucket):
    import fsspec

    scheme, name = bucket.split("://")
    system = fsspec.filesystem(scheme, skip_instance_cache=True)
    system.invalidate_cache()
    return [path.removeprefix(f"{name}/") for path in system.find(name)]


@contextmanager
def dataflow_service():
    """Takes jobs and says that they were taken: POST /v1b3/projects/P/locations/R/jobs."""
    jobs = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            jobs.append((self.path, job))
            self.answer({"id": "job-1", "name": job["name"], "projectId": "P", "location": "R"})

        def do_GET(self):
            self.answer({"id": "job-1", "currentState": "JOB_STATE_DONE", "jobMessages": []})

        def answer(self, content):
            data = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("localhost", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}", jobs
    finally:
        server.shutdown()


def submit(bucket, *more):
    arguments = ["prepare", f"{bucket}/raw", "--out", f"{bucket}/clean", "--runner", "DataflowRunner"]
    arguments += [
        "--project",
        "my-project",
        "--region",
        "europe-west1",
        "--sdk-container-image",
        "eu.gcr.io/p/crumple:1",
    ]
    arguments += ["--machine-type", "n2-standard-4", "--max-num-workers", "7", "--job-name", "clean-photos"]
    with pytest.raises(SystemExit) as end:
        run_command([*arguments, "--beam-option", "no_auth", *more])
    assert not end.value.code


def test_dataflow_is_given_the_whole_job(tmp_path, capsys):
    with gs_bucket() as bucket, dataflow_service() as (url, jobs):
        submit(bucket, "--no-wait", "--temp-location", str(tmp_path), "--beam-option", f"dataflow_endpoint={url}")
    assert capsys.readouterr().out == f"job job-1: {bucket}/clean\n"
    [(path, job)] = jobs
    assert path.split("?")[0] == "/v1b3/projects/my-project/locations/europe-west1/jobs"
    check_job(job, b"PreparePhotos", b"spread bands")


def check_job(job, *steps):
    assert job["name"] == "clean-photos" and job["type"] in (1, "JOB_TYPE_BATCH")
    [pool] = job["environment"]["workerPools"]
    assert pool["machineType"] == "n2-standard-4" and pool["autoscalingSettings"]["maxNumWorkers"] == 7
    images = [image["containerImage"] for image in pool["sdkHarnessContainerImages"]]
    assert "eu.gcr.io/p/crumple:1" in images
    options = job["environment"]["sdkPipelineOptions"]["options"]
    assert "use_runner_v2" in options["experiments"]
    url = options["pipelineUrl"]
    folder, _, name = url.rpartition("/")
    content = open_folder(folder).read(name)
    assert all(step in content for step in steps)


def test_a_template_is_written_and_nothing_submitted(tmp_path, capsys):
    template = tmp_path / "templates" / "prepare.json"
    with gs_bucket() as bucket:
        submit(bucket, "--temp-location", f"{bucket}/temp", "--template-location", str(template))
        check_job(json.loads(template.read_text()), b"PreparePhotos", b"spread bands")
    assert capsys.readouterr().out == f"template: {template}\n"


def test_dataflow_does_not_see_this_machines_files(tmp_path, capsys):
    arguments = ["prepare", str(tmp_path), "--out", "gs://b/x", "--runner", "DataflowRunner", "--project", "p"]
    with pytest.raises(SystemExit) as end:
        run_command([*arguments, "--region", "r", "--sdk-container-image", "i"])
    assert end.value.code == 2 and "do not see this machine's files" in capsys.readouterr().err
