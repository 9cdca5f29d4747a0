"""Average the weights of several checkpoints that started from the same one (Wortsman et al. 2022, "Model soups").

    python recipes/average_checkpoints.py runs/average runs/a/last runs/b/last ...

Runs that differ in seed or recipe err differently; their average costs no more to run than one of them. Thresholds and
figures of the runs are left out, for they say nothing of the average. It has the first one's name.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from crumple.errors import CrumpleError, ModelError
from crumple.model.checkpoint import load_model, named_weights, read_config, save_model
from crumple.model.mask_rcnn import MaskRCNN


def average(checkpoints: list[Path]) -> MaskRCNN:
    """A model with the mean of every weight. Raises ModelError where two checkpoints are not of one configuration."""
    config = replace(read_config(checkpoints[0]), metadata={})
    for folder in checkpoints[1:]:
        if replace(read_config(folder), name=config.name) != config:
            raise ModelError(f"{folder}: its config.json differs from {checkpoints[0]}'s: average runs of one model")
    model = load_model(checkpoints[0], config)
    runs = [named_weights(model), *(named_weights(load_model(folder)) for folder in checkpoints[1:])]
    for name, variable in runs[0].items():
        variable.assign(np.mean([np.asarray(run[name].value) for run in runs], axis=0))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    arguments = parser.parse_args()
    try:
        save_model(average(arguments.checkpoints), arguments.out)
    except CrumpleError as error:
        sys.exit(f"error: {error}")
    print(f"{len(arguments.checkpoints)} averaged: {arguments.out}")


if __name__ == "__main__":
    main()
