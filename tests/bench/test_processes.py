import os

import pytest

from crumple.bench.cold_start import cold_start
from crumple.bench.photos import write_phone_photo, write_small_photo
from crumple.bench.throughput import throughput, usable_cores
from crumple.errors import CrumpleError
from crumple.photo import photo_size
from tests.fakes import save_model

pytestmark = pytest.mark.slow


def test_the_photos_that_are_measured(tmp_path):
    phone, small = write_phone_photo(tmp_path / "phone.jpg"), write_small_photo(tmp_path / "small.jpg")
    assert photo_size(phone) == (4032, 3024) and 2e6 < phone.stat().st_size < 6e6
    assert max(photo_size(small)) == 512


def test_a_cold_start_is_measured_in_a_process_of_its_own(tmp_path):
    model, photo = save_model(tmp_path), write_small_photo(tmp_path / "small.jpg")
    start = cold_start(model, photo)
    assert start.processor > 0 and start.seconds > 0 and 30e6 < start.peak_memory < 2e9


def test_a_process_that_fails_says_why(tmp_path):
    with pytest.raises(CrumpleError, match="there is no such folder"):
        cold_start(tmp_path / "absent", write_small_photo(tmp_path / "small.jpg"))


def test_two_processes_are_counted_together(tmp_path):
    model, photo = save_model(tmp_path), write_small_photo(tmp_path / "small.jpg")
    measured = throughput(model, photo, 2, 1, 0.2)
    assert (measured.processes, measured.cores) == (2, 1) and measured.photos_a_second > 0
    assert usable_cores() and len(usable_cores()) <= (os.cpu_count() or 1)
