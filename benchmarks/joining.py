"""Whether findings of many photos are joined into the damages that people see: claims joined by eye, and warped photos.

    python benchmarks/joining.py [--data ../shared/data] [--model DIR] [--fit]

The truth is damage_bilgi/joins (38 claims of val, photos on which people drew damages, joined by eye). A pair is two
drawn damages of a claim; precision is the share of the pairs that were joined that are one damage, recall the share
of those that are one damage that were joined. Left out of both, for nobody knows: pairs with a drawing that the reader
was unsure of ("?"), and an outline that holds several damages ("=") with each of those and of their fellows. Damages
per claim: groups against people's; an outline that holds others and is on one photo alone is no damage of its own.

* people's drawings: places are what the model says of them (`Assessor.inspect(drawn=...)`).
* with people's places: the same with the places that people named: what better places would bring.
* the model's findings: each stands for the drawing that it overlaps most, at mask IoU 0.1 or more; the others take part
  and are not judged.
* warped photos: a photo with two drawn damages or more and a crop of it, enlarged up to four times, tilted, in other
  light, blurred, dirty, as JPEG. The answer is known.

All coefficients are out of fold: fitted on four fifths of the claims, told of the last one, five times. `join_from`
alone was chosen on all of them. Intervals: 95 %, over claims. What is slow (detections, alignment) is kept in the
user's cache, by model and by the source of crumple.case.matching. --fit writes src/crumple/case/matching/joining.json.
"""

import argparse
import hashlib
import json
import pickle
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco_mask
from rich.console import Console
from rich.progress import track
from rich.table import Table

from crumple.assessment.assessment import Assessment
from crumple.assessment.drawn import Drawing
from crumple.assessment.pipeline import Assessor, read_photo
from crumple.bench.machine import describe
from crumple.cache import cache_folder
from crumple.case import joining, likeness, matching
from crumple.case.joining import Joined, decide, pair_logits, possible_pairs, worth_a_look
from crumple.case.matching import weights as of_weights
from crumple.case.matching.context import CONTEXT, context
from crumple.case.matching.pairs import EVIDENCE, GLANCE, Candidates, glance, look
from crumple.case.matching.views import paints, views
from crumple.case.matching.weights import Weights
from crumple.case.observations import Observation, PhotoEvidence, observations, photo_evidence
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.sets import read_data
from crumple.detect.detector import load_detector
from crumple.detect.masks import Patch
from crumple.evaluate.measures.bootstrap import estimate, ratio, resamples
from crumple.evaluate.measures.logistic import claim_folds, fit
from crumple.photo import Photo

DATA_FILE = Path(__file__).parent.parent / "recipes" / "data.yaml"
LOOK_FROM, JOIN_FROM, MAYBE_FROM = 0.02, 0.32, 0.15
MEETS = 0.1  # mask IoU from which a finding stands for a drawing
SPREAD = 1.0  # standard deviation of the prior of each coefficient, of columns of standard deviation 1
MOST_PAIRS = 150  # a claim with more pairs counts as much as this many, times the root of how many times more
WARPED = 60  # photos
SAME, APART, UNKNOWN = 1, 0, -1

Groups = Sequence[Sequence[int]]


