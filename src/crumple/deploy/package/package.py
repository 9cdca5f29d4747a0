"""model.tar.gz: what SageMaker unpacks to /opt/ml/model. Loaded and asked about a photo before anyone gets it."""

import gzip
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor
from crumple.deploy.aws.account import Account, Say
from crumple.deploy.aws.s3 import read_s3
from crumple.deploy.description import Deployment
from crumple.deploy.errors import DeployError
from crumple.detect.detector import load_detector
from crumple.detect.released import released_model
from crumple.drawing.jpeg import jpeg
from crumple.errors import ModelError
from crumple.files import write_aside

FILES = ("model.json", "model.xml", "model.bin", "model.onnx")


def make_package(model: Path, out: Path, photo: bytes, *, accurate: bool = False) -> Assessment:
    """Pack the exported model in folder `model` as `out` and return what the packed model says about `photo`.

    The same model gives the same bytes. `out` is written only if the package was unpacked, loaded and asked.
    accurate: see `ask_package`. Raises ModelError.
    """
    with write_aside(out) as path:
        _pack(model, path)
        return ask_package(path, photo, accurate=accurate)


def ask_package(package: Path, photo: bytes, *, accurate: bool = False) -> Assessment:
    """What the model in a package says about a photo. Raises ModelError if there is no model in it that runs.

    accurate: as an endpoint that looks twice says it, see `load_detector`.
    """
    with unpacked(package) as folder:
        return Assessor(load_detector(folder, accurate=accurate))(photo)


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """A package's content in a folder for the time being."""
    with tempfile.TemporaryDirectory(prefix="crumple-package-") as folder:
        unpack(package, Path(folder))
        yield Path(folder)


def unpack(package: Path, folder: Path) -> None:
    """Raises ModelError if the package is none, or wants to write elsewhere."""
    try:
        with tarfile.open(package, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ModelError(f"{package}: no whole model.tar.gz: {error}; make it with `crumple deploy package`") from None
    if not (folder / "model.json").is_file():
        raise ModelError(f"{package}: has no model.json at its top; make it with `crumple deploy package`")


@contextmanager
def as_package(model: Path, photo: bytes, *, accurate: bool = False) -> Iterator[tuple[Path, Assessment]]:
    """A package made of a model folder for the time being, or the package itself, and what it says about `photo`.

    accurate: see `ask_package`.
    """
    if model.is_file():
        yield model, ask_package(model, photo, accurate=accurate)
        return
    with tempfile.TemporaryDirectory(prefix="crumple-package-") as folder:
        package = Path(folder) / "model.tar.gz"
        yield package, make_package(model, package, photo, accurate=accurate)


def _pack(model: Path, out: Path) -> None:
    files = [model / name for name in FILES if (model / name).is_file()]
    if not (model / "model.json").is_file():
        raise ModelError(f"{model}: has no model.json; give a folder that `crumple export` wrote, or a model.tar.gz")
    # No time, owner or name of the moment: the package's hash says whether the model is another.
    with (
        out.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(None, "w", packed) as tar,
    ):
        for path in files:
            info = tarfile.TarInfo(path.name)
            info.size, info.mode = path.stat().st_size, 0o644
            with path.open("rb") as file:
                tar.addfile(info, file)


def photo_to_ask(path: Path | None) -> bytes:
    """The photo that package and endpoint are both asked about: the user's, or a sample with a painted broken lamp."""
    if path is not None:
        try:
            return path.read_bytes()
        except OSError as error:
            raise DeployError(f"{path}: cannot be read: {error.strerror}") from None
    from crumple.samples.scenes import SCENES, paint_scene

    return jpeg(paint_scene(SCENES[-1]).image, quality=90)


@contextmanager
def fetched(account: Account, url: str) -> Iterator[Path]:
    """A package in S3, on this machine for the time being. Raises DeployError if there is none."""
    data = read_s3(account, url)
    if data is None:
        raise DeployError(f"{url}: there is no such file; make it with `crumple deploy package`")
    with tempfile.TemporaryDirectory(prefix="crumple-package-") as folder:
        path = Path(folder) / "model.tar.gz"
        path.write_bytes(data)
        yield path


@contextmanager
def package_of(
    account: Account, deployment: Deployment, photo: bytes, say: Say
) -> Iterator[tuple[Path | str, Assessment | None]]:
    """The deployment's package, and what it says about the photo: asked here, before anything is made.

    It looks once or twice, as `endpoint.accurate` says. On a dry run a package in S3 stays there, unasked.
    """
    model, accurate = deployment.model, deployment.endpoint.accurate
    if model and model.startswith("s3://") and account.dry:
        yield model, None
        return
    remote = fetched(account, model) if model and model.startswith("s3://") else nullcontext(None)
    with (
        remote as local,
        as_package(local or (Path(model) if model else released_model()), photo, accurate=accurate) as (path, answer),
    ):
        say(f"the package answers: {len(answer.parts)} parts, {len(answer.findings)} findings on the photo")
        yield (model if local and model else path), answer
