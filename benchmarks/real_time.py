"""What the network costs, beside what a user would pick instead: same machine, same photo, same run, interleaved.

    make bench
    python benchmarks/real_time.py [--int8 DIR] [--beside DIR ...] [--keep DIR] [--rounds 15]
        [--threads 2] [--batches 1 2 4 8]

Rows: the released model in float32 (exported from its checkpoint) and in int8; the usual Mask R-CNN on ResNet-50 with
one branch and two, see usual_mask_rcnn.py; bare backbones as the floor. In every round each network runs once, in an
order drawn anew; ratios are those of the same round. The clock also counts waiting for other programs, processor time
does not. Exports are kept in --keep, for the next run.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe
from crumple.detect.letterbox import letterbox
from crumple.detect.model_info import ModelInfo
from crumple.detect.network import core
from crumple.detect.released import released_model
from crumple.samples.scenes import painted_photos

USUAL = "ResNet-50, 256 channels, P2-P6, two branches"
PACKAGES = ("crumple", "openvino", "keras", "tensorflow", "nncf", "numpy")


@dataclass
class Network:
    """A compiled network, what one pass costs, and how long its passes took."""

    name: str
    request: Any
    images: np.ndarray
    multiply_adds: float
    megabytes: float
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def run(self) -> None:
        start, before = time.perf_counter(), time.process_time()
        self.request.infer([self.images])
        self.processor.append((time.process_time() - before) * 1000)
        self.clock.append((time.perf_counter() - start) * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--int8", type=Path, help="int8 export; the released model, if left out and that is int8")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="exported folders to time too, a row each")
    parser.add_argument("--keep", type=Path, default=Path("runs/real_time"), help="folder of the exports")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 2, 4, 8])
    arguments = parser.parse_args()
    console = Console(width=150)
    console.print(describe(PACKAGES))
    size = ModelInfo.load(released_model()).input_size
    photo = letterbox(painted_photos()[3].image, size)[0][None].astype(np.float32)
    folders = exports(arguments.keep, size, arguments.batches)

    def opened(name: str, batch: int = 1) -> Network:
        return open_network(name, folders[name, batch], np.repeat(photo, batch, axis=0), arguments.threads)

    rows = [opened(name) for name, batch in folders if batch == 1]
    quantised = arguments.int8 or (released_model() if is_int8(released_model()) else None)
    if quantised:
        rows.insert(1, open_network("crumple-lite0, int8", quantised, photo, arguments.threads))
    rows += [open_network(str(folder), folder, photo, arguments.threads) for folder in arguments.beside]
    interleave(rows, arguments.rounds)
    console.print(f"input {size[1]}x{size[0]}, {arguments.threads} threads, {arguments.rounds} rounds")
    console.print(networks_table(rows))
    ours = "crumple-lite0, float32"
    batches = [opened(ours, batch) for batch in arguments.batches]
    if batches:
        interleave(batches, max(3, arguments.rounds // 3))
        console.print(batches_table(ours, batches))


def exports(keep: Path, size: tuple[int, int], batches: list[int]) -> dict[tuple[str, int], Path]:
    """(name, batch size) -> folder; what is not in `keep` yet is exported, which takes minutes."""
    wanted: dict[tuple[str, int], tuple[str, Callable[[Path], None]]] = {}

    def want(name: str, folder: str, make: Callable[[Path], None], batch: int = 1) -> None:
        wanted[name, batch] = (f"{folder}-{size[0]}x{size[1]}-{batch}", make)

    for batch in dict.fromkeys([1, *batches]):
        want(
            "crumple-lite0, float32", "crumple-lite0", lambda folder, batch=batch: export_released(folder, batch), batch
        )
    want("ResNet-50, 256 channels, P2-P6, one branch", "usual-one", lambda folder: export_usual(folder, 1, size))
    want(USUAL, "usual-two", lambda folder: export_usual(folder, 2, size))
    want("bare ResNet-50", "resnet50", lambda folder: export_bare(folder, "resnet50", size))
    want("bare EfficientNet-Lite0", "lite0", lambda folder: export_bare(folder, "efficientnet_lite0", size))
    folders = {}
    for key, (folder, make) in wanted.items():
        folders[key] = keep / folder
        if not (keep / folder / "model.xml").exists() and not (keep / folder / "model.onnx").exists():
            print(f"exporting {key[0]}, batch {key[1]} ...", flush=True)
            make(keep / folder)
    return folders


def export_released(folder: Path, batch: int) -> None:
    from usual_mask_rcnn import export

    from crumple.model.checkpoint import load_model

    export(load_model(released_model() / "checkpoint"), folder, batch)


def export_usual(folder: Path, branches: int, size: tuple[int, int]) -> None:
    from usual_mask_rcnn import UsualMaskRCNN, export, usual_config

    export(UsualMaskRCNN(usual_config(branches, size)), folder)


def export_bare(folder: Path, name: str, size: tuple[int, int]) -> None:
    from usual_mask_rcnn import export_trunk, resnet50

    from crumple.model.backbone import backbone

    export_trunk(resnet50(size) if name == "resnet50" else backbone(name, size), folder)


def open_network(name: str, folder: Path, images: np.ndarray, threads: int) -> Network:
    """Compile and warm up."""
    path = folder / "model.xml" if (folder / "model.xml").exists() else folder / "model.onnx"
    model = core().read_model(path)
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    weights = sum(file.stat().st_size for file in folder.glob("model.[bo][in]*[nx]"))
    network = Network(
        name, core().compile_model(model, "CPU", options).create_infer_request(), images, cost(model), weights / 1e6
    )
    for _ in range(2):
        network.request.infer([images])
    return network


def is_int8(folder: Path) -> bool:
    nodes = core().read_model(folder / "model.xml").get_ordered_ops()
    return any(node.get_type_name() == "FakeQuantize" for node in nodes)


def cost(model: openvino.Model) -> float:
    """Multiply-adds of all convolutions and matrix products; of loops, which are few and small, nothing."""
    total = 0.0
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"):
            continue
        out, first, second = (list(port.get_partial_shape()) for port in (node.output(0), node.input(0), node.input(1)))
        if any(side.is_dynamic for shape in (out, first, second) for side in shape):
            raise ValueError(f"{node.get_friendly_name()} has no static shape: {out}, {first}, {second}")
        out, first, second = ([side.get_length() for side in shape] for shape in (out, first, second))
        if kind == "MatMul":
            each = first[-2] if node.get_attributes()["transpose_a"] else first[-1]
        elif kind == "ConvolutionBackpropData":  # every input cell meets the whole kernel of its channel
            out, each = first, int(np.prod(second[1:]))
        else:  # kernels: (out, in, h, w), and (groups, out, in, h, w)
            each = int(np.prod(second[1:] if kind == "Convolution" else second[2:]))
        total += float(np.prod(out)) * each
    return total


def interleave(networks: list[Network], rounds: int) -> None:
    order = list(networks)
    for seed in range(rounds):
        random.Random(seed).shuffle(order)
        for network in order:
            network.run()


def spread(values: np.ndarray | list[float], digits: int = 0) -> str:
    low, median, high = np.percentile(values, [10, 50, 90])
    return f"{median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def networks_table(rows: list[Network]) -> Table:
    table = Table("network", title="one photo: median (10 % to 90 %)", title_justify="left")
    for name in (
        "clock, ms",
        "processor, ms",
        "usual / this, clock",
        "usual / this, processor",
        "G multiply-adds",
        "MB",
    ):
        table.add_column(name, justify="right")
    usual = next(network for network in rows if network.name == USUAL)
    for network in rows:
        clock, processor = (
            np.array(theirs) / np.array(own)
            for theirs, own in ((usual.clock, network.clock), (usual.processor, network.processor))
        )
        table.add_row(
            network.name,
            spread(network.clock),
            spread(network.processor),
            spread(clock, 1),
            spread(processor, 1),
            f"{network.multiply_adds / 1e9:.1f}",
            f"{network.megabytes:.0f}",
        )
    return table


def batches_table(name: str, rows: list[Network]) -> Table:
    table = Table("batch", title=f"{name}, milliseconds a photo", title_justify="left")
    for column in ("clock", "processor"):
        table.add_column(column, justify="right")
    for network in rows:
        count = len(network.images)
        times = (np.array(network.clock) / count, np.array(network.processor) / count)
        table.add_row(str(count), *(spread(values) for values in times))
    return table


if __name__ == "__main__":
    main()
