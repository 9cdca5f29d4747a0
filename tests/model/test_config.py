import json

import pytest

from crumple.model.config import BranchConfig, ModelConfig
from tests.model.tiny import tiny_config


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


def test_unknown_setting_is_named():
    with pytest.raises(ValueError, match="unknown model settings: colour"):
        ModelConfig.from_dict({**tiny_config().to_dict(), "colour": "red"})
