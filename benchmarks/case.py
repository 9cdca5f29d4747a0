"""What a case says of panels and damages, against people's: which panels are shown, which damages are real, and which
panels are damaged.

    python benchmarks/case.py --data ../shared/data [--model DIR] [--fit]

The cases are the claims of the set "bilgi", val, whose photos people have read (docs/data-card.md): all photos of a
claim together. Names that they were unsure of, or whose side they could not tell, count neither way.

* A panel is shown if it is in the visible list of any photo of the claim.
* A damage that is real: any of its observations overlaps a drawn damage of the same or a near type (`NEAR_TYPES` of
  crumple.case.likeness) on its photo at mask IoU 0.1 or more.
* A panel is damaged if the place label of any drawn damage of the claim names it, first or later.

Joining is by type and place alone: no pixels. "Out of fold": fitted on four fifths of the claims, told of the last one,
five times. Intervals: 95 %, over claims. What is on undamaged cars is told apart: none of it is in the fit.
Assessments are kept in the user's cache, by model; --fresh makes them anew. --fit prints coefficients for the code.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask
from rich.console import Console
from rich.progress import track
from rich.table import Table

from crumple.assessment.assessment import Assessment
from crumple.assessment.likelihood import LIKELY_FROM, POSSIBLE_FROM, likelihood
from crumple.assessment.pipeline import Assessor, read_photo
from crumple.bench.machine import describe
from crumple.cache import cache_folder
from crumple.case import coverage as of_coverage
from crumple.case import verdicts
from crumple.case.coverage import PANELS, VIEWS, PanelCoverage, coverage, missing_views, panel_of, panels_named
from crumple.case.joining import join
from crumple.case.likeness import type_likeness
from crumple.case.observations import Observation, observations, photo_evidence
from crumple.dataset.instances import LabelledPhoto, NamedPlace
from crumple.dataset.sets import DataSet, read_data
from crumple.detect.detector import load_detector
from crumple.detect.logits import logistic, logit
from crumple.evaluate.judged.regions import drawn_regions
from crumple.evaluate.measures.bootstrap import estimate, ratio, resamples
from crumple.evaluate.measures.calibration import reliability
from crumple.evaluate.measures.logistic import claim_folds, fit
from crumple.taxonomy import without_side

DATA_FILE = Path(__file__).parent.parent / "recipes" / "data.yaml"
MEETS = 0.1  # mask IoU from which an observation is about a drawn damage
# Priors of the fits: centre and standard deviation. What lowers is not to raise, so it starts where it lowers a little.
DAMAGE_PRIOR = np.array([[0.0, 2.0], [1.0, 2.0], [0.0, 2.0], [-0.25, 0.25]])
LINE_PRIOR = np.array([[0.0, 2.0], [1.0, 2.0]])


@dataclass(frozen=True)
class Case:
    """One claim. real: of each observation, whether it is about a drawn damage.

    shown, damaged: the panels that are, surely; left_out: of either, those that may be.
    """

    name: str
    photos: list[LabelledPhoto]
    assessments: list[Assessment]
    observations: list[Observation]
    groups: tuple[tuple[int, ...], ...]
    real: list[bool]
    panels: list[PanelCoverage]
    shown: tuple[set[str], set[str]]
    damaged: tuple[set[str], set[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that the paths of recipes/data.yaml are in")
    parser.add_argument("--model", type=Path, help="exported folder; the released model if left out")
    parser.add_argument("--fit", action="store_true", help="fit on all claims and print the coefficients")
    parser.add_argument("--fresh", action="store_true", help="assess anew what the cache has")
    arguments = parser.parse_args()
    assessor = Assessor(load_detector(arguments.model))
    sets = {data_set.name: data_set for data_set in read_data(DATA_FILE, root=arguments.data).sets}
    assessments = Assessments(assessor, fresh=arguments.fresh)
    cases = list(claims(sets["bilgi"], assessments))
    web = [photo for photo in sets["web"].read("val") if photo.places]
    console = Console(width=118)
    console.print(describe(["crumple", "numpy", "openvino"]))
    console.print(
        f"model {assessor.model.name} {assessor.model.version}; {len(cases)} claims, {photos_of(cases)} photos"
    )
    if arguments.fit:
        print_fits(console, cases)
    alone = [case([photo], assessments) for one in cases for photo in one.photos]
    groups = [one.name for one in cases for _ in one.photos]
    console.print(coverage_table(cases, alone, groups, [case([photo], assessments) for photo in web]))
    console.print(kinds_table(cases))
    console.print(views_table(cases))
    damages, panels = out_of_fold(cases)
    console.print(words_table("Damages, out of fold", "real", damages))
    console.print(words_table("Panels that are seen, partly seen or have a damage, out of fold", "damaged", panels))
    console.print(verdicts_table(panels))
    console.print(counts_table(cases, damages, drawn_damages(arguments.data / "damage_bilgi" / "joins", cases)))
    console.print(undamaged_table([s for s in sets.values() if s.undamaged and "val" in s.splits], assessments))


class Assessments:
    """The assessment of each photo, from the user's cache where it is there."""

    def __init__(self, assessor: Assessor, *, fresh: bool) -> None:
        self.assessor = assessor
        folder = cache_folder()
        self._folder = folder and folder / f"assessments-{assessor.model.name}-{assessor.model.sha256[:12]}"
        self._fresh = fresh
        self._made: dict[Path, Assessment] = {}
        if self._folder:
            self._folder.mkdir(exist_ok=True)

    def __call__(self, photo: LabelledPhoto) -> Assessment:
        if photo.path not in self._made:
            file = self._folder and self._folder / f"{photo.file_name}.json"
            if file and file.exists() and not self._fresh:
                self._made[photo.path] = Assessment.model_validate_json(file.read_text(encoding="utf-8"))
            else:
                decoded = read_photo(photo.path, at_least=self.assessor.enough)
                self._made[photo.path] = self.assessor.inspect(decoded, name=photo.file_name)[0]
                if file:
                    file.write_text(self._made[photo.path].model_dump_json(), encoding="utf-8")
        return self._made[photo.path]