@dataclass(frozen=True, eq=False)
class Claim:
    """One claim: its findings, what speaks for pairs of them, and the truth.

    truth: (N, N) SAME, APART or UNKNOWN. damages: of each finding, the number of its damage by people; -1: it is none
    of its own, or is not judged. vehicles: of each photo, the number of the vehicle that it shows.
    """

    number: int
    observations: list[Observation]
    photos: list[PhotoEvidence]
    candidates: Candidates
    paints: dict[int, np.ndarray]
    truth: np.ndarray
    damages: np.ndarray
    vehicles: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, help="exported folder; the released model if left out")
    parser.add_argument("--fit", action="store_true", help="fit on all claims and write the coefficients")
    arguments = parser.parse_args()
    assessor = Assessor(load_detector(arguments.model))
    archive = Archive(arguments.data, assessor)
    drawn = [archive.drawn(number) for number in track(archive.numbers, "people's drawings", transient=True)]
    if arguments.fit:
        write(fitted(drawn))
    named = [archive.named(claim) for claim in drawn]
    found = [archive.found(claim) for claim in track(drawn, "the model's findings", transient=True)]
    by_claim = out_of_fold(drawn)
    warped = [archive.warped(claim) for claim in track(drawn, "warped photos", transient=True)]
    console = Console(width=118)
    console.print(describe(["crumple", "numpy", "opencv-python-headless", "openvino"]))
    console.print(f"model {assessor.model.name} {assessor.model.version}")
    names = ("", "pairs joined", "precision", "recall", "damages a claim", "of people's", "off by")
    table = Table(*names, title=f"Findings joined into damages: {len(drawn)} claims")
    rows: list[tuple[str, list[Claim], Callable[[Claim], Groups]]] = [
        ("people's drawings, joined", drawn, lambda claim: joined(claim, by_claim[claim.number])),
        ("  with people's places", named, with_weights(out_of_fold(named))),
        ("  without pixels", drawn, lambda claim: joined(claim, by_claim[claim.number], pixels=False)),
        ("  same type, same part", drawn, same_type_and_part),
        ("  joined, at that recall", drawn, at_recall(drawn, by_claim, recall(drawn, same_type_and_part))),
        ("  every photo alone", drawn, alone),
        ("the model's findings, joined", found, lambda claim: joined(claim, by_claim[claim.number])),
        ("  same type, same part", found, same_type_and_part),
        ("  joined, at that recall", found, at_recall(found, by_claim, recall(found, same_type_and_part))),
        ("  every photo alone", found, alone),
    ]
    for name, claims, groups in rows:
        table.add_row(name, *cells(claims, [groups(claim) for claim in claims]))
    flat = [one for some in warped for one in some]
    table.add_row("warped photos, joined", *cells(flat, [joined(one, by_claim[one.number]) for one in flat]))
    table.add_row("  same type, same part", *cells(flat, [same_type_and_part(one) for one in flat]))
    console.print(table)
    console.print(other_vehicles(drawn, by_claim))
    console.print(times(assessor, archive, drawn))


# --- the claims


