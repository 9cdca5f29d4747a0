"""Photo files in memory, with whatever a test wants in them."""

from io import BytesIO

from PIL import Image

from tests.prepare.pictures import scene

GPS, ORIENTATION = 0x8825, 0x0112


def photo_file(picture, kind="JPEG", **options):
    """A picture (H, W, 3) uint8 as a file's bytes."""
    data = BytesIO()
    Image.fromarray(picture).save(data, kind, **options)
    return data.getvalue()


def with_gps(picture, orientation=1):
    """A JPEG that says where and with what it was taken, in EXIF, in XMP and in a comment."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return photo_file(picture, exif=exif, comment=b"SecretComment", xmp=b"<x:xmpmeta>SecretPlace</x:xmpmeta>")


def write_photos(folder, seeds, **options):
    """Different photos 000.jpg, 001.jpg ... in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / f"{seed:03d}.jpg").write_bytes(photo_file(scene(seed), quality=90, **options))
    return folder
