import numpy as np
from PIL import Image

from crumple.photo import decode_photo
from crumple.samples.scenes import BLURRED, CLEAN, PHOTOS, painted_photos, write_samples
from crumple.taxonomy import DAMAGES


def test_painted_photos_carry_masks_of_known_damage_on_the_car():
    photos = painted_photos()
    assert {label for photo in photos for label, _ in photo.truth} == {"scratch", "dent", "lamp_damage"}
    for photo in photos:
        clean = decode_photo(PHOTOS / photo.photo).rgb
        assert photo.image.shape == clean.shape
        changed = np.abs(photo.image.astype(int) - clean).max(axis=2) > 8
        every = np.zeros(clean.shape[:2], bool)
        for label, mask in photo.truth:
            assert label in DAMAGES
            assert 0.001 < mask.mean() < 0.06
            assert changed[mask].mean() > 0.25, f"{label} in {photo.name} can hardly be seen"
            every |= mask
        assert changed[~every].mean() < 0.01


def test_write_samples_says_in_the_name_what_is_painted(tmp_path):
    written = write_samples(tmp_path / "photos")
    notices = {"README.md"} | {path.name for path in PHOTOS.glob("LICENSE.*")}
    assert len(notices) == 4
    assert {path.name for path in (tmp_path / "photos").iterdir()} == notices | {path.name for path in written}
    kinds = [path.name.split("_")[0] for path in written]
    assert kinds.count("painted") == len(painted_photos())
    assert kinds.count("clean") == len(CLEAN) and kinds.count("blurred") == len(BLURRED)
    for path in written:
        with Image.open(path) as image:
            assert min(image.size) > 300


def test_every_shipped_photo_has_its_licence_and_attribution_beside_it():
    readme = (PHOTOS / "README.md").read_text()
    for name in (*CLEAN, *BLURRED):
        line = next(line for line in readme.splitlines() if name in line)
        licence = line[line.index("LICENSE.") :].split()[0]
        assert (PHOTOS / licence).stat().st_size > 500
    assert sum(path.stat().st_size for path in PHOTOS.iterdir()) < 1_000_000
