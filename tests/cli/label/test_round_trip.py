"""`crumple label push`, `status`, `pull` and `diff`, as a user has them, against a fake server."""

import json
import shutil
import subprocess
import sys

import pytest

from crumple.cli.main import run
from crumple.dataset.sets import read_data
from tests.fakes import save_model
from tests.label.cvat.cvat_project import write_photos
from tests.label.cvat.fake_cvat import FakeCvat
from tests.label.cvat.test_pull import draw, finish

NAMES = ("CVAT_URL", "CVAT_USERNAME", "CVAT_PASSWORD", "CVAT_ACCESS_TOKEN", "CVAT_ORG")


@pytest.fixture
def fake(monkeypatch, tmp_path):
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda self, response=None: None)
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "cache"))
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    with FakeCvat() as server:
        monkeypatch.setenv("CVAT_URL", server.url)
        monkeypatch.setenv("CVAT_ACCESS_TOKEN", "token-of-annie")
        yield server


@pytest.fixture
def label(capsys):
    """Run `crumple label ...`: exit code, stdout, stderr."""

    def command(*arguments):
        code = 0
        try:
            run(["label", *map(str, arguments)])
        except SystemExit as end:
            code = end.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


@pytest.fixture
def clean(tmp_path):
    write_photos(tmp_path / "clean", 3)
    return tmp_path / "clean"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("model"))


def test_the_round_trip(fake, label, clean, model, tmp_path):
    push = (
        "push",
        clean,
        "--project",
        "Cars",
        "--model",
        model,
        "--threshold",
        "0.01",
        "--task-size",
        2,
        "--poll",
        0.01,
    )
    code, out, err = label(*push)
    assert code == 0, err
    assert out == f"3 photos pushed in 2 tasks, 3 objects drafted on 3: {fake.url}/projects/1\n"
    assert "project 'Cars' made with 34 labels" in err
    assert label(*push)[1] == f"0 photos pushed in 0 tasks, 3 were there: {fake.url}/projects/1\n"

    code, out, err = label("status")
    assert [line.split() for line in out.splitlines()] == [
        ["project", "stage", "state", "jobs", "photos"], ["Cars", "annotation", "new", "2", "3"]
    ]  # fmt: skip

    finish(fake, fake.state.jobs[0]["id"])
    code, out, err = label("pull", "--project", "Cars", "--out", tmp_path / "v1")
    assert (code, out) == (0, f"2 photos, 2 objects: {tmp_path / 'v1'}\n")
    assert err == "1 jobs left out: new in annotation\n"
    sets = read_data(tmp_path / "v1" / "data.yaml").sets
    assert sorted(photo.file_name for name in sets[0].splits for photo in sets[0].read(name)) == ["p0.jpg", "p1.jpg"]

    finish(fake)
    label("pull", "--project", "Cars", "--out", tmp_path / "v2", "--images")
    assert sorted(path.name for path in (tmp_path / "v2" / "images").iterdir()) == ["p0.jpg", "p1.jpg", "p2.jpg"]
    code, out, err = label("diff", tmp_path / "v1", tmp_path / "v2")
    assert out.splitlines() == [
        "+ p2.jpg: 1 objects",
        "photos: 1 added, 0 removed, 0 changed, 2 same",
        "objects on photos of both: 0 added, 0 removed, 0 changed",
    ]
    assert json.loads(label("diff", tmp_path / "v1", tmp_path / "v2", "--json")[1])["photos_added"] == ["p2.jpg"]


@pytest.mark.parametrize("order", ["uncertain", "diverse"])
def test_orders_and_a_limit(fake, label, clean, model, order):
    push = ("push", clean, "--project", "Cars", "--model", model, "--order", order, "--poll", 0.01)
    code, out, err = label(*push, "--limit", 1, "--draft", "none")
    assert (code, out.split(":")[0]) == (0, "1 photos pushed in 1 tasks"), err
    first = next(iter(fake.state.frames.values()))[0][0]
    # The model's one score is the photo's mean: the brightest is nearest to one half.
    assert first.startswith("p2." if order == "uncertain" else "p0.")
    assert label(*push, "--draft", "none")[1].startswith("2 photos pushed in 1 tasks, 1 were there")


