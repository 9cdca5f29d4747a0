"""Put a trained checkpoint into the package as the released model.

    python recipes/release_model.py runs/crumple-lite0/best recipes/data.yaml

Rounds it to half precision, chooses thresholds and calibration on val, for one look at each photo and for two, exports
it with the parity check, quantises that to int8 on train photos, and replaces src/crumple/weights/crumple-lite0 only
when all of that went well. The figures of its card then come from

    crumple evaluate src/crumple/weights/crumple-lite0 recipes/data.yaml
    python recipes/card_tables.py crumple-evaluation/metrics.json
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from crumple.model.checkpoint import load_model, save_model
from crumple.weights import CHECKPOINT, RELEASED

RUNTIME_FILES = ("model.xml", "model.bin", "model.json")  # the ONNX file would double the package's size


def crumple(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "crumple", *map(str, arguments)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        half, exported = Path(folder) / "checkpoint", Path(folder) / "export"
        save_model(load_model(arguments.checkpoint), half, half=True)
        for look in ([], ["--accurate"]):
            crumple("evaluate", half, arguments.data, *look, "--set-thresholds", "--out", Path(folder) / "evaluation")
        crumple("export", half, "--out", exported, "--int8", arguments.data)
        shutil.rmtree(RELEASED, ignore_errors=True)
        shutil.copytree(half, CHECKPOINT)
        for name in RUNTIME_FILES:
            shutil.copy(exported / name, RELEASED / name)
    print(f"released: {RELEASED}")


if __name__ == "__main__":
    main()
