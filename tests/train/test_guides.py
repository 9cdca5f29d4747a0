"""The recipes that the guides print and those of the released model."""

import re
from pathlib import Path

import numpy as np
import pytest

from crumple.train.optimizer import averaging_momentum
from crumple.train.recipe import read_recipe

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GUIDES = ("docs/train.md", "docs/label.md", "docs/own-data.md")


def recipes(folder):
    """Recipe by where it is."""
    found = {path.name: read_recipe(path) for path in (ROOT / "recipes").glob("*/*.yaml")}
    for guide in GUIDES:
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / guide).read_text(), re.DOTALL)
        [block] = [block for block in blocks if "steps: " in block]
        (folder / "recipe.yaml").write_text(block)
        found[guide] = read_recipe(folder / "recipe.yaml")
    return found


def test_the_guides_recipes_can_be_read_and_are_the_short_ones(tmp_path):
    found = recipes(tmp_path)
    assert {guide: found[guide].steps for guide in GUIDES} == dict.fromkeys(GUIDES, 500)


def test_no_recipe_ships_its_start_again(tmp_path):
    """What the averaged weights hold of a run's first half, its start included: about 1 / 2^9, or less."""
    for where, recipe in recipes(tmp_path).items():
        momenta = np.array([averaging_momentum(float(s), recipe.optimisation.ema) for s in range(recipe.steps)])
        assert momenta[0] == 0.0, where
        assert momenta[recipe.steps // 2 :].prod() < 0.0023, where


def test_the_arithmetic_of_the_guide():
    """docs/train.md: at 500 steps the last ninth has 65 % of the weight. So has the last 500 steps' in a long run."""
    momenta = np.array([averaging_momentum(float(step), 0.998) for step in range(20_000)])
    assert 1 - momenta[500 - 55 : 500].prod() == pytest.approx(0.65, abs=0.005)
    assert 1 - momenta[-500:].prod() == pytest.approx(0.63, abs=0.005)
