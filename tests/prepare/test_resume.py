"""Runs that are killed, and the next one, which does only what was not done."""

import pickle
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from crumple.beam.runner import local_options
from crumple.credit import Credit
from crumple.prepare import pipeline
from crumple.prepare.photo.one_photo import PreparedPhoto, prepare_photo
from crumple.prepare.photo.vehicle import Vehicle
from crumple.prepare.photo.verdict import Measures
from crumple.prepare.run import run
from crumple.prepare.settings import Settings
from crumple.prepare.staging import Parts, staging
from tests.prepare.photos import photo_file, write_photos
from tests.prepare.pictures import scene

pytestmark = pytest.mark.slow

SETTINGS = Settings(size=320, vehicle=False)
KILLED = """
import os, signal, sys
from crumple.beam import store
from crumple.beam.runner import local_options
from crumple.prepare import pipeline, publish
from crumple.prepare.run import run
from crumple.prepare.settings import Settings

def killed(module, name, calls):
    real, left = getattr(module, name), [calls]
    def call(*args, **options):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)
    setattr(module, name, call)

source, out, module, name, calls, kind = sys.argv[1:]
pipeline.BATCH = 4
killed({"pipeline": pipeline, "publish": publish, "store": store}[module], name, int(calls))
run(source, out, Settings(size=320, vehicle=False, format=kind), local_options(1))
"""


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = write_photos(tmp_path_factory.mktemp("raw"), range(14))
    (folder / "copy.jpg").write_bytes(photo_file(scene(3)[16:-16, 20:-20], quality=40))
    (folder / "poison.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture(scope="module")
def whole(raw, tmp_path_factory):
    """What a run that is never stopped gives, by format."""
    made = {}

    def of(kind):
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp("whole") / kind
            run(str(raw), str(made[kind]), Settings(size=320, vehicle=False, format=kind), local_options(1))
        return made[kind]

    return of


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def counting(monkeypatch):
    """What is prepared from now on, by name."""
    names = []

    def prepare(data, name, *args, **options):
        names.append(name)
        return prepare_photo(data, name, *args, **options)

    monkeypatch.setattr(pipeline, "prepare_photo", prepare)
    return names


@pytest.mark.parametrize(
    ("module", "name", "calls", "kind", "again"),
    [
        ("pipeline", "prepare_photo", 11, "folder", 8),  # two batches were done; the dead one had prepared two more
        ("store", "place", 6, "folder", 0),  # while photos get their places
        ("publish", "write_shard", 1, "webdataset", 0),
        ("publish", "write_manifest", 1, "folder", 0),
    ],
)
def test_killed_at_any_moment_it_goes_on(raw, whole, tmp_path, monkeypatch, module, name, calls, kind, again):
    settings = Settings(size=320, vehicle=False, format=kind)
    out = tmp_path / "out"
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, str(raw), str(out), module, name, str(calls), kind], timeout=300
    )
    assert dead.returncode == -signal.SIGKILL and not (out / "manifest.parquet").exists()
    names = counting(monkeypatch)
    run(str(raw), str(out), settings, local_options(2))
    assert len(names) == again
    assert content(out) == content(whole(kind))


def stopped(raw, out, monkeypatch):
    """A run that ends when all photos are prepared and none is published."""
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "make_plan", lambda *args: 1 / 0)
        with pytest.raises(Exception, match="ZeroDivisionError"):
            run(str(raw), str(out), SETTINGS, local_options(1))


def test_a_photo_that_changed_meanwhile_is_prepared_again(tmp_path, monkeypatch):
    raw, out = write_photos(tmp_path / "raw", range(3)), tmp_path / "out"
    stopped(raw, out, monkeypatch)
    (raw / "001.jpg").write_bytes(photo_file(scene(7)))
    (raw / "002.jpg").unlink()
    names = counting(monkeypatch)
    run(str(raw), str(out), SETTINGS, local_options(1))
    assert names == ["001.jpg"]
    run(str(raw), str(tmp_path / "whole"), SETTINGS, local_options(1))
    assert content(out) == content(tmp_path / "whole")


def test_other_settings_start_over(tmp_path, monkeypatch):
    raw, out = write_photos(tmp_path / "raw", range(3)), tmp_path / "out"
    stopped(raw, out, monkeypatch)
    names = counting(monkeypatch)
    run(str(raw), str(out), Settings(size=200, vehicle=False), local_options(1))
    assert len(names) == 3 and not (out / ".staging").exists()


def test_what_is_noted_is_read_again(tmp_path):
    measures = Measures(640, 480, 99.5, 0.01, 812.3, None, Vehicle(0.4, "front_left", True))
    good = PreparedPhoto(
        "a.jpg",
        Credit(author="Ann"),
        sha256="ab" * 32,
        width=320,
        hashes=(2**64 - 1, 5),
        measures=measures,
        reasons=("blurred",),
    )
    poison = PreparedPhoto("b.jpg", sha256="cd" * 32, reasons=("unreadable",), message="cut off")
    failed = PreparedPhoto("c.jpg", sha256="ef" * 32, reasons=("failed",))
    missing = PreparedPhoto("d.jpg", reasons=("unreadable",))
    stage = staging(str(tmp_path), SETTINGS)
    note = stage.write_records([good, poison, failed, missing])
    assert stage.read_note(note) == [good, poison, failed, missing]
    assert stage.read_records() == {"b.jpg": poison}  # the JPEG of a.jpg is not there
    path = tmp_path / stage.photo(good.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"jpeg")
    # Whom it is by, the listing says anew.
    assert stage.read_records() == {"a.jpg": replace(good, credit=Credit()), "b.jpg": poison}


def test_what_travels_between_steps_does_not_grow_with_what_is_known(tmp_path):
    def photo(number):
        measures = Measures(640, 480, 99.5, 0.01, 812.3, None, None)
        sha256, credit = f"{number:08x}".ljust(64, "0"), Credit(title=f"{number} " + "long " * 1000)
        return PreparedPhoto(f"{number}.jpg", credit, sha256, hashes=(number + 1,) * 8, measures=measures)

    stage = staging(str(tmp_path), SETTINGS)
    notes = [stage.write_records([photo(10 * note + i) for i in range(10)]) for note in range(30)]
    plan = pipeline._planned(notes, SETTINGS, stage, [(photo(7).id, photo(70).id)])
    for travels in (notes, list(pipeline._bands(notes, stage)), plan):
        assert len(pickle.dumps(travels)) < 60 * len(notes)
    assert {kept.photo for kept in Parts(stage, plan.kept)} == {photo(i) for i in range(300) if i != 70}
    assert [one.duplicate_of for one in Parts(stage, plan.rejected)] == ["7.jpg"] and plan.count == 299


@pytest.mark.parametrize("change", [{"size": 100}, {"quality": 50}, {"vehicle": True}])
def test_what_changes_a_photo_changes_the_folder(change):
    base = {"size": 320, "vehicle": False}
    assert staging("out", Settings(**base | change)) != staging("out", Settings(**base))
    assert staging("out", Settings(**base, seed="1", format="tfrecord")) == staging("out", Settings(**base))
