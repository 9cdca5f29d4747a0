"""The process: SIGTERM finishes what was accepted, one process a folder, one line for what cannot be."""

import json
import os
import signal
import subprocess
import sys
import threading

import httpx
import pytest

from crumple.cli.main import run
from tests.fakes import save_model
from tests.serve.running import Gate, add_photo, assessed, new_inspection, picture, running, until

pytestmark = pytest.mark.slow


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    return save_model(folder)


def start(tmp_path, model, *options, **variables):
    """`crumple serve` as a process; its client, once it answers."""
    command = [sys.executable, "-m", "crumple", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    environment = os.environ | {"CRUMPLE_CACHE": ""} | variables
    process = subprocess.Popen(
        [*command, "--model", str(model), *options], stderr=subprocess.PIPE, text=True, env=environment
    )
    for line in process.stderr:
        if "running on" in line:
            address = json.loads(line)["message"].split()[3]
            break
    else:
        raise AssertionError(f"it did not start: {process.wait()}")
    rest: list[str] = []
    reader = threading.Thread(target=lambda: rest.extend(process.stderr))
    reader.start()
    process.lines = lambda: (reader.join(), rest)[1]
    return process, httpx.Client(base_url=address, timeout=60, trust_env=False)


def test_what_was_accepted_is_finished(tmp_path):
    gate, codes = Gate(), []
    with running(tmp_path, network=gate) as client:

        def ask(seed):
            answer = client.post("/invocations", content=picture(seed), headers={"Content-Type": "image/jpeg"})
            codes.append(answer.status_code)

        inspection = new_inspection(client)
        stream = threading.Thread(target=lambda: client.get(f"{inspection}/stream"))
        threads = [stream, *(threading.Thread(target=ask, args=(seed,)) for seed in range(4))]
        for thread in threads:
            thread.start()
        until(lambda: client.service.engine.waiting == 4)
        client.server.handle_exit(signal.SIGTERM, None)
        until(lambda: refuses(client.base_url))
        assert codes == []
        gate.opened.set()
        for thread in threads:
            thread.join()
    assert codes == [200] * 4


def refuses(address):
    try:
        httpx.get(address, trust_env=False)
    except httpx.TransportError:
        return True
    return False


def test_sigterm_and_after(tmp_path, model):
    process, client = start(tmp_path, model)
    inspection = new_inspection(client)
    images = [add_photo(client, inspection, picture(seed))["id"] for seed in range(10)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    lines = [json.loads(line) for line in process.lines()]
    assert {"request_id", "path", "status", "ms"} <= set(next(line for line in lines if line["message"] == "request"))
    process, client = start(tmp_path, model)
    assert sorted(image["id"] for image in assessed(client, inspection)) == sorted(images)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def refusal(capsys, *arguments):
    """The one line with which `crumple serve` ends."""
    with pytest.raises(SystemExit) as end:
        run(["serve", "--port", "0", *map(str, arguments)])
    assert end.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    return last


def test_one_process_a_folder(tmp_path, model, capsys):
    with running(tmp_path / "data"):
        line = refusal(capsys, "--data", tmp_path / "data", "--model", model)
    assert line.endswith("another process serves from there; end it first, or give another --data")


def test_a_taken_port_is_told(tmp_path, model):
    with running(tmp_path / "other") as other:
        port = str(other.base_url.port)
        command = [sys.executable, "-m", "crumple", "serve", "--port", port, "--data", str(tmp_path / "data")]
        process = subprocess.run([*command, "--model", str(model)], capture_output=True, text=True)
    assert process.returncode == 2 and not (tmp_path / "data").exists()
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"error: 127.0.0.1, port {port}: cannot listen there (Address already in use)")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--model", "absent"], "absent: there is no such folder"),
        (["--database", "oracle://x/y"], "give sqlite:///PATH or postgresql://"),
        (["--database", "postgresql://nobody@127.0.0.1:1/x"], "cannot be opened"),
        (["--photos", "ftp://x/y"], "files in ftp:// are not supported"),
        (["--allow-urls", "http://x"], "CRUMPLE_SERVE_ALLOW_URLS"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, model, options, words, capsys):
    if "--model" not in options:
        options = [*options, "--model", model]
    assert words in refusal(capsys, "--data", tmp_path / "data", *options)


def test_accurate_reaches_the_service(tmp_path, model, monkeypatch):
    asked = []
    monkeypatch.setattr("crumple.serve.server.run_server", lambda settings, *_: asked.append(settings.accurate))
    for option in ([], ["--accurate"]):
        with pytest.raises(SystemExit) as end:
            run(["serve", "--port", "0", "--data", str(tmp_path / "data"), "--model", str(model), *option])
        assert not end.value.code
    assert asked == [False, True]


@pytest.mark.parametrize("package", ["fastapi", "pydantic_settings"])
def test_a_missing_package_names_the_extra(package):
    code = f"import sys; sys.modules[{package!r}] = None; from crumple.cli.main import run; run(['serve'])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.splitlines() == [f"error: {package} is not installed: pip install 'crumple[serve]'"]


def test_importing_crumple_loads_no_server():
    code = "import sys, crumple.cli.main; print([name for name in ('fastapi', 'sqlalchemy') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
