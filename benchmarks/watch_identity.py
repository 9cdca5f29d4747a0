"""How often `crumple watch` gives one damage two numbers, on pans over photos whose motion is known.

    python benchmarks/watch_identity.py [--photos DIR] [--limit 20] [--model DIR] [--frames 40] [--speed 1.0]

A virtual camera moves, turns and zooms over a still photo, with a hand's tremor, at 10 frames a second. On the samples
the truth is the painted damage; on photos of a folder what the network finds on the still photo, boxes that overlap by
half being one damage. The motion says where it is in every frame. Printed by tracker, matched as CLEAR MOT does
(Bernardin and Stiefelhagen 2008: a damage keeps its track as long as that one still lies on it):

* switches: a damage was seen under another track than when it was last seen, without having left the picture since
* tracks: per damage that was seen in three frames or more; 1 is perfect
* missed: times that a damage was in the picture and no sighting lay on it
* merged: tracks that were given to more than one damage
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.assessment.pipeline import Assessor, read_photo
from crumple.bench.machine import describe
from crumple.detect.detector import load_detector
from crumple.photo import Photo
from crumple.samples.scenes import painted_photos
from crumple.watch.matching import likeness, match
from crumple.watch.motion import CameraMotion, Homography, move_box
from crumple.watch.tracker import Sighting, Tracker

WIDTH, HEIGHT, RATE = 960, 720, 10
SAME = 0.3  # IoU of the boxes from which a sighting lies on a damage


@dataclass
class Look:
    """One frame: what was seen, the motion estimated from the pixels, and where the still photo's damages truly are."""

    sightings: list[Sighting]
    estimated: Homography | None
    truth: np.ndarray


@dataclass
class Score:
    """Counts over all pans."""

    damages: int = 0
    sightings: int = 0
    switches: int = 0
    tracks: int = 0
    merged: int = 0
    missed: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of photos; the painted samples if left out")
    parser.add_argument("--limit", type=int, default=20, help="photos of the folder, evenly spaced")
    parser.add_argument("--model", type=Path, help="exported folder; the released model if left out")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--speed", type=float, default=1.0, help="1: about a third of the picture's width a second")
    arguments = parser.parse_args()
    about = describe(["crumple", "numpy", "opencv-python-headless", "openvino"])
    assessor = Assessor(load_detector(arguments.model))
    stills = painted() if arguments.photos is None else found(assessor, arguments.photos, arguments.limit)
    pans = [pan(assessor, rgb, boxes, arguments.frames, arguments.speed) for rgb, boxes in stills if len(boxes)]
    trackers = {
        "as it is": (Tracker, True),
        "without camera motion": (Tracker, False),
        "within one class alone": (OneClass, True),
    }
    table = Table("tracker", title=f"{len(pans)} pans of {arguments.frames} frames, speed {arguments.speed:g}")
    for name in ("damages", "sightings", "switches", "tracks per damage", "missed", "merged"):
        table.add_column(name, justify="right")
    for name, (kind, moved) in trackers.items():
        score = Score()
        for looks in pans:
            judge(score, looks, kind(), moved)
        each = f"{score.tracks / max(score.damages, 1):.2f}"
        counts = (score.damages, score.sightings, score.switches, each, score.missed, score.merged)
        table.add_row(name, *map(str, counts))
    console = Console(width=110)
    console.print(about)
    console.print(f"model {assessor.model.name} {assessor.model.version}")
    console.print(table)


class OneClass(Tracker):
    """Without the second chance for a detection whose class is another."""

    def _assign(self, sightings, margin):
        tracks = super()._assign(sightings, margin)
        return [t if t is None or t.label == s.label else None for t, s in zip(tracks, sightings, strict=True)]