class Archive:
    """The claims of damage_bilgi, val, with what is slow kept in the user's cache."""

    def __init__(self, data: Path, assessor: Assessor) -> None:
        self.assessor = assessor
        sets = {data_set.name: data_set for data_set in read_data(DATA_FILE, root=data).sets}
        self._photos = {photo.file_name: photo for photo in sets["bilgi"].read("val")}
        folder = data / "damage_bilgi" / "joins"
        self._index = {
            entry["claim"]: entry["photos"]
            for entry in json.loads((folder / "val.claims.json").read_text(encoding="utf-8"))
        }
        self._lines: dict[int, list[str]] = {}
        for line in (folder / "val.txt").read_text(encoding="utf-8").splitlines():
            number, _, rest = line.partition(" ")
            self._lines.setdefault(int(number), []).append(rest)
        self.numbers = sorted(self._index)
        sources = [*sorted(Path(matching.__path__[0]).glob("*.py")), Path(str(likeness.__file__))]
        source = b"".join(path.read_bytes() for path in sources)
        self._version = hashlib.sha256(source).hexdigest()[:12]
        self._folder = (cache_folder() or Path()) / f"joining-{assessor.model.name}-{assessor.model.sha256[:12]}"
        self._folder.mkdir(exist_ok=True)

    def photos(self, number: int) -> list[LabelledPhoto]:
        return [self._photos[entry["file_name"]] for entry in self._index[number]]

    def drawn(self, number: int) -> Claim:
        """The claim with people's drawings as its findings."""
        photos = self.photos(number)
        drawings = [
            [drawing(photo, by_id(photo)[one["annotation"]]) for one in entry["damages"]]
            for photo, entry in zip(photos, self._index[number], strict=True)
        ]
        assessed = [
            self._kept(
                f"drawn-{photo.file_name}",
                lambda photo=photo, on=on: self.assessor.inspect(read_photo(photo.path), drawn=on)[0],
            )
            for photo, on in zip(photos, drawings, strict=True)
        ]
        names = []
        seen = []
        for position, (entry, a, on) in enumerate(zip(self._index[number], assessed, drawings, strict=True)):
            at = in_order(observations(a, position), on)
            seen += at
            names += [f"{entry['letter']}{one['number']}" for one in entry["damages"]]
        truth, damages = read_truth(self._lines.get(number, []), names)
        letters = [entry["letter"] for entry in self._index[number]]
        evidence = [photo_evidence(a, pixels_of(photo)) for a, photo in zip(assessed, photos, strict=True)]
        of_pairs = self._evidence(f"drawn-{number}", seen, evidence)
        vehicles = read_vehicles(self._lines.get(number, []), letters)
        return Claim(number, seen, evidence, *of_pairs, truth, damages, vehicles)

    def named(self, claim: Claim) -> Claim:
        """The same with the places that people named."""
        photos, seen = self.photos(claim.number), []
        ids = [one["annotation"] for entry in self._index[claim.number] for one in entry["damages"]]
        for one, annotation in zip(claim.observations, ids, strict=True):
            places = photos[one.photo].places
            on = places.on.get(annotation, ()) if places else ()
            seen.append(replace(one, places={place.name: 0.6 if k else 1.0 for k, place in enumerate(on)}))
        candidates, _ = self._evidence(f"named-{claim.number}", seen, claim.photos)
        return replace(claim, observations=seen, candidates=candidates)

    def found(self, claim: Claim) -> Claim:
        """The same with the model's findings."""
        photos = self.photos(claim.number)
        assessed = [
            self._kept(f"found-{photo.file_name}", lambda photo=photo: self.assessor(photo.path)) for photo in photos
        ]
        seen = [one for position, a in enumerate(assessed) for one in observations(a, position)]
        evidence = [photo_evidence(a, pixels_of(photo)) for a, photo in zip(assessed, photos, strict=True)]
        stands_for = np.array([drawing_of(one, claim) for one in seen], np.int64)
        known = stands_for >= 0
        truth = np.where(np.outer(known, known), claim.truth[np.ix_(stands_for, stands_for)], UNKNOWN)
        truth[stands_for[:, None] == stands_for] = UNKNOWN
        damages = np.where(known, claim.damages[stands_for], -1)
        of_pairs = self._evidence(f"found-{claim.number}", seen, evidence)
        return Claim(claim.number, seen, evidence, *of_pairs, truth, damages, claim.vehicles)

    def warped(self, claim: Claim) -> list[Claim]:
        """Photos of the claim with two drawings or more, each as a claim of its own: the photo and a warp of it."""
        made = []
        for position, photo in enumerate(self.photos(claim.number)):
            own = [k for k, one in enumerate(claim.observations) if one.photo == position]
            rng = np.random.default_rng([claim.number, position])
            if len(own) < 2 or rng.random() > 0.5:
                continue
            rgb = read_photo(photo.path).rgb
            patches = [claim.observations[k].patch for k in own]
            other, moved = warp(rgb, patches, rng)
            left = [i for i, patch in enumerate(moved) if patch is not None]
            on = [Drawing(claim.observations[own[i]].damage, moved[i], i + 1) for i in left]
            if not on:
                continue
            name = f"warp-{claim.number}-{position}"
            as_photo = Photo(other, name, "", 1, (other.shape[1], other.shape[0]))
            a = self._kept(name, lambda p=as_photo, on=on: self.assessor.inspect(p, drawn=on)[0])
            seen = [replace(claim.observations[k], photo=0) for k in own] + in_order(observations(a, 1), on)
            evidence = [
                replace(claim.photos[position], pixels=lambda rgb=rgb: rgb),
                photo_evidence(a, lambda o=other: o),
            ]
            damages = np.array([*range(len(own)), *left])
            truth = (damages[:, None] == damages).astype(np.int64)
            of_pairs = self._evidence(name, seen, evidence)
            made.append(Claim(claim.number, seen, evidence, *of_pairs, truth, damages, [0, 0]))
        return made

    def _kept(self, name: str, make: Callable[[], Assessment]) -> Assessment:
        path = self._folder / f"{name}.json"
        if path.exists():
            return Assessment.model_validate_json(path.read_text(encoding="utf-8"))
        made = make()
        path.write_text(made.model_dump_json(), encoding="utf-8")
        return made

    def _evidence(
        self, name: str, seen: Sequence[Observation], photos: Sequence[PhotoEvidence]
    ) -> tuple[Candidates, dict[int, np.ndarray]]:
        """All evidence of every pair, and the paint of the photos."""
        path = self._folder / f"{name}-{self._version}.pickle"
        if not path.exists():
            made = glance(seen, photos, possible_pairs(seen))
            prepared = views(seen, photos)
            look(made, np.arange(len(made.pairs)), np.array([one.photo for one in seen], np.int64), prepared)
            path.write_bytes(pickle.dumps((made, paints(prepared))))
        return pickle.loads(path.read_bytes())


