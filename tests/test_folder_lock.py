import pytest

from crumple.errors import CrumpleError, ModelError
from crumple.folder_lock import only_process


def test_a_folder_is_one_users_at_a_time_and_free_afterwards(tmp_path):
    with only_process(tmp_path, "works here"):
        with (
            pytest.raises(CrumpleError, match="another process works here; wait for it"),
            only_process(tmp_path, "works here"),
        ):
            pass
        with pytest.raises(ModelError), only_process(tmp_path, "works here", ModelError):
            pass
    with only_process(tmp_path, "works here"):
        pass


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path):
    with only_process(tmp_path / "a" / "b", "works here"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not (tmp_path / "a").exists()
    with only_process(tmp_path / "a" / "b", "works here"):
        (tmp_path / "a" / "b" / "kept").touch()
    assert (tmp_path / "a" / "b" / "kept").exists()