def painted() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The samples with the boxes of what is painted on them."""
    for photo in painted_photos():
        boxes = []
        for _, mask in photo.truth:
            rows, columns = np.nonzero(mask)
            boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        yield photo.image, np.array(boxes, float)


def found(assessor: Assessor, folder: Path, limit: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photos of a folder with the boxes of what the network finds on them, each place once."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    for i in np.unique(np.linspace(0, len(paths) - 1, min(limit, len(paths))).astype(int)):
        photo = read_photo(paths[i])
        findings = sorted(assessor.inspect(photo)[0].findings, key=lambda finding: -finding.score)
        places = np.zeros((0, 4))
        for finding in findings:
            box = np.array([finding.box])
            if not len(places) or likeness(places, box, 0.0).max() < 0.5:
                places = np.concatenate([places, box])
        yield photo.rgb, places


def pan(assessor: Assessor, still: np.ndarray, boxes: np.ndarray, frames: int, speed: float) -> list[Look]:
    """A virtual camera over `still`, looked at frame by frame."""
    rng, motion, looks = np.random.default_rng(0), CameraMotion(), []
    for number in range(frames):
        view = camera(still.shape, number / RATE * speed, rng.normal(0, 1, 3))
        frame = cv2.warpPerspective(still, view_of_pixels(view), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        frame = np.ascontiguousarray(frame)
        seen, _ = assessor.inspect(Photo(frame, "frame", "", 1, (WIDTH, HEIGHT)))
        sightings = [Sighting(finding.damage, finding.score, finding.box) for finding in seen.findings]
        looks.append(Look(sightings, motion(frame), np.array([move_box(box, view) for box in boxes])))
    return looks


def camera(shape: tuple[int, ...], t: float, tremor: np.ndarray) -> Homography:
    """Still photo -> frame at time t, seconds; tremor: standard normal, of position and turn."""
    height, width = shape[:2]
    zoom = max(WIDTH / width, HEIGHT / height) * (1.35 + 0.25 * np.sin(1.3 * t))
    turn = np.deg2rad(5 * np.sin(1.7 * t) + 0.3 * tremor[2])
    x = width * (0.5 + 0.16 * np.sin(2.0 * t)) + 0.004 * width * tremor[0]
    y = height * (0.5 + 0.12 * np.cos(1.1 * t)) + 0.004 * width * tremor[1]
    a, b = zoom * np.cos(turn), zoom * np.sin(turn)
    view = np.array([[a, -b, 0], [b, a, 0], [4e-5 * np.sin(t), 0, 1]])
    middle = view @ [x, y, 1]
    to_middle = np.array(
        [[1, 0, WIDTH / 2 - middle[0] / middle[2]], [0, 1, HEIGHT / 2 - middle[1] / middle[2]], [0, 0, 1]]
    )
    return to_middle @ view


def view_of_pixels(view: Homography) -> Homography:
    """The same for OpenCV, whose coordinates are those of pixel centres."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.linalg.inv(half) @ view @ half


def judge(score: Score, looks: list[Look], tracker: Tracker, moved: bool) -> None:
    """Replay one pan through a tracker and count."""
    last: dict[int, int] = {}  # by damage, its track when it was seen last
    seen: dict[int, list[int]] = {}
    for number, look in enumerate(looks):
        motion = look.estimated if moved else None
        keys = [track.key for track in tracker.update(look.sightings, motion, number / RATE, (HEIGHT, WIDTH))]
        score.sightings += len(keys)
        middles = (look.truth[:, :2] + look.truth[:, 2:]) / 2
        inside = ((middles >= 0) & (middles < [WIDTH, HEIGHT])).all(axis=1)
        last = {damage: key for damage, key in last.items() if inside[damage]}
        alike = likeness(look.truth.clip(0, [WIDTH, HEIGHT] * 2), boxes_of(look.sightings), 0.0)
        now = correspondence(np.where(inside[:, None], alike, 0.0), keys, last)
        score.missed += int(inside.sum()) - len(now)
        score.switches += sum(damage in last and last[damage] != key for damage, key in now.items())
        last |= now
        for damage, key in now.items():
            seen.setdefault(damage, []).append(key)
    often = {damage: set(keys) for damage, keys in seen.items() if len(keys) >= 3}
    score.damages += len(often)
    score.tracks += sum(len(keys) for keys in often.values())
    every = [key for keys in often.values() for key in keys]
    score.merged += len({key for key in every if every.count(key) > 1})


def correspondence(alike: np.ndarray, keys: list[int], last: dict[int, int]) -> dict[int, int]:
    """Damage -> track: those of before as far as they still agree, then the most alike of the rest."""
    now = {}
    for damage, key in last.items():
        if key in keys and alike[damage, keys.index(key)] >= SAME:
            now[damage] = key
    free = alike.copy()
    for damage, key in now.items():
        free[damage], free[:, keys.index(key)] = 0.0, 0.0
    return now | {damage: keys[j] for damage, j in match(free, SAME)}


def boxes_of(sightings: list[Sighting]) -> np.ndarray:
    return np.array([sighting.box for sighting in sightings]).reshape(-1, 4)


if __name__ == "__main__":
    main()
