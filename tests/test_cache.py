from pathlib import Path

import pytest

from crumple.cache import cache_folder


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.delenv("CRUMPLE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_users_cache_by_default(tmp_path):
    assert cache_folder() == tmp_path / "home" / ".cache" / "crumple"
    assert (tmp_path / "home" / ".cache" / "crumple").is_dir()


def test_xdg_cache_home_and_before_it_crumple_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "crumple"
    monkeypatch.setenv("CRUMPLE_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "home" / "mine"


def test_no_value_means_no_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CRUMPLE_CACHE", "")
    assert cache_folder() is None
    assert not (tmp_path / "home").exists()


def test_none_where_none_can_be_made_or_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "cache", Path("~nobody-has-this-name/cache")):
        monkeypatch.setenv("CRUMPLE_CACHE", str(folder))
        assert cache_folder() is None
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path))
    monkeypatch.setattr("os.access", lambda folder, mode: False)
    assert cache_folder() is None