def test_what_cannot_be_taken_is_told_with_exit_code_1(fake, label, clean, tmp_path):
    label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    draw(fake, ("tracks", "hood", {"shapes": []}), ("tracks", "hood", {"shapes": []}))
    finish(fake)
    code, _, err = label("pull", "--project", "Cars", "--out", tmp_path / "v1")
    job = fake.state.jobs[0]["id"]
    assert code == 1
    assert f"job {job}: 2 x hood not taken: a track; draw shapes on single frames\n" in err
    assert len(json.loads((tmp_path / "v1" / "manifest.json").read_text())["refused"]) == 2


def test_a_version_is_never_written_over(fake, label, tmp_path):
    (tmp_path / "v1").mkdir()
    code, _, err = label("pull", "--project", "Cars", "--out", tmp_path / "v1")
    assert (code, err) == (
        2,
        f"error: {tmp_path / 'v1'}: is already there, and a version is never changed; give --out another name\n",
    )
    assert fake.requests == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--state", "done"], "--state done: 'done' is none of new, in progress, rejected, completed, or all"),
        (
            ["--stage", "annotation,x"],
            "--stage annotation,x: 'x' is none of annotation, validation, acceptance, or all",
        ),
    ],
)
def test_a_state_that_is_none(fake, label, tmp_path, arguments, told):
    assert label("pull", "--project", "Cars", "--out", tmp_path / "v1", *arguments)[::2] == (2, f"error: {told}\n")


def test_photos_that_cannot_be_copied(fake, label, clean, tmp_path, monkeypatch):
    label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "another machine"))
    code, _, err = label("pull", "--project", "Cars", "--out", tmp_path / "v1", "--images")
    told = "--images: the photos lie nowhere known; give --photos, their folder on this machine"
    assert (code, err) == (2, f"error: {told}\n")


def test_a_project_that_is_not_there(fake, label, tmp_path):
    code, _, err = label("pull", "--project", "Cars", "--out", tmp_path / "v1")
    assert (code, err) == (
        2,
        f"error: {fake.url}: there is no project 'Cars' that annie may see; there are: none; if you "
        "only have jobs of it, ask its owner to pull it or to assign the project to you; or give --org\n",
    )
    assert (
        label("status")[1]
        == f"{fake.url}: no project has the labels of the taxonomy yet; `crumple label push` makes one\n"
    )


def test_an_annotator_of_another_ones_project_is_not_told_to_push(fake, label, clean, monkeypatch):
    label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    finish(fake, who=3)
    monkeypatch.setenv("CVAT_ACCESS_TOKEN", "token-of-cindy")
    out = label("status")[1]
    assert (
        out.startswith(f"{fake.url}: cindy has 1 jobs of projects (#1) that only their owner sees whole")
        and "push" not in out
    )


def test_photos_of_replicas_count_once(fake, label, clean):
    label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    fake.state.add_job(fake.state.tasks[0]["id"], range(3), kind="consensus_replica")
    assert label("status")[1].splitlines()[-1].split() == ["Cars", "annotation", "new", "2", "3"]


def test_a_project_that_was_pushed_from_two_folders_and_renamed(fake, label, clean, tmp_path):
    write_photos(tmp_path / "more" / "new", 2, size=(60, 80))
    for folder in (clean, tmp_path / "more"):
        assert label("push", folder, "--project", "Cars", "--draft", "none", "--poll", 0.01)[0] == 0
    finish(fake)
    fake.state.projects[0]["name"] = "Autos"
    code, out, err = label("pull", "--project", "Autos", "--out", tmp_path / "v1", "--images")
    assert (code, out) == (0, f"5 photos, 0 objects: {tmp_path / 'v1'}\n"), err
    photos = [path.relative_to(tmp_path / "v1" / "images").as_posix() for path in (tmp_path / "v1").rglob("*.jpg")]
    assert sorted(photos) == ["clean/p0.jpg", "clean/p1.jpg", "clean/p2.jpg", "more/new/p0.jpg", "more/new/p1.jpg"]
    shutil.rmtree(tmp_path / "more")
    code, out, err = label("pull", "--project", "Autos", "--out", tmp_path / "v2")
    assert (code, out) == (0, f"3 photos, 0 objects: {tmp_path / 'v2'}\n")
    assert f"{tmp_path / 'more'}: was pushed from here but no longer exists" in err
    assert "task 'Cars 0002': 2 photos left out, which were not pushed from the folders known here: p0." in err


