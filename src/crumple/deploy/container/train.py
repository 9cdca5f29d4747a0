"""`train` in the image: a recipe from a channel, run on SageMaker's folders; a model that can be deployed comes out.

SIGTERM, which spot instances get two minutes before they go, saves the state after the present step; the next start of
the job goes on from there to the same numbers.
"""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from crumple.deploy.container.job_files import JobFiles
from crumple.deploy.errors import DeployError
from crumple.deploy.recipe_bundle import DATA_CHANNEL, RECIPE, RECIPE_CHANNEL
from crumple.errors import CrumpleError
from crumple.train.recipe import read_recipe

RUN = "run"  # below checkpoints/
CHECKPOINT = "checkpoint"  # below model/
STOPPED = 143  # exit code of a process that SIGTERM ended


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. Argument: the root, in place of /opt/ml."""
    given = sys.argv[1:] if arguments is None else arguments
    files = JobFiles(Path(given[0]) if given else Path("/opt/ml"))
    stop = Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    try:
        files.check()
        return _train(files, stop)
    except CrumpleError as error:
        reason = str(error)
    except Exception as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    print(f"error: {reason}", file=sys.stderr, flush=True)
    files.fail(reason)
    return 1


def _train(files: JobFiles, stop: Event) -> int:
    settings = read_recipe(files.channel(RECIPE_CHANNEL) / RECIPE, files.hyperparameters())
    settings = dataclasses.replace(settings, root=files.channel(DATA_CHANNEL))
    number, hosts = files.hosts()
    if len(hosts) > 1:
        _join(number, hosts)
    from rich.console import Console

    from crumple.evaluate.in_training import validation
    from crumple.train.callbacks import Stopped
    from crumple.train.loop import train
    from crumple.train.progress import TrainingProgress

    def end() -> None:
        if stop.is_set():
            raise Stopped

    # CloudWatch reads the metrics from whole lines.
    with TrainingProgress(settings, Console(width=1000, force_terminal=False)) as progress:
        try:
            folder = _run_folder(files, number)
            # Every instance validates: a computation of JAX on all of them waits for each.
            validate = validation(settings, end)
            instance = (number, len(hosts))
            best = train(settings, folder, validate, [progress.callback], stop=stop.is_set, instance=instance)
            end()
        except Stopped:
            print("stopped: the state is saved, the next start goes on from it", flush=True)
            return STOPPED
    if number == 0:
        deliver(settings.name, best, folder, files.model)
    return 0


def _join(number: int, hosts: list[str]) -> None:
    """One run on several instances: Keras' distribution API, which has several processes on JAX only."""
    import keras

    if keras.backend.backend() != "jax":
        raise DeployError("several instances need JAX: --set training.environment.KERAS_BACKEND=jax")
    keras.distribution.initialize(f"{hosts[0]}:12355", len(hosts), number)


def _run_folder(files: JobFiles, number: int) -> Path:
    """The first instance's is kept in S3; the others begin with a copy, so that all go on from the same step."""
    kept = files.checkpoints / RUN
    if number == 0:
        return kept
    own = Path(tempfile.mkdtemp(prefix="crumple-run-")) / RUN
    if kept.is_dir():
        shutil.copytree(kept, own)
    return own


def deliver(name: str, checkpoint: Path, run: Path, model: Path) -> None:
    """Checkpoint, log and the exported model to model/, which becomes model.tar.gz: it can be deployed as it is.

    A model that cannot be exported, such as one that finds nothing yet, is still worth its checkpoint.
    """
    shutil.copytree(checkpoint, model / CHECKPOINT, dirs_exist_ok=True)
    shutil.copyfile(run / "log.jsonl", model / "log.jsonl")
    with tempfile.TemporaryDirectory(prefix="crumple-export-") as folder:
        out = Path(folder) / "export"
        command = [sys.executable, "-m", "crumple", "export", str(checkpoint), "--out", str(out)]
        # Exporting needs TensorFlow, whatever the run was trained on.
        done = subprocess.run(
            command, env=os.environ | {"KERAS_BACKEND": "tensorflow"}, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            shutil.copytree(out, model, dirs_exist_ok=True)
        else:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            print(f"only the checkpoint is delivered, it was not exported: {reason}", flush=True)
    print(f"{name}: done, {', '.join(sorted(path.name for path in model.iterdir()))}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
