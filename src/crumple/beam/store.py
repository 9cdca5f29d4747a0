"""Files of a pipeline: the same verbs for a local folder and, through Beam's own file systems, for gs:// and s3://.

Workers need nothing but Beam for it, and pipeline options (`--s3_endpoint_url`, `--no_auth` ...) count here too. Local
files go through the operating system alone, so that nothing of Beam is loaded for them. A file appears whole or not at
all: local ones by renaming, objects because stores show them when they are complete.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from crumple.errors import PhotoError
from crumple.files import write_aside
from crumple.photo import MAX_BYTES

CHUNK = 1 << 22  # bytes that are read at a time


def is_remote(path: str) -> bool:
    """Whether a path is a URL rather than a local path."""
    return "://" in path


def join(folder: str, name: str) -> str:
    """The file `name`, with "/" between its parts, in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_remote(folder) else str(Path(folder, name))


def list_names(folder: str) -> Iterator[str]:
    """Names of all files in a folder and below it, in no order; none if there is no such folder.

    Hidden files and folders are left out.
    """
    base = folder.rstrip("/") + "/"
    if is_remote(folder):
        for found in _beam().match([base + "**"])[0].metadata_list:
            name = found.path.removeprefix(base)
            if name and not name.endswith("/") and not any(part.startswith(".") for part in name.split("/")):
                yield name
        return
    for parent, folders, files in os.walk(base):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name).relative_to(base).as_posix()


def sizes(folder: str) -> dict[str, int]:
    """Bytes of every file in a folder, by name; {} if there is no such folder. Hidden files are left out."""
    return {name: size for name, size, _ in _stat(folder)}


def stamps(folder: str) -> dict[str, str]:
    """What tells a file of a folder from a later one of the same name: its size, and when it was written last."""
    return {name: f"{size}-{written}" for name, size, written in _stat(folder)}


def _stat(folder: str) -> Iterator[tuple[str, int, float]]:
    """Name, bytes and time of the last change (in whatever unit) of every file in a folder."""
    if is_remote(folder):
        base = folder.rstrip("/") + "/"
        for found in _beam().match([base + "**"])[0].metadata_list:
            name = found.path.removeprefix(base)
            if name and not name.endswith("/"):
                yield name, found.size_in_bytes, found.last_updated_in_seconds
        return
    for name in list_names(folder):
        with suppress(FileNotFoundError):  # it is gone since, or a link to nothing
            stat = Path(folder, name).stat()
            yield name, stat.st_size, stat.st_mtime_ns


def exists(path: str) -> bool:
    """Whether there is such a file."""
    return bool(_beam().exists(path)) if is_remote(path) else Path(path).is_file()


def open_file(path: str) -> IO[bytes]:
    """A file, to be read and closed by the caller. Raises OSError, or what the object store's client raises."""
    if not is_remote(path):
        return Path(path).open("rb")
    return _beam().open(path, "application/octet-stream", _uncompressed())  # type: ignore[no-any-return]


def read_photo_file(path: str) -> bytes:
    """A photo's file, whole. Raises PhotoError where it is this file's fault, and not the network's or the store's."""
    name = path.rsplit("/", 1)[-1]
    if not is_remote(path) and Path(path).exists() and not Path(path).is_file():
        raise PhotoError(f"{name}: is no ordinary file; a pipe or device is not read")
    try:
        with open_file(path) as file:
            data = _read(file, MAX_BYTES + 1)
    except Exception as error:
        if not is_remote(path) and isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise PhotoError(f"{name}: cannot be read: {error.strerror or error}") from None
        if exists(path):
            raise
        raise PhotoError(f"{name}: there is no such file") from None
    if len(data) > MAX_BYTES:
        raise PhotoError(f"{name}: is longer than {MAX_BYTES / 1e6:,.0f} MB")
    return data


def _read(file: IO[bytes], limit: int) -> bytes:
    """At most `limit` bytes. By the chunk: Python asks for all the memory that it might need before it reads."""
    chunks = []
    while limit > 0 and (chunk := file.read(min(limit, CHUNK))):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


def write(path: str, data: bytes) -> None:
    """Write a file, or write it anew; folders on the way are made."""
    if not is_remote(path):
        with write_aside(path) as temporary:
            temporary.write_bytes(data)
        return
    with _beam().create(path, "application/octet-stream", _uncompressed()) as file:
        file.write(data)


def send(local: Path, path: str) -> None:
    """Copy a finished local file to `path`."""
    if not is_remote(path):
        with write_aside(path) as temporary:
            shutil.copyfile(local, temporary)
        return
    with local.open("rb") as source, _beam().create(path, "application/octet-stream", _uncompressed()) as file:
        shutil.copyfileobj(source, file, 1 << 20)


def place(source: str, target: str) -> None:
    """Give a file a second name, in place of a file that is there; an object is copied. Both stay when one goes."""
    if is_remote(source):
        _beam().copy([source], [target])
        return
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    aside = Path(f"{source}.placed")  # beside the source, which goes with its folder when this is killed halfway
    aside.unlink(missing_ok=True)
    try:
        os.link(source, aside)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        shutil.copyfile(source, aside)
    aside.replace(target)
    aside.unlink(missing_ok=True)  # it is still there where target had the name already: rename does nothing then


def delete(paths: Iterable[str]) -> None:
    """Delete files; fine if there are none."""
    remote: list[str] = []
    for path in paths:
        if is_remote(path):
            remote.append(path)
        else:
            Path(path).unlink(missing_ok=True)
    for start in range(0, len(remote), 500):
        there = [path for path in remote[start : start + 500] if exists(path)]
        if there:
            _beam().delete(there)


def delete_folder(folder: str) -> None:
    """Delete a folder with all in it; fine if there is none."""
    if not is_remote(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return
    found = _beam().match([folder.rstrip("/") + "/**"])[0].metadata_list
    if found:
        _beam().delete([one.path for one in found])


def delete_unfinished(path: str) -> None:
    """Delete what a process that was killed while it wrote a local file left beside it."""
    if not is_remote(path):
        for aside in Path(path).parent.glob(f".{Path(path).stem}.*{Path(path).suffix}"):
            aside.unlink(missing_ok=True)


def drop_empty_folders(folder: str) -> None:
    """Delete the empty folders below a local one, and it if nothing is left; object stores have none."""
    if not is_remote(folder):
        for parent, _, _ in os.walk(folder, topdown=False):
            with suppress(OSError):
                Path(parent).rmdir()


def _beam() -> Any:
    from apache_beam.io.filesystems import FileSystems

    from crumple.beam.s3_client import share_s3_client

    share_s3_client()
    return FileSystems


def _uncompressed() -> str:
    """Beam would unpack a file by its suffix."""
    return "uncompressed"
