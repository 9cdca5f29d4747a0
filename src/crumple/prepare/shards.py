"""Tar files in WebDataset layout: of each photo KEY.jpg and KEY.json, one after the other, the same bytes every time.

Source: the WebDataset format, github.com/webdataset/webdataset ("files that share a basename are one sample").
"""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


def write_shard(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write (name, content) as a tar file: ustar, in the order given, without dates, owners or padding to records."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
