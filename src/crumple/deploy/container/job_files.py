"""What SageMaker lays out below /opt/ml for a training job, and what it wants there in the end."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crumple.deploy.errors import DeployError
from crumple.files import write_aside

RESERVED = "sagemaker_"  # hyperparameters that SageMaker's own SDK adds
LONGEST_REASON = 1024  # characters that become the job's FailureReason


@dataclass(frozen=True)
class JobFiles:
    """The folders of one training job. root: /opt/ml."""

    root: Path

    @property
    def model(self) -> Path:
        """What lies here at the end becomes model.tar.gz."""
        return self.root / "model"

    @property
    def checkpoints(self) -> Path:
        """Kept in S3 all along, and there again when the job is started anew."""
        return self.root / "checkpoints"

    def check(self) -> None:
        """Raises DeployError if nothing can be written where it must be: told before hours of work, not after."""
        for folder in (self.model, self.checkpoints, self.root / "output"):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise DeployError(f"{folder}: cannot be made: {error.strerror}; build the image with --root") from None
            if not os.access(folder, os.W_OK | os.X_OK):
                raise DeployError(f"{folder}: cannot be written by this user; build the image with --root")

    def channel(self, name: str) -> Path:
        """A channel's folder. Raises DeployError if the job has none of that name."""
        folder = self.root / "input" / "data" / name
        if not folder.is_dir():
            known = ", ".join(sorted(self._config("inputdataconfig.json"))) or "none"
            raise DeployError(f"the job has no channel '{name}'; its channels: {known}")
        return folder

    def hyperparameters(self) -> dict[str, Any]:
        """By dotted field of the recipe. All are text in the file, and mean what they would in YAML."""
        given = self._config("hyperparameters.json")
        try:
            fields = {name: text for name, text in given.items() if not name.startswith(RESERVED)}
            return {name: yaml.safe_load(text) if isinstance(text, str) else text for name, text in fields.items()}
        except yaml.YAMLError as error:
            raise DeployError(f"hyperparameters.json: not valid YAML in it: {' '.join(str(error).split())}") from None

    def hosts(self) -> tuple[int, list[str]]:
        """This instance's number, and the names of all of them."""
        found = self._config("resourceconfig.json")
        hosts = sorted(found.get("hosts", ["algo-1"]))
        return hosts.index(found.get("current_host", hosts[0])), hosts

    def fail(self, reason: str) -> None:
        """Write the failure file."""
        with write_aside(self.root / "output" / "failure") as path:
            path.write_text(reason[:LONGEST_REASON], encoding="utf-8")

    def _config(self, name: str) -> dict[str, Any]:
        path = self.root / "input" / "config" / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise DeployError(f"{path}: cannot be read: {error}") from None
        if not isinstance(content, dict):
            raise DeployError(f"{path}: must be a JSON object")
        return content