def test_where_only_photos_to_train_on_are_finished_it_is_said(fake, label, clean, tmp_path):
    label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    fake.state.tasks[0]["subset"] = "train"
    finish(fake)
    err = label("pull", "--project", "Cars", "--out", tmp_path / "v1")[2]
    assert "all photos are of the split train: `crumple evaluate` needs some of val; finish jobs of a task" in err


def test_a_wrong_password_is_one_line(fake, label, clean, monkeypatch):
    monkeypatch.delenv("CVAT_ACCESS_TOKEN")
    code, _, err = label("push", clean, "--project", "Cars", "--user", "annie", "--password", "not-mine")
    assert code == 2
    assert err == f"error: {fake.url}: wrong user name or password for annie; check CVAT_USERNAME and CVAT_PASSWORD\n"
    code, _, err = label("status")
    assert err == "error: no credentials: set CVAT_ACCESS_TOKEN, or CVAT_USERNAME and CVAT_PASSWORD\n"


def test_bad_input_is_told_before_anything_is_made(fake, label, tmp_path):
    lists = ["--review", "none.json"], ["--review", "none.json", "--labels", "none"], ["--labels", "none"]
    for arguments in (["nowhere"], [tmp_path / "none"], *(["nowhere", *one] for one in lists)):
        code, _, err = label("push", *arguments, "--project", "Cars", "--draft", "none")
        assert (code, err.count("\n"), err[:6]) == (2, 1, "error:")
    assert fake.state.projects == []


def test_an_interrupted_push_goes_on(fake, label, clean, monkeypatch):
    def upload(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("crumple.label.cvat.server.Server.upload", upload)
        code, _, err = label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    assert (code, err.splitlines()[-1]) == (130, "interrupted")
    code, out, err = label("push", clean, "--project", "Cars", "--draft", "none", "--poll", 0.01)
    assert (code, out.split(":")[0]) == (0, "3 photos pushed in 1 tasks")
    assert "half uploaded; it is made anew" in err


def test_a_projects_name_is_taken_without_spaces_around_it(fake, label, clean):
    for name in ("Cars", " Cars "):
        assert label("push", clean, "--project", name, "--draft", "none", "--poll", 0.01)[0] == 0
    assert [project["name"] for project in fake.state.projects] == ["Cars"]
    code, _, err = label("status", "--project", " ")
    assert (code, err) == (2, "error: --project: is blank; give the project's name\n")


def test_a_missing_extra_is_named(fake, label, clean, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "cvat_sdk"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cvat_sdk", None)
    code, _, err = label("push", clean, "--project", "Cars", "--draft", "none")
    assert (code, err) == (2, "error: cvat-sdk is not installed: pip install 'crumple[cvat]'\n")


@pytest.mark.parametrize("command", ["push", "status", "pull", "diff"])
def test_help_loads_nothing_heavy(command):
    """In a process of its own, as this one has everything loaded."""
    heavy = ("cvat_sdk", "tensorflow", "openvino", "cv2", "pyarrow", "numpy")
    code = f"from crumple.cli.main import make_app; make_app(['label', {command!r}]); import sys; "
    code += f"print(*[name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split() == []


def test_a_password_is_asked_for_where_somebody_is(fake, label, monkeypatch):
    monkeypatch.delenv("CVAT_ACCESS_TOKEN")
    monkeypatch.setattr("crumple.cli.label.options.getpass", lambda prompt: "secret-of-annie")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    code, out, _ = label("status", "--user", "annie")
    assert code == 0 and "no project has the labels" in out