def claims(data_set: DataSet, assessments: Callable[[LabelledPhoto], Assessment]) -> Iterable[Case]:
    """The claims of a set, by the photos that people have read."""
    by_claim: dict[str, list[LabelledPhoto]] = {}
    for photo in data_set.read("val"):
        if photo.places is not None:
            by_claim.setdefault(photo.group or photo.file_name, []).append(photo)
    for photos in track(list(by_claim.values()), "claims", transient=True):
        yield case(photos, assessments)


def case(photos: list[LabelledPhoto], assessments: Callable[[LabelledPhoto], Assessment]) -> Case:
    """Photos of one claim as a case, with the truth."""
    assessed = [assessments(photo) for photo in photos]
    seen = [one for position, a in enumerate(assessed) for one in observations(a, position)]
    real = [hit for photo, a in zip(photos, assessed, strict=True) for hit in about_drawn(photo, a)]
    joined = join(seen, [photo_evidence(a) for a in assessed])
    places = [photo.places for photo in photos if photo.places]
    return Case(
        name=photos[0].group or photos[0].file_name,
        photos=photos,
        assessments=assessed,
        observations=seen,
        groups=joined.groups,
        real=real,
        panels=coverage(assessed),
        shown=named(name for one in places for name in one.visible),
        damaged=named(name for one in places for names in one.on.values() for name in names),
    )


def named(names: Iterable[NamedPlace]) -> tuple[set[str], set[str]]:
    """The panels that are named surely, and those that are named in doubt alone."""
    sure: set[str] = set()
    doubt: set[str] = set()
    for name in names:
        panels = panels_named(name.name)
        (sure if name.sure and len(panels) == 1 else doubt).update(panels)
    return sure, doubt - sure


def about_drawn(photo: LabelledPhoto, assessment: Assessment) -> list[bool]:
    """Of each finding, whether it overlaps a drawn damage of the same or a near type."""
    drawn = drawn_regions(photo)
    if not drawn or not assessment.findings:
        return [False] * len(assessment.findings)
    crowds = [int(region.crowd) for region in drawn]
    iou = coco_mask.iou([f.mask.rle() for f in assessment.findings], [region.rle for region in drawn], crowds)
    near = [[type_likeness(f.damage, region.label) > 0 for region in drawn] for f in assessment.findings]
    return ((np.asarray(iou) >= MEETS) & np.array(near)).any(axis=1).tolist()