def by_id(photo: LabelledPhoto) -> dict[int, object]:
    return {instance.annotation_id: instance for instance in photo.instances}


def drawing(photo: LabelledPhoto, instance) -> Drawing:
    mask = instance.bitmap(photo.height, photo.width)
    return Drawing(instance.label, Patch.from_bitmap(mask), instance.annotation_id)


def in_order(seen: Sequence[Observation], drawings: Sequence[Drawing]) -> list[Observation]:
    """The observations as they were drawn: an assessment tells them by severity."""
    free, ordered = list(seen), []
    for one in drawings:
        match = next(o for o in free if o.damage == one.damage and np.array_equal(o.patch.edges, one.patch.edges))
        free.remove(match)
        ordered.append(match)
    return ordered


def pixels_of(photo: LabelledPhoto) -> Callable[[], np.ndarray]:
    return lambda: read_photo(photo.path).rgb


def drawing_of(one: Observation, claim: Claim) -> int:
    """The drawing that a finding stands for; -1: it is about none."""
    own = [k for k, other in enumerate(claim.observations) if other.photo == one.photo]
    if not own:
        return -1
    size = claim.photos[one.photo].height, claim.photos[one.photo].width
    drawn = [claim.observations[k].patch.rle(*size) for k in own]
    iou = np.asarray(coco_mask.iou([one.patch.rle(*size)], drawn, [0] * len(own)))[0]
    return own[int(iou.argmax())] if iou.max() >= MEETS else -1


