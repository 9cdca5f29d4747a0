import pytest

from tests.label.cvat.cvat_project import write_photos
from tests.label.cvat.fake_cvat import FakeCvat


@pytest.fixture
def fake():
    with FakeCvat() as server:
        yield server


@pytest.fixture
def photos(tmp_path):
    return write_photos(tmp_path / "clean", 3)
