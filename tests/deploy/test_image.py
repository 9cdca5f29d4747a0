"""The Dockerfile and what it installs, as far as it can be told without Docker; `make image-check` does the rest."""

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from crumple.deploy.container.pins import EXTRAS, requirements
from crumple.deploy.image import build_commands
from tests.deploy.aws import command

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
CONTAINER = Path(str(files("crumple.deploy") / "container"))
HADOLINT = str(Path(sys.executable).with_name("hadolint"))


def pins(target):
    lines = [line for line in (CONTAINER / f"{target}.txt").read_text().splitlines() if line and line[0] not in "#-"]
    return dict(line.split("==") for line in lines)  # a line without "==" fails here: everything is pinned


def test_hadolint_finds_nothing(tmp_path):
    done = subprocess.run([HADOLINT, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN pip install numpy\n")
    found = subprocess.run([HADOLINT, str(bad)], capture_output=True, text=True, check=False)
    assert found.returncode and "DL3006" in found.stdout and "DL3013" in found.stdout


def test_every_target_is_installed_by_the_script_and_does_not_run_as_root():
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    installed = re.findall(r"sh /src/src/crumple/deploy/container/install\.sh (\w+) /src (\S+)", text)
    assert installed == [
        ("serve", "/opt/crumple/bin/python"), ("train", "/opt/crumple/bin/python"), ("beam", "python"),
    ]  # fmt: skip
    assert "pip install" not in text
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    for target in ("serve", "train"):
        [stage] = [stage for stage in stages if stage.splitlines()[0].endswith(f" AS {target}")]
        assert f"--from={target}-packages" in stage and f'CMD ["{target}"]' in stage
        assert "USER ${RUN_AS}" in stage and "ARG RUN_AS=crumple" in stage
    assert stages[-1].splitlines()[0].endswith(" AS serve")  # what `docker build .` makes
    bases = [stage.split()[0] for stage in stages]
    assert all(base in ("source", "sagemaker") or ":${" in base for base in bases)  # no base without its version


def test_only_what_is_copied_goes_to_the_builder():
    copied = set(re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE))
    ignore = (ROOT / ".dockerignore").read_text().split()
    assert {name for line in copied for name in line.split()} == {n[1:] for n in ignore if n.startswith("!")}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("target", EXTRAS)
def test_the_pins_are_what_pyproject_asks_for(target):
    """Of crumple's own requirements; that theirs are met too, `pip check` says when the image is built."""
    found, extras = pins(target), project()["optional-dependencies"]
    wanted = [*project()["dependencies"], *(text for extra in EXTRAS[target].split(",") for text in extras[extra])]
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if name != "crumple":  # an extra of our own
            assert name in found, f"{target}.txt has no {name}: run `make pins`"
            assert requirement.specifier.contains(Version(found[name]), prereleases=True), f"{name} {found[name]}"


def test_pins_are_written_from_pips_report():
    package = {"metadata": {"name": "A_b", "version": "1.0"}, "download_info": {"url": "https://x/a_b-1.0.whl"}}
    source = {"metadata": {"name": "c", "version": "2"}, "download_info": {"url": "https://x/c-2.tar.gz"}}
    own = {"metadata": {"name": "crumple", "version": "0"}, "download_info": {"url": "file:///x"}}
    text = requirements([source, package, own])
    assert text.splitlines()[1:] == ["--only-binary :all:", "--no-binary c", "a-b==1.0", "c==2"]


def test_serving_carries_nothing_of_training():
    assert not {"tensorflow", "keras", "jax", "boto3", "apache-beam"} & set(pins("serve"))
    assert "tensorflow" not in pins("beam")
    beam = re.search(r"^ARG BEAM=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert beam and pins("beam")["apache-beam"] == beam[1]  # the boot program's and the package's


@pytest.mark.parametrize("name", ["install", "serve", "train"])
def test_scripts_are_shell(name):
    subprocess.run(["sh", "-n", str(CONTAINER / f"{name}.sh")], check=True)


def test_what_docker_would_be_told():
    build, push = build_commands("r/crumple:1.0", "train", Path(), push=True, root=True)
    assert build[:4] == ["docker", "build", "--file", "Dockerfile"] and build[-1] == "."
    assert build[4:8] == ["--target", "train", "--tag", "r/crumple:1.0"]
    assert build[-3:-1] == ["--build-arg", "RUN_AS=root"] and push == ["docker", "push", "r/crumple:1.0"]


def test_a_dry_run_shows_the_commands(capsys):
    code, said, _ = command(capsys, "image", "--tag", "crumple:1.0", "--repository", ROOT, "--dry-run")
    assert code == 0 and said.startswith("docker build --file ") and "--target serve --tag crumple:1.0" in said


def test_without_docker_or_dockerfile_there_is_one_line(capsys, tmp_path, monkeypatch):
    code, _, remarks = command(capsys, "image", "--tag", "a:1", "--repository", tmp_path)
    assert code == 2 and "has no Dockerfile; run this in a checkout" in remarks
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, remarks = command(capsys, "image", "--tag", "a:1", "--repository", ROOT)
    assert code == 2 and remarks.splitlines()[-1].startswith("error: docker is not installed")
    fake = tmp_path / "docker"
    fake.write_text("#!/bin/sh\necho cannot connect >&2\nexit 7\n")
    fake.chmod(0o755)
    code, _, remarks = command(capsys, "image", "--tag", "a:1", "--repository", ROOT)
    assert code == 2 and "error: `docker build` failed with exit code 7; its reason is above" in remarks
