"""Judged photos made by hand from the squares."""

from pathlib import Path

from crumple.evaluate.judged import JudgedPhoto, Truth
from tests.evaluate.squares import HEIGHT, WIDTH


def judged(name="a.jpg", *, undamaged=False, sets=None, found_branches=("parts", "damage"), **regions):
    """Regions as `parts`, `damage` (drawn) and `found_parts`, `found_damage`; what is drawn is labelled by a set of its
    branch's name with `_set` behind it, unless `sets` says otherwise."""
    drawn = {branch: tuple(regions[branch]) for branch in ("parts", "damage") if branch in regions}
    if sets is None:
        sets = {branch: f"{branch}_set" for branch in drawn}
    if undamaged:
        drawn.setdefault("damage", ())
        sets = sets or {"parts": "parts_set"}
    found = {branch: tuple(regions.get(f"found_{branch}", ())) for branch in found_branches}
    truth = Truth(Path(name), name, WIDTH, HEIGHT, None, undamaged, sets, {}, {})
    return JudgedPhoto(truth, "", drawn, dict(drawn), found)
