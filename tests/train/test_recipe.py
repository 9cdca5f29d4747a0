from pathlib import Path

import pytest
import yaml

from crumple.errors import DataError
from crumple.train.recipe import read_recipe

RELEASED = Path(__file__).parents[2] / "recipes" / "crumple-lite0.yaml"
GOOD = {"name": "r", "data": "data.yaml", "batch": {"a": 2, "b": {"photos": 1, "negatives": 1}}, "steps": 10}


def write(folder, **changes):
    content = {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_paths_are_relative_to_the_recipe_and_defaults_fill_in(tmp_path):
    recipe = read_recipe(write(tmp_path, augmentation={"scale": [0.5, 2]}, epoch_steps=4))
    assert recipe.data == tmp_path / "data.yaml"
    assert recipe.batch["a"].photos == 2 and recipe.batch["a"].negatives == 0
    assert recipe.augmentation.scale == (0.5, 2) and recipe.augmentation.flip == 0.0
    assert recipe.epochs == 3  # ten steps in fours


def test_the_released_recipe_is_readable():
    assert read_recipe(RELEASED).name == "crumple-lite0"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"data": ...}, "field data is missing"),
        ({"stepz": 3}, "field stepz is not known"),
        ({"steps": "many"}, "field steps must be int, not 'many'"),
        ({"steps": 0}, "steps and epoch_steps must be at least 1"),
        ({"bfloat16": 1}, "field bfloat16 must be bool"),
        ({"batch": {}}, "field batch must name sets"),
        ({"batch": {"a": {"negatives": 1}}}, r"batch\.a: field photos is missing"),
        ({"optimisation": {"learning_rate": "fast"}}, "optimisation: field learning_rate must be float"),
        ({"augmentation": {"zoom": 2}}, "augmentation: field zoom is not known"),
        ({"augmentation": 3}, "augmentation: must be a mapping"),
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
    with pytest.raises(DataError, match=r"nowhere\.yaml: cannot read"):
        read_recipe(tmp_path / "nowhere.yaml")
