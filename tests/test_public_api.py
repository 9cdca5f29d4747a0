import inspect
import subprocess
import sys

import pytest

import crumple

HEAVY = ("tensorflow", "keras", "openvino", "cv2", "numpy", "pydantic")


def loaded_after(code):
    check = f"{code}\nimport sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True).stdout.split()


def test_importing_it_loads_nothing_heavy():
    assert loaded_after("import crumple") == []


def test_the_assessment_room_loads_neither_tensorflow_nor_keras_nor_openvino():
    code = "import crumple.assessment.pipeline, crumple.assessment.many, crumple.assessment.report, crumple.cli.assess"
    assert not {"tensorflow", "keras", "openvino"} & set(loaded_after(code))


def test_every_public_name_is_there():
    assert set(crumple.__all__) <= set(dir(crumple))
    for name in crumple.__all__:
        assert getattr(crumple, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'asses'"):
        _ = crumple.asses


@pytest.mark.parametrize(
    "code",
    [
        "import crumple; crumple.assess",
        "from crumple import assess",
        "import crumple, crumple.assessment.pipeline; crumple.assess",
        "import crumple.assessment.pipeline, crumple; crumple.assess",
    ],
)
def test_assess_can_be_called_however_it_was_imported(code):
    name = code.split()[-1]
    check = f"""
{code}
from crumple.errors import PhotoError, ModelError
try:
    {name}("missing.jpg", model="missing")
except ModelError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True)
    assert "missing" in result.stdout


def test_assess_is_a_plain_function_whose_help_says_what_it_takes():
    assert inspect.isfunction(crumple.assess)
    assert next(iter(inspect.signature(crumple.assess).parameters)) == "photo"
    assert "a path, a file's bytes, or pixels" in (inspect.getdoc(crumple.assess) or "")
