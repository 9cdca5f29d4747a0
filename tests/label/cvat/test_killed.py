"""A push whose process is killed, and run again."""

import os
import signal
import subprocess
import sys

import pytest

from tests.label.cvat.cvat_project import there, write_photos
from tests.label.cvat.fake_cvat import FakeCvat


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/projects"), ("POST", "/api/tasks"), ("POST", "/data/"), ("GET", "/api/requests")],
)
def test_a_killed_push_goes_on(tmp_path, method, path):
    """SIGKILL at the second such request, while the server is still answering it: no photo is lost or doubled."""
    folder = write_photos(tmp_path / "clean", 3)
    command = [sys.executable, "-m", "crumple", "label", "push", str(folder), "--project", "Cars", "--task-size", "2"]
    command += ["--draft", "none", "--poll", "0.01"]
    environment = {**os.environ, "CVAT_ACCESS_TOKEN": "token-of-annie", "CRUMPLE_CACHE": str(tmp_path / "cache")}
    with FakeCvat() as fake:
        environment["CVAT_URL"] = fake.url
        left = 1 if path == "/api/projects" else 2

        def kill(its_method, its_path):
            nonlocal left
            if its_method == method and path in its_path:
                left -= 1
                if left == 0:
                    process.send_signal(signal.SIGKILL)

        fake.hook = kill
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        assert process.wait(timeout=300) == -signal.SIGKILL
        fake.hook = lambda its_method, its_path: None
        subprocess.run(command, env=environment, check=True, timeout=300, capture_output=True)
        assert there(fake) == [["p0", "p1"], ["p2"]]
        assert all(task.get("size") for task in fake.state.tasks)
        for frames in fake.state.frames.values():
            assert all(data == folder.read(f"{name.split('.')[0]}.jpg") for name, data in frames)
