"""Average the weights of several checkpoints that started from the same one (Wortsman et al. 2022, "Model soups").

    python recipes/average_checkpoints.py runs/soup runs/a/last runs/b/last ...

The configuration is that of the first. Runs that differ in seed or recipe err differently; their average costs no more
to run than one of them.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np

from crumple.files import read_arrays, write_aside
from crumple.model.config import CONFIG_FILE, WEIGHTS_FILE


def average(checkpoints: list[Path]) -> dict[str, np.ndarray]:
    """Mean of every array, in float32. SystemExit in one line when the checkpoints do not hold the same arrays."""
    first, *others = [read_arrays(folder / WEIGHTS_FILE) for folder in checkpoints]
    for folder, arrays in zip(checkpoints[1:], others, strict=True):
        if {name: a.shape for name, a in arrays.items()} != {name: a.shape for name, a in first.items()}:
            raise SystemExit(f"{folder}: holds other arrays than {checkpoints[0]}: average runs of one model")
    return {
        name: np.stack([arrays[name] for arrays in (first, *others)]).mean(axis=0, dtype=np.float64).astype(np.float32)
        for name in first
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    arguments = parser.parse_args()
    arrays = average(arguments.checkpoints)
    arguments.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.checkpoints[0] / CONFIG_FILE, arguments.out / CONFIG_FILE)
    with write_aside(arguments.out / WEIGHTS_FILE) as path:
        np.savez(path, allow_pickle=False, **arrays)
    print(f"{len(arguments.checkpoints)} averaged: {arguments.out}")


if __name__ == "__main__":
    main()