def photos_of(cases: Sequence[Case]) -> int:
    return sum(len(one.photos) for one in cases)


# --- which panels are shown


@dataclass(frozen=True)
class Rows:
    """Panels of cases: which case, which panel, the evidence, and the truth."""

    case: np.ndarray
    panel: np.ndarray
    chance: np.ndarray
    there: np.ndarray


def shown_rows(cases: Sequence[Case]) -> Rows:
    rows = [
        (number, panel_of(panel.label), max(panel.by_photo), panel_of(panel.label) in one.shown[0])
        for number, one in enumerate(cases)
        for panel in one.panels
        if panel_of(panel.label) not in one.shown[1]
    ]
    return Rows(*(np.array(column) for column in zip(*rows, strict=True)))


def shown_features(chance: np.ndarray) -> np.ndarray:
    return np.stack([np.ones(len(chance)), logit(np.maximum(chance, of_coverage.UNLISTED))], axis=1)


def shown_out_of_fold(rows: Rows) -> np.ndarray:
    features, chances = shown_features(rows.chance), np.zeros(len(rows.case))
    for out in claim_folds(rows.case):
        chances[out] = logistic(features[out] @ line(features[~out], rows.there[~out]))
    return chances


def line(features: np.ndarray, there: np.ndarray) -> np.ndarray:
    return fit(features, there, *LINE_PRIOR.T)


def coverage_table(cases: Sequence[Case], alone: Sequence[Case], groups: Sequence[str], web: Sequence[Case]) -> Table:
    names = ("", "panels", "shown", "precision", "recall", "F1", "error")
    table = Table(*names, title="Panels shown: said (probability 0.5 or more) against people's visible lists")
    of_claims = shown_rows(cases)
    table.add_row(
        "panel and case, out of fold", *shares(of_claims, shown_out_of_fold(of_claims), [c.name for c in cases])
    )
    rows = [("panel and case", cases, [c.name for c in cases]), ("panel and photo", alone, groups)]
    for name, some, claim in [*rows, ("panel and photo, web", web, [c.name for c in web])]:
        of = shown_rows(some)
        chances = np.array([of_coverage.probability_shown(chance) for chance in of.chance])
        table.add_row(name, *shares(of, chances, claim))
    return table


def shares(rows: Rows, chances: np.ndarray, groups: Sequence[str]) -> list[str]:
    """Cells. groups: the claim of each case."""
    said, there = chances >= 0.5, rows.there
    each = np.eye(len(groups))[rows.case]  # (rows, cases)
    hits, of_said, of_there = (each.T @ which.astype(float) for which in (said & there, said, there))
    weights = resamples(groups)
    figures = [(hits, of_said), (hits, of_there), (2 * hits, of_said + of_there)]
    error = reliability(chances, there).ece
    return [
        str(len(there)),
        str(there.sum()),
        *(with_interval(ratio(weights @ part, weights @ whole)) for part, whole in figures),
        f"{error:.3f}",
    ]


def with_interval(samples: np.ndarray) -> str:
    figure = estimate(samples)
    if figure.value is None:
        return "-"
    return f"{figure.value:.3f}" + ("" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]")


def kinds_table(cases: Sequence[Case]) -> Table:
    table = Table("panel", "shown", "precision", "recall", "F1", title="Panels shown, by kind, out of fold")
    rows = shown_rows(cases)
    said = shown_out_of_fold(rows) >= 0.5
    kinds = np.array([without_side(name) for name in rows.panel])
    for kind in dict.fromkeys(without_side(name) for name in PANELS):
        of = kinds == kind
        hits, of_said, there = (int(which[of].sum()) for which in (said & rows.there, said, rows.there))
        cells = [f"{part / whole:.2f}" if whole else "-" for part, whole in ((hits, of_said), (hits, there))]
        table.add_row(kind.replace("_", " "), str(there), *cells, f"{2 * hits / max(1, of_said + there):.2f}")
    return table


