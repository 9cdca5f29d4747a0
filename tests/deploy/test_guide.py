"""docs/deploy.md is followed word by word, against the stand-in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[2] / "docs" / "deploy.md"


def test_the_guide_can_be_followed_on_this_machine(tmp_path):
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{script}\nwait"],
        cwd=tmp_path,
        env=kept | {"PATH": path, "STAND_IN_PORT": "0", "CRUMPLE_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "the endpoint answers as its package does" in done.stderr
    assert "broken or missing piece on back right light" in done.stdout  # a broken lamp is painted there
    assert (
        "nothing differs" in done.stdout and "~ config.ProductionVariants.InstanceType: ml.c5.xlarge ->" in done.stdout
    )
    assert "endpoint crumple-claims is updated and in service" in done.stdout
    assert "endpoint crumple-claims is back and in service" in done.stdout
    assert "claims: nothing of it runs any more in us-east-1" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].endswith("0 of them running")  # the batch job's record stays
