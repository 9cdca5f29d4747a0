from pathlib import Path

import pytest
import yaml

from crumple.errors import DataError
from crumple.train.recipe import read_recipe

RELEASED = Path(__file__).parents[2] / "recipes" / "crumple-lite0" / "1-first.yaml"
GOOD = {"name": "r", "data": "data.yaml", "batch": {"a": 2, "b": {"photos": 1, "negatives": 1}}, "steps": 10}


def write(folder, **changes):
    content = {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_paths_are_relative_to_the_recipe_and_defaults_fill_in(tmp_path):
    recipe = read_recipe(write(tmp_path, augmentation={"scale": [0.5, 2]}, epoch_steps=5))
    assert recipe.data == tmp_path / "data.yaml"
    assert recipe.batch["a"].photos == 2 and recipe.batch["a"].negatives == 0
    assert recipe.augmentation.scale == (0.5, 2) and recipe.augmentation.flip == 0.0
    assert recipe.epochs == 2


def test_the_released_recipe_is_readable():
    assert read_recipe(RELEASED).name == "crumple-lite0"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"data": ...}, "data: is missing; add it"),
        ({"data": None}, "data: "),
        ({"name": 3}, "name: Input should be a valid string"),
        ({"stepz": 3}, "stepz: is not known; check its spelling"),
        ({"steps": "many"}, "steps: Input should be a valid integer"),
        ({"steps": 0}, "steps: "),
        ({"steps": float("nan")}, "steps: "),
        ({"epoch_steps": 4}, r"steps \(10\) must be a multiple of epoch_steps \(4\)"),
        ({"seed": -1}, "seed: "),
        ({"bfloat16": "perhaps"}, "bfloat16: "),
        ({"batch": {}}, "batch: "),
        ({"batch": {"a": 0}}, r"batch\.a\.photos: "),
        ({"batch": {"a": {"negatives": 1}}}, r"batch\.a\.photos: is missing; add it"),
        ({"batch": {"a": {"photos": 1, "negatives": 4}}}, r"negatives \(4\) are some of the photos \(1\), never more"),
        ({"batch": {"a": {"photos": 1, "pasted": 0.5}}}, "pasted is a share of the negatives, and there are none"),
        ({"batch": {"a": {"photos": 1, "mosaic": 2}}}, r"batch\.a\.mosaic: "),
        ({"optimisation": {"learning_rate": "fast"}}, r"optimisation\.learning_rate: "),
        ({"optimisation": {"ema": 1.5}}, r"optimisation\.ema: "),
        ({"optimisation": {"lr": 1}, "data": ...}, r"optimisation\.lr: is not known; .* \(and 1 more\)"),
        ({"augmentation": {"zoom": 2}}, r"augmentation\.zoom: "),
        ({"augmentation": {"scale": [2, 1]}}, "the smaller first"),
        ({"augmentation": {"scale": [0, 1]}}, "two positive numbers"),
        ({"augmentation": 3}, "augmentation: must hold 'field: value' lines"),
        ({"sampling": {"rois": "many"}}, r"sampling\.rois: "),
        ({"sampling": {"rios": 3}}, r"sampling\.rios: "),
        ({"sampling": {"masks": 0}}, r"sampling\.masks must be a whole number from 1"),
        ({"branches": [1]}, "branches: must hold 'field: value' lines"),
        ({"model": {"name": "mine"}}, r"model\.name: cannot be set; the model has the recipe's own name"),
        ({"model": {"branches": []}}, r"model\.branches: cannot be set; give branches beside model, not in it"),
        ({"model": {"metadata": {}}}, r"model\.metadata: cannot be set; crumple writes it; leave it out"),
        ({"branches": {"a": {"name": "b"}}}, r"branches\.a\.name: cannot be set; the data file names the branch"),
    ],
)
def test_complaints_name_file_and_field(tmp_path, changes, complaint):
    with pytest.raises(DataError, match=complaint) as error:
        read_recipe(write(tmp_path, **changes))
    assert "recipe.yaml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "a: [", "\x00"])
def test_what_is_no_recipe_is_refused(tmp_path, content):
    (tmp_path / "recipe.yaml").write_text(content)
    with pytest.raises(DataError, match=r"recipe\.yaml"):
        read_recipe(tmp_path / "recipe.yaml")


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.yaml: there is no such file"):
        read_recipe(tmp_path / "nowhere.yaml")