def views_table(cases: Sequence[Case]) -> Table:
    table = Table("not photographed", "said", "of these right", "true", "of these said", title="Missing views")
    for title, panels in VIEWS.items():
        said = [title in {view.title for view in missing_views(one.panels)} for one in cases]
        true = [not (one.shown[0] | one.shown[1]) & set(panels) for one in cases]
        both = sum(a and b for a, b in zip(said, true, strict=True))
        table.add_row(title, str(sum(said)), str(both), str(sum(true)), str(both))
    return table


# --- which damages are real, and which panels are damaged


@dataclass(frozen=True)
class Told:
    """Probabilities of damages or panels, out of fold, and the truth. seen: of panels; case: number of each one's."""

    case: np.ndarray
    chance: np.ndarray
    true: np.ndarray
    seen: np.ndarray
    claims: list[str]


def damage_rows(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, whether it is real, and number of the case, of each damage."""
    features = [verdicts.damage_features(one.observations, one.groups, one.panels) for one in cases]
    real = [any(one.real[i] for i in group) for one in cases for group in one.groups]
    of = np.repeat(np.arange(len(cases)), [len(one.groups) for one in cases])
    return np.concatenate(features), np.array(real), of


def panel_rows(cases: Sequence[Case], chances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, whether it is damaged, number of the case, and how it is seen, of each panel that is told of.

    chances: that each damage of the cases is real.
    """
    rows, start = [], 0
    for number, one in enumerate(cases):
        of = chances[start : start + len(one.groups)]
        start += len(one.groups)
        on = [verdicts.on_panels([one.observations[i].places for i in group]) for group in one.groups]
        for panel in one.panels:
            name = panel_of(panel.label)
            evidence = [chance * where[name] for chance, where in zip(of, on, strict=True) if name in where]
            if name not in one.damaged[1] and (evidence or panel.seen != "not_seen"):
                rows.append((verdicts.panel_features(evidence), name in one.damaged[0], number, panel.seen))
    return tuple(np.array(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def out_of_fold(cases: Sequence[Case]) -> tuple[Told, Told]:
    """Damages and panels, each with weights from the other folds' claims."""
    features, real, of = damage_rows(cases)
    chances = np.zeros(len(real))
    panels: np.ndarray | None = None
    names = [one.name for one in cases]
    for held in claim_folds(np.arange(len(cases))):
        out = held[of]
        both = logistic(features @ fit(features[~out], real[~out], *DAMAGE_PRIOR.T))
        chances[out] = both[out]
        evidence, damaged, case_of, seen = panel_rows(cases, both)
        panels = np.zeros(len(damaged)) if panels is None else panels
        apart = held[case_of]
        panels[apart] = logistic(evidence[apart] @ line(evidence[~apart], damaged[~apart]))
    return Told(of, chances, real, np.array([]), names), Told(case_of, panels, damaged, seen, names)


def words_table(title: str, true: str, told: Told) -> Table:
    error = reliability(told.chance, told.true).ece
    names = ("word", "number", "probability, mean", f"{true}, share")
    table = Table(*names, title=f"{title}: expected calibration error {error:.3f} in ten bins")
    weights = resamples(told.claims)
    words = np.array([likelihood(chance) for chance in told.chance])
    for word in ("doubtful", "possible", "likely", None):
        of = np.ones(len(words), bool) if word is None else words == word
        each = np.eye(len(told.claims))[told.case[of]]
        counts, hits = each.sum(axis=0), told.true[of] @ each
        mean = f"{told.chance[of].mean():.3f}" if of.any() else "-"
        table.add_row(word or "all", str(of.sum()), mean, with_interval(ratio(weights @ hits, weights @ counts)))
    return table


def verdicts_table(panels: Told) -> Table:
    table = Table("panel is", "damaged: yes", "unclear", "no", title="Panels, the verdict against people's")
    yes, low = panels.chance >= LIKELY_FROM, panels.chance < POSSIBLE_FROM
    no = low & (panels.seen == "seen")
    for name, of in (("damaged", panels.true), ("undamaged", ~panels.true)):
        table.add_row(name, *(str((of & which).sum()) for which in (yes, ~yes & ~no, no)))
    return table


# --- how many damages


def drawn_damages(joins: Path, cases: Sequence[Case]) -> dict[str, int]:
    """By claim, how many physical damages are drawn on its photos: people joined the drawings (shared/JOINS.md).

    A drawing that outlines several others at once is none of its own.
    """
    index = json.loads((joins / "val.claims.json").read_text(encoding="utf-8"))
    text = (joins / "val.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^(\d+) ([|=]) (.*)$", text, re.MULTILINE)
    own = {photo.file_name: one.name for one in cases for photo in one.photos}
    counts: dict[str, int] = {}
    for entry in index:
        drawings = {
            f"{photo['letter']}{damage['number']}": own[photo["file_name"]]
            for photo in entry["photos"]
            if photo["file_name"] in own
            for damage in photo["damages"]
        }
        root = {name: name for name in drawings}
        for number, kind, rest in lines:
            if int(number) != entry["claim"]:
                continue
            words = [
                word for word in re.findall(r"[A-Z]\d+", rest.split("|" if kind == "|" else ":")[0]) if word in root
            ]
            if kind == "=":
                for word in words:
                    root.pop(word)
            for word in words[1:] if kind == "|" else ():
                root = {name: root[words[0]] if of == root[word] else of for name, of in root.items()}
        for name in set(root.values()):
            counts[drawings[name]] = counts.get(drawings[name], 0) + 1
    return counts


def counts_table(cases: Sequence[Case], damages: Told, truth: Mapping[str, int]) -> Table:
    table = Table("damages of a claim", "mean", "of the truth", "mean error", title="Damages per claim")
    several = [i for i, one in enumerate(cases) if len(one.photos) > 1 and one.name in truth]
    true = np.array([truth[cases[i].name] for i in several], float)
    table.add_row(f"drawn, joined by people ({len(several)} claims of several photos)", f"{true.mean():.1f}", "", "")

    def add(name: str, counts: Sequence[float]) -> None:
        said = np.array(counts, float)
        table.add_row(name, f"{said.mean():.1f}", f"{said.sum() / true.sum():.0%}", f"{np.abs(said - true).mean():.1f}")

    add("findings, every photo alone", [len(cases[i].observations) for i in several])
    add("damages", [len(cases[i].groups) for i in several])
    add("damages that are likely", [(damages.chance[damages.case == i] >= LIKELY_FROM).sum() for i in several])
    add("sum of the damages' probabilities", [damages.chance[damages.case == i].sum() for i in several])
    return table


def undamaged_table(sets: Sequence[DataSet], assessments: Callable[[LabelledPhoto], Assessment]) -> Table:
    table = Table("set", "photos", "damages", "doubtful", "possible", "likely", "panels damaged: yes", "no")
    table.title = "Undamaged cars, each photo a case: false alarms"
    for data_set in sets:
        photos = data_set.read("val")
        words, panels = [], []
        for photo in track(photos, data_set.name, transient=True):
            assessed = [assessments(photo)]
            seen, covered = observations(assessed[0], 0), coverage(assessed)
            groups = [[i] for i in range(len(seen))]
            chances = verdicts.damage_probabilities(seen, groups, covered)
            words += [likelihood(chance) for chance in chances]
            for panel in covered:
                on = [verdicts.on_panels([one.places]).get(panel_of(panel.label), 0.0) for one in seen]
                evidence = [(chance or 0.0) * there for chance, there in zip(chances, on, strict=True) if there]
                if evidence or panel.seen != "not_seen":
                    panels.append(verdicts.damaged(verdicts.panel_probability(evidence), panel))
        counted = [str(words.count(word)) for word in ("doubtful", "possible", "likely")]
        table.add_row(
            data_set.name,
            str(len(photos)),
            str(len(words)),
            *counted,
            *(str(panels.count(word)) for word in ("yes", "no")),
        )
    return table


def print_fits(console: Console, cases: Sequence[Case]) -> None:
    rows = shown_rows(cases)
    console.print("coverage, OFFSET and SLOPE:", line(shown_features(rows.chance), rows.there).round(3).tolist())
    features, real, _ = damage_rows(cases)
    weights = fit(features, real, *DAMAGE_PRIOR.T)
    console.print("verdicts, DAMAGE_WEIGHTS:", weights.round(3).tolist())
    evidence, damaged, _, _ = panel_rows(cases, logistic(features @ weights))
    console.print("verdicts, PANEL_WEIGHTS:", line(evidence, damaged).round(3).tolist())


if __name__ == "__main__":
    main()
