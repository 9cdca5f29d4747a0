"""Put a trained checkpoint into the package as the released model.

    python recipes/release_model.py runs/crumple-lite0/best recipes/data.yaml

Rounds it to half precision, exports it with the parity check, quantises that to int8 on train photos, chooses
thresholds and calibrations of what ships on val, for one look at each photo and for two, and replaces
src/crumple/weights/crumple-lite0 only when all of that went well. The figures of its card then come from

    crumple evaluate src/crumple/weights/crumple-lite0 recipes/data.yaml
    python recipes/card_tables.py crumple-evaluation/metrics.json
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from crumple.detect.model_info import ModelInfo, OperatingPoint
from crumple.files import write_aside
from crumple.model.checkpoint import load_model, save_model
from crumple.model.config import CONFIG_FILE
from crumple.weights import CHECKPOINT, RELEASED

RUNTIME_FILES = ("model.xml", "model.bin", "model.json")  # the ONNX file would double the package's size


def crumple(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "crumple", *map(str, arguments)], check=True)


def copy_operating_points(info: ModelInfo, checkpoint: Path) -> None:
    """Into the checkpoint, so that what is exported from it reports from the same scores on as what ships."""
    config = json.loads((checkpoint / CONFIG_FILE).read_text(encoding="utf-8"))
    fields = (*OperatingPoint.model_fields, "accurate")
    config["metadata"] |= info.model_dump(mode="json", include=set(fields), exclude_none=True)
    with write_aside(checkpoint / CONFIG_FILE) as path:
        path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        half, exported = Path(folder) / "checkpoint", Path(folder) / "export"
        save_model(load_model(arguments.checkpoint), half, half=True)
        crumple("export", half, "--out", exported, "--int8", arguments.data)
        for look in ([], ["--accurate"]):
            crumple(
                "evaluate", exported, arguments.data, *look, "--set-thresholds", "--out", Path(folder) / "evaluation"
            )
        copy_operating_points(ModelInfo.load(exported), half)
        shutil.rmtree(RELEASED, ignore_errors=True)
        shutil.copytree(half, CHECKPOINT)
        for name in RUNTIME_FILES:
            shutil.copy(exported / name, RELEASED / name)
    print(f"released: {RELEASED}")


if __name__ == "__main__":
    main()
