import json

import pytest

from crumple.model.config import BranchConfig, ModelConfig
from tests.model.tiny import tiny_config

pytestmark = pytest.mark.slow


def test_config_survives_json():
    config = tiny_config(anchor_octaves=(0.0, 0.33))
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"branches": ()}, "at least one branch"),
        ({"branches": (BranchConfig("a", ("x",)), BranchConfig("a", ("y",)))}, "repeat"),
        ({"input_size": (384, 400)}, "multiples of 64"),
    ],
)
def test_impossible_configs_are_refused(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        tiny_config(**change)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "^colour: is not known; check its spelling$"),
        ({"pyramid_channels": "many"}, "^pyramid_channels: Input should be a valid integer"),
        ({"input_size": [128]}, r"^input_size\.1: is missing"),
        ({"input_size": [-64, 64]}, "multiples of 64"),
        ({"metadata": 5}, "^metadata: must hold 'field: value' lines$"),
        ({"branches": [{"name": "a", "classes": ["x"], "proposal": 9}]}, r"^branches\.0\.proposal: is not known"),
        ({"branches": [{"name": "a", "classes": ["x"], "proposals": 0}]}, r"^branches\.0\.proposals: .* to 1$"),
        ({"branches": [{"name": "a", "classes": "dent"}]}, r"^branches\.0\.classes: Input should be a valid tuple$"),
        ({"branches": [{"name": "a"}]}, r"^branches\.0\.classes: is missing"),
    ],
)
def test_a_wrong_setting_of_a_file_is_named(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        ModelConfig.from_dict({**tiny_config().to_dict(), **change})


@pytest.mark.parametrize(
    ("name", "classes", "says"),
    [
        ("a/b", ("rust",), "a name has no /"),
        ("paint", ("rust", "Background"), "'background' is the model's own word"),
        ("paint", ("rust", "rust"), "classes repeat"),
    ],
)
def test_names_that_no_network_can_have(name, classes, says):
    with pytest.raises(ValueError, match=says):
        BranchConfig(name, classes)


def test_layers_have_names_that_tensorflow_takes():
    names = ("parts", "my-set_2.b", "Lack Schäden", "_own")
    scopes = [BranchConfig(name, ("rust",)).scope for name in names]
    assert scopes == ["parts", "my-set_2.b", "Lack.20.Sch.e4.den", "._own"]
