"""The files and rooms of a case: the package's docstring says what each is for."""

import re
from pathlib import Path

from crumple import case

ROOT = Path(case.__file__).parent
NAMED = re.findall(r"^ {4}(\w+(?:/|\.py)) ", case.__doc__, re.MULTILINE)


def test_the_docstring_names_every_file_and_room():
    files = {path.name for path in ROOT.glob("*.py")} - {"__init__.py"}
    rooms = {f"{path.parent.name}/" for path in ROOT.glob("*/*.py")}
    assert {"joining.py", "report/"} <= files | rooms
    assert files | rooms <= set(NAMED)
    assert len(NAMED) == len(set(NAMED))
