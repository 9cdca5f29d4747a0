"""kill -9 at any moment: the next run goes on, and what was whole is not fetched again."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import PurePosixPath

import pytest

from crumple.cli.main import run
from crumple.collect import flickr
from crumple.collect.manifest import read_manifest
from crumple.storage import open_folder
from tests.collect.flickr_server import KEY, FlickrServer, photos
from tests.collect.test_collector import assert_in_order
from tests.stores import s3_bucket

pytestmark = pytest.mark.slow

PROGRAM = "import sys; from tests.collect.test_killed import collect; collect(*sys.argv[1:])"
# Runs that are killed many times are forks of a process that has imported everything.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "crumple.cli.collect", "crumple.collect.collector", "rich.progress", "s3fs"])


def collect(api, out):
    flickr.API = api
    run(["collect", "damaged car", "--limit", "1000", "--workers", "6", "--out", out])


def collect_in(environment, api, out):
    os.environ.update(environment)
    collect(api, out)


def fork(server, out):
    environment = {**os.environ, "FLICKR_API_KEY": KEY}
    process = FORKS.Process(target=collect_in, args=(environment, server.api, str(out)))
    process.start()
    return process


def whole(out):
    """Ids of the photos that are in the folder under their own names."""
    return {int(PurePosixPath(name).stem) for name in open_folder(out).sizes("images")}


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_moments(tmp_path, seed):
    _kill_until_it_is_done(tmp_path / "raw", 100, seed)


def test_killed_at_random_moments_on_the_way_to_a_bucket():
    with s3_bucket() as bucket:
        _kill_until_it_is_done(f"{bucket}/raw", 40, seed=3)


def _kill_until_it_is_done(out, count, seed):
    rng, kills = random.Random(seed), 0
    with FlickrServer(photos(count)) as server:
        server.slow = 0.03
        for _ in range(60):
            before, hits = whole(out), server.downloads()
            process = fork(server, out)
            while process.is_alive() and server.downloads() == hits:
                time.sleep(0.002)  # starting takes long: the moment is one of the work
            time.sleep(rng.uniform(0, 0.2))
            if process.is_alive():
                process.kill()
                kills += 1
            process.join()
            again = {number for number, n in server.downloads().items() if n > hits.get(number, 0)} & before
            assert not again, f"fetched again although they were whole: {again}"
            read_manifest(open_folder(out))  # readable after every kill
            if process.exitcode == 0:
                break
        assert process.exitcode == 0 and kills >= 2
        assert_in_order(out, count)
        assert not open_folder(out).path or not list(out.rglob(".*"))
        # A photo is fetched twice only if its file was not whole when the process died: six at a time, at most.
        assert sum(server.downloads().values()) <= count + 6 * kills


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_ended_by_a_signal(tmp_path, number, code):
    with FlickrServer(photos(200)) as server:
        server.slow = 0.02
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, server.api, str(tmp_path)],
            env={**os.environ, "FLICKR_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while len(server.downloads()) < 20:
            time.sleep(0.01)
        process.send_signal(number)
        out, error = process.communicate(timeout=20)
        assert process.returncode == code and "Traceback" not in error
        assert_in_order(tmp_path, len(whole(tmp_path)))
        assert not list((tmp_path / "images" / "flickr").glob(".*"))
        assert "stopping; run the same command again to go on" in error and "photos collected" in out
