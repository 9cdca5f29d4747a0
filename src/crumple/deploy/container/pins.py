"""`python -m crumple.deploy.container.pins`, in a checkout: makes serve.txt, train.txt and beam.txt anew.

pip resolves pyproject.toml's extras in an empty environment of this Python's version and installs nothing.
"""

import json
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any

from crumple.files import write_aside

HERE = Path(__file__).parent
EXTRAS = {"serve": "serve", "train": "serve,train,jax,export", "beam": "beam"}


def resolve(target: str, checkout: Path) -> list[dict[str, Any]]:
    """What pip would install, as its report has it."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        report = Path(folder) / "report.json"
        command = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--dry-run", "--report", str(report)]
        subprocess.run([*command, f"{checkout}[{EXTRAS[target]}]"], check=True)
        return json.loads(report.read_text())["install"]  # type: ignore[no-any-return]


def requirements(packages: list[dict[str, Any]]) -> str:
    """A requirements file: one line for each package, and which of them come without a wheel."""
    lines, built = [], []
    for package in packages:
        name = package["metadata"]["name"].lower().replace("_", "-")
        if name != "crumple":
            lines.append(f"{name}=={package['metadata']['version']}\n")
            if not package["download_info"]["url"].endswith(".whl"):
                built.append(f"--no-binary {name}\n")
    head = "# Made by `make pins`: every package with its version.\n--only-binary :all:\n"
    return head + "".join(sorted(built)) + "".join(sorted(lines))


def main() -> None:
    """Write all three, each once it is whole."""
    for target in EXTRAS:
        content = requirements(resolve(target, Path.cwd()))
        with write_aside(HERE / f"{target}.txt") as path:
            path.write_text(content, encoding="utf-8")
        print(f"{target}.txt: {content.count('==')} packages", flush=True)


if __name__ == "__main__":
    main()