def read_truth(lines: Sequence[str], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """What people joined, as `Claim.truth` and `.damages`, by the letters and numbers of the drawings."""
    at = {name: k for k, name in enumerate(names)}
    truth = np.zeros((len(names), len(names)), np.int64)
    damages = -1 - np.arange(len(names))
    for number, line in enumerate(line for line in lines if line.startswith("|")):
        members = [
            (at[one.rstrip("?")], one.endswith("?")) for one in re.split(r"[ +]+", line[1:].split("|")[0].strip())
        ]
        for (i, unsure), (j, other_unsure) in combinations(members, 2):
            truth[i, j] = truth[j, i] = UNKNOWN if unsure or other_unsure else SAME
        damages[[k for k, _ in members]] = number
    held = [line[1:].split(":") for line in lines if line.startswith("=")]
    alone = damages < 0
    for outline, contents in held:
        k = at[outline.strip()]
        for inner in contents.split():
            fellows = [i for i in range(len(names)) if damages[i] == damages[at[inner]] and damages[i] != damages[k]]
            truth[k, fellows] = truth[fellows, k] = UNKNOWN
    damages[alone] = 1000 + np.flatnonzero(alone)
    for outline, _ in held:
        if alone[at[outline.strip()]]:
            damages[at[outline.strip()]] = -1
    return truth, damages


def read_vehicles(lines: Sequence[str], letters: Sequence[str]) -> list[int]:
    """The number of the vehicle that each photo shows, 0 for the first of the line with "!"."""
    split = next((line[1:].split("|") for line in lines if line.startswith("!")), [])
    of = {letter: number for number, part in enumerate(split) for letter in part.split()}
    return [of.get(letter, 0) for letter in letters]


# --- warps


def warp(rgb: np.ndarray, patches: Sequence[Patch], rng: np.random.Generator) -> tuple[np.ndarray, list[Patch | None]]:
    """A photo as from another place and in other light, and its patches there; None for one of which less than half, or
    fewer than 60 pixels, are left."""
    height, width = rgb.shape[:2]
    zoom = float(np.exp(rng.uniform(0, np.log(4))))
    left, top, right, bottom = patches[int(rng.integers(len(patches)))].box
    x = np.clip((left + right) / 2, width / zoom / 2, width - width / zoom / 2)
    y = np.clip((top + bottom) / 2, height / zoom / 2, height - height / zoom / 2)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width, height] / zoom / 2 + [x, y]
    corners += rng.normal(0, 0.05, (4, 2)) * [width, height] / zoom
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    map = cv2.getPerspectiveTransform(corners.astype(np.float32), frame)
    seen = cv2.warpPerspective(rgb, map, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    light = seen.astype(np.float32) * rng.uniform(0.6, 1.4) * rng.uniform(0.9, 1.1, 3)
    shade = cv2.resize(
        rng.uniform(0.75, 1.25, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    light = cv2.GaussianBlur(light * shade[..., None], (0, 0), rng.uniform(0.3, 1.5))
    dirt = cv2.resize((rng.random((24, 24)) > 0.9).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    light = light * (1 - 0.35 * dirt[..., None].clip(0, 1)) + rng.normal(0, 4, light.shape)
    coded = cv2.imencode(
        ".jpg", light.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))]
    )
    moved: list[Patch | None] = []
    for patch in patches:
        mask = patch.on_photo(height, width).astype(np.uint8)
        there = cv2.warpPerspective(mask, map, (width, height), flags=cv2.INTER_NEAREST) > 0
        back = cv2.warpPerspective(np.ones_like(mask), np.linalg.inv(map), (width, height), flags=cv2.INTER_NEAREST)
        kept = (mask & back).sum() / mask.sum()
        moved.append(Patch.from_bitmap(there) if kept >= 0.5 and there.sum() >= 60 else None)
    return np.asarray(cv2.imdecode(coded[1], cv2.IMREAD_COLOR)), moved


# --- fitting


def fitted(claims: Sequence[Claim]) -> Weights:
    """Coefficients from these claims alone. Context is fitted on pairs that were judged out of fold."""
    first = pair_weights(claims)
    features, same, of = [], [], []
    for out in claim_folds(np.arange(len(claims)), seed=1):
        inner = pair_weights([claim for claim, left in zip(claims, out, strict=True) if not left])
        for k in np.flatnonzero(out).tolist():
            rows, truth = context_rows(claims[k], inner)
            features.append(rows[truth != UNKNOWN])
            same.append(truth[truth != UNKNOWN] == SAME)
            of.append(np.full(len(same[-1]), k))
    return replace(first, context=curve(*map(np.concatenate, (features, same, of))))


def pair_weights(claims: Sequence[Claim]) -> Weights:
    """Those of pairs alone."""
    truths = [claim.truth[tuple(claim.candidates.pairs.T)] for claim in claims]
    known = np.concatenate([truth != UNKNOWN for truth in truths])
    same = np.concatenate(truths)[known] == SAME
    of = np.concatenate([np.full(len(truth), k) for k, truth in enumerate(truths)])[known]
    evidence = np.concatenate([claim.candidates.evidence for claim in claims])[known]
    by = Weights(
        glance=curve(evidence[:, : len(GLANCE)], same, of),
        look=np.zeros(1 + len(EVIDENCE)),
        context=np.zeros(1 + len(CONTEXT)),
        look_from=LOOK_FROM,
        join_from=JOIN_FROM,
        maybe_from=MAYBE_FROM,
    )
    chosen = np.concatenate([looked(claim, by) for claim in claims])[known]
    return replace(by, look=curve(evidence[chosen], same[chosen], of[chosen]))


def looked(claim: Claim, by: Weights) -> np.ndarray:
    """(K,) which candidates are looked at."""
    return np.isin(np.arange(len(claim.candidates.pairs)), worth_a_look(claim.candidates, claim.observations, by))


def context_rows(claim: Claim, by: Weights) -> tuple[np.ndarray, np.ndarray]:
    at = np.array([one.photo for one in claim.observations], np.int64)
    logits = pair_logits(claim.candidates, np.flatnonzero(looked(claim, by)), by)
    return context(claim.candidates.pairs, logits, at), claim.truth[tuple(claim.candidates.pairs.T)]


def curve(features: np.ndarray, same: np.ndarray, claims: np.ndarray) -> np.ndarray:
    """The offset and coefficients of a logistic curve; columns are scaled alike for the prior."""
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    counts = np.bincount(claims)[claims]
    scaled = np.concatenate([np.ones((len(features), 1)), (features - centre) / spread], axis=1)
    weights = np.minimum(1, np.sqrt(MOST_PAIRS / counts))
    prior = np.zeros(scaled.shape[1]), np.full(scaled.shape[1], SPREAD)
    prior[1][0] = 10 * SPREAD
    found = fit(scaled, same, *prior, weights)
    own = found[1:] / spread
    return np.concatenate([[found[0] - own @ centre], own])


def out_of_fold(claims: Sequence[Claim]) -> dict[int, Weights]:
    """By claim, coefficients that were fitted without it."""
    by_claim = {}
    for out in claim_folds(np.arange(len(claims))):
        weights = fitted([claim for claim, left in zip(claims, out, strict=True) if not left])
        by_claim |= {claims[k].number: weights for k in np.flatnonzero(out).tolist()}
    return by_claim


def write(by: Weights) -> None:
    content: dict[str, object] = {
        "comment": "Fitted by benchmarks/joining.py --fit on the joined claims of damage_bilgi, val"
    }
    for name, columns in (("glance", GLANCE), ("look", EVIDENCE), ("context", CONTEXT)):
        values = [round(float(one), 4) for one in getattr(by, name)]
        content[name] = dict(zip(("offset", *columns), values, strict=True))
    content |= {"look_from": LOOK_FROM, "join_from": JOIN_FROM, "maybe_from": MAYBE_FROM}
    of_weights.FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


# --- ways to join


def decided(claim: Claim, by: Weights, *, pixels: bool = True) -> Joined:
    seen = np.flatnonzero(looked(claim, by)) if pixels else np.zeros(0, np.int64)
    return decide(claim.observations, claim.candidates, seen, claim.paints if pixels else {}, by)


def joined(claim: Claim, by: Weights, *, pixels: bool = True) -> Groups:
    return decided(claim, by, pixels=pixels).groups


def with_weights(by_claim: dict[int, Weights]) -> Callable[[Claim], Groups]:
    return lambda claim: joined(claim, by_claim[claim.number])


def at_recall(claims: Sequence[Claim], by_claim: dict[int, Weights], wanted: float) -> Callable[[Claim], Groups]:
    """Joined from the highest `join_from` that reaches a recall."""
    for join_from in np.linspace(0.95, 0.02, 60).tolist():
        way = with_weights({number: replace(by, join_from=join_from) for number, by in by_claim.items()})
        if recall(claims, way) >= wanted:
            return way
    return way


def same_type_and_part(claim: Claim) -> Groups:
    """Findings of one type that lie most probably on the same part; one without a place is alone."""
    groups: dict[object, list[int]] = {}
    for k, one in enumerate(claim.observations):
        part = max(one.places, key=lambda name: one.places[name], default=None)
        groups.setdefault(k if part is None else (one.damage, part), []).append(k)
    return list(groups.values())


def alone(claim: Claim) -> Groups:
    return [[k] for k in range(len(claim.observations))]


# --- figures


def counts(claim: Claim, groups: Groups) -> tuple[int, int, int, int, int]:
    """Pairs rightly joined, pairs joined, pairs that are one damage; damages by the groups and by people."""
    own = np.zeros(len(claim.observations), np.int64)
    for number, group in enumerate(groups):
        own[list(group)] = number
    pairs = np.triu(claim.truth != UNKNOWN, 1)
    together, same = own[:, None] == own, claim.truth == SAME
    judged = claim.damages >= 0
    said, there = len(set(own[judged].tolist())), len(set(claim.damages[judged].tolist()))
    return (pairs & together & same).sum(), (pairs & together).sum(), (pairs & same).sum(), said, there


def recall(claims: Sequence[Claim], way: Callable[[Claim], Groups]) -> float:
    hits, _, there, _, _ = np.sum([counts(claim, way(claim)) for claim in claims], axis=0)
    return float(hits / there)


def cells(claims: Sequence[Claim], groups: Sequence[Groups]) -> list[str]:
    numbers = np.array([counts(claim, some) for claim, some in zip(claims, groups, strict=True)], float)
    hits, together, same, said, there = numbers.T
    weights = resamples([str(claim.number) for claim in claims])
    some = there > 0
    off = np.abs(said[some] - there[some]) / there[some]
    return [
        f"{together.sum():.0f}",
        with_interval(ratio(weights @ hits, weights @ together)),
        with_interval(ratio(weights @ hits, weights @ same)),
        f"{said.mean():.1f} / {there.mean():.1f}",
        with_interval(ratio(weights @ said, weights @ there)),
        f"{off.mean():.0%}",
    ]


def with_interval(samples: np.ndarray) -> str:
    figure = estimate(samples)
    if figure.value is None:
        return "-"
    return f"{figure.value:.3f}" + ("" if figure.low is None else f" [{figure.low:.2f}, {figure.high:.2f}]")


def other_vehicles(claims: Sequence[Claim], by_claim: dict[int, Weights]) -> str:
    """How many of the photos of another vehicle than most of the claim's are told, and how many others."""
    right = wrong = there = 0
    for claim in claims:
        main = np.bincount(claim.vehicles).argmax()
        others = {photo for photo, vehicle in enumerate(claim.vehicles) if vehicle != main}
        told = set(decided(claim, by_claim[claim.number]).other_vehicle)
        right, wrong, there = right + len(told & others), wrong + len(told - others), there + len(others)
    rest = sum(len(claim.photos) for claim in claims) - there
    return f"another vehicle: {right} of {there} photos told, and {wrong} of {rest} others"


def times(assessor: Assessor, archive: Archive, claims: Sequence[Claim]) -> str:
    """How long joining takes beside assessing, on the first claims."""
    some = [claim for claim in claims if 5 <= len(claim.photos) <= 12][:6]
    photos = [photo for claim in some for photo in archive.photos(claim.number)]
    assessor(photos[0].path)
    start = time.perf_counter()
    for photo in photos:
        assessor(photo.path)
    middle = time.perf_counter()
    for claim in some:
        joining.join(claim.observations, claim.photos)
    end = time.perf_counter()
    return (
        f"{len(photos)} photos of {len(some)} claims: assessing {1000 * (middle - start) / len(photos):.0f} ms each, "
        f"joining {1000 * (end - middle) / len(photos):.0f} ms a photo"
    )


if __name__ == "__main__":
    main()
