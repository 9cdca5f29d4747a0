"""How hard a JPEG was compressed, from its own tables: the quality that its writer was asked for."""

import numpy as np
from PIL import ImageFile

# The luma table of Annex K of the JPEG standard (ITU-T T.81, table K.1), by size: the order of a table does not matter.
_STANDARD = np.frombuffer(
    bytes.fromhex(
        "0a0b0c0c0c0d0e0e0e10101011121316161818181a1d23252828313333373738"
        "38393a3c3d3e40404445484d4e505157575c5f62636465676767686d70717879"
    ),
    np.uint8,
).astype(int)


def _scaled() -> np.ndarray:
    """(100, 64): the table for every quality from 1 to 100, as libjpeg's jcparam.c scales it."""
    quality = np.arange(1, 101)[:, None]
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((_STANDARD * scale + 50) // 100, 1, 255)


_TABLES = _scaled()


def jpeg_quality(image: ImageFile.ImageFile) -> int | None:
    """The quality, 1 to 100, of an opened JPEG (its header is enough); None for other formats.

    Exactly what libjpeg, Pillow and OpenCV were asked for, which scale the standard's table; for cameras and editors
    with tables of their own, the quality whose table is nearest. It says how the file was written last, not what it
    went through before.
    """
    tables = getattr(image, "quantization", None)
    if image.format not in ("JPEG", "MPO") or not tables:
        return None
    table = np.sort(np.asarray(tables[min(tables)]))
    return int(np.abs(_TABLES - table).sum(axis=1).argmin()) + 1 if table.size == _STANDARD.size else None
