"""How many synthetic copies of real photos are found, and how many photos are called copies that are not.

    python benchmarks/prepare_duplicates.py PHOTOS [--limit 400]

Each photo is changed in every way of COPIES; recall is the share of copies that are found to be copies of their
original. False pairs are counted among the originals themselves; look at them, for real sets hold real copies.
"""

import argparse
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe
from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.prepare.copies.crops import crop, crop_hashes
from crumple.prepare.copies.duplicates import BANDS, Pair, candidates, clusters, hash_table, same_picture
from crumple.prepare.copies.hashes import perceptual_hash
from crumple.prepare.copies.landmarks import Landmarks, find_landmarks
from crumple.prepare.quality import normal_luma


def poor(rgb: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def resized(rgb: np.ndarray, scale: float) -> np.ndarray:
    return cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def randomly_cropped(rgb: np.ndarray, most: float, seed: int = 0) -> np.ndarray:
    """Each side by its own share up to `most`: another for each photo."""
    rng = np.random.default_rng([seed, int(rgb.sum()) % 2**32])
    return crop(rgb, tuple(rng.uniform(0, most, 4)))


COPIES = {
    "JPEG quality 50": lambda rgb: poor(rgb, 50),
    "JPEG quality 20": lambda rgb: poor(rgb, 20),
    "half the size": lambda rgb: resized(rgb, 0.5),
    "quarter, quality 50": lambda rgb: poor(resized(rgb, 0.25), 50),
    "1.5 times the size": lambda rgb: resized(rgb, 1.5),
    "30 % brighter": lambda rgb: cv2.convertScaleAbs(rgb, alpha=1.3),
    "2 % off each side": lambda rgb: crop(rgb, (0.02,) * 4),
    "5 % off each side": lambda rgb: crop(rgb, (0.05,) * 4),
    "10 % off each side": lambda rgb: crop(rgb, (0.1,) * 4),
    "10 % off one side": lambda rgb: crop(rgb, (0.1, 0, 0, 0)),
    "up to 5 % off each side": lambda rgb: randomly_cropped(rgb, 0.05),
    "up to 10 % off each side": lambda rgb: randomly_cropped(rgb, 0.1),
    "all of it: half, quality 50, up to 5 % off": lambda rgb: poor(resized(randomly_cropped(rgb, 0.05), 0.5), 50),
    "mirrored": lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=400)
    arguments = parser.parse_args()
    originals = {}
    for path in sorted(arguments.photos.rglob("*"))[: arguments.limit]:
        try:
            originals[f"o {path.name}"] = decode_photo(path, max_side=1024).rgb
        except PhotoError:
            continue
    hashes = {name: row(rgb) for name, rgb in originals.items()}
    landmarks = {name: find_landmarks(rgb) for name, rgb in originals.items()}
    among = find_copies(hashes, landmarks)
    table = Table("change", "found, %", "by equal hash, %", title=f"{len(originals)} photos", title_justify="left")
    for change, make in COPIES.items():
        copies = {f"c{name[1:]}": make(rgb) for name, rgb in originals.items()}
        theirs = {name: row(rgb) for name, rgb in copies.items()}
        marks = landmarks | {name: find_landmarks(rgb) for name, rgb in copies.items()}
        cluster = clusters([], find_copies(hashes | theirs, marks))
        found = [cluster.get(name) is not None and cluster[name] == cluster.get(f"c{name[1:]}") for name in originals]
        equal = [hashes[name][0] == theirs[f"c{name[1:]}"][0] for name in originals]
        table.add_row(change, f"{100 * np.mean(found):.1f}", f"{100 * np.mean(equal):.1f}")
    console = Console(width=100)
    console.print(describe(["crumple", "numpy", "opencv-python-headless"]))
    console.print(table)
    pairs = len(list(combinations(originals, 2)))
    console.print(f"called copies among the originals: {len(among)} of {pairs} pairs (right or wrong: look at them)")
    for one, other in among[:50]:
        console.print(f"  {one[2:]}  {other[2:]}")


def find_copies(photos: Mapping[str, tuple[int, ...]], landmarks: Mapping[str, Landmarks]) -> list[Pair]:
    """All pairs of copies, as the pipeline finds them, which does so on many workers."""
    table = hash_table(photos)
    pairs = dict.fromkeys(table.twins, True)
    for band in range(BANDS):
        for pair, sure in candidates(table, band):
            pairs[pair] = sure or pairs.get(pair, False)
    return sorted(pair for pair, sure in pairs.items() if sure or same_picture(*(landmarks[one] for one in pair)))


def row(rgb: np.ndarray) -> tuple[int, ...]:
    luma = normal_luma(rgb)
    return int(perceptual_hash(luma)), *crop_hashes(luma)


if __name__ == "__main__":
    main()
