"""Joining in the background: after the photos are assessed, within its deadline, and again after a kill."""

import threading
from datetime import timedelta

import numpy as np
import pytest

from crumple.case.adding_up import join_photos
from crumple.serve.store import cases as store_cases
from crumple.serve.work import joining
from tests.fakes import Thing
from tests.serve.running import DENT, DOOR, Gate, add_photo, assessed, new_inspection, picture, running, until


def three_photos(client):
    inspection = new_inspection(client)
    for seed in range(3):
        add_photo(client, inspection, picture(seed))
    return inspection


def sizes(client, inspection):
    """Observations of each damage."""
    return sorted(len(damage["observations"]) for damage in client.get(inspection).json()["damages"])


class Holding:
    """Joining that waits until it is let go. `began` counts how often it began."""

    def __init__(self, monkeypatch):
        self.let_go, self.began, self.pixels = threading.Event(), threading.Semaphore(0), []
        monkeypatch.setattr(joining, "join_photos", self)

    def __call__(self, photos):
        self.began.release()
        if photos and photos[0].pixels:
            assert self.let_go.wait(60)
            self.pixels += [photo.pixels() for photo in photos]
        return join_photos(photos)


def test_it_sees_the_photos(tmp_path, monkeypatch):
    holding = Holding(monkeypatch)
    holding.let_go.set()
    with running(tmp_path) as client:
        inspection = three_photos(client)
        assessed(client, inspection)
    assert [pixels.shape for pixels in holding.pixels[-3:]] == [(100, 200, 3)] * 3
    assert all(pixels.dtype == np.uint8 for pixels in holding.pixels)


def test_until_it_is_joined_every_finding_is_a_damage_and_a_new_photo_makes_it_pending_again(tmp_path, monkeypatch):
    holding = Holding(monkeypatch)
    with running(tmp_path) as client:
        inspection = three_photos(client)
        assert holding.began.acquire(timeout=60)
        read = client.get(inspection).json()
        assert read["case_status"] == "pending" and sizes(client, inspection) == [1, 1, 1]
        review = client.post(f"{inspection}/review", json={"state": "finished", "author": "A", "undecided": "leave"})
        assert review.status_code == 409 and review.headers["Retry-After"]
        add_photo(client, inspection, picture(9))
        until(lambda: client.get(inspection).json()["images"][3]["status"] == "done")
        holding.let_go.set()
        assert holding.began.acquire(timeout=60), "it begins again for what came meanwhile"
        assessed(client, inspection)
        assert sizes(client, inspection) == [4]


def test_it_waits_for_photos_in_work_but_not_for_ever(tmp_path, monkeypatch):
    gate, holding = Gate(), Holding(monkeypatch)
    holding.let_go.set()
    with running(tmp_path, network=gate, workers=1) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        assert gate.entered.acquire(timeout=60)
        assert not holding.began.acquire(timeout=1)
        monkeypatch.setattr(store_cases, "PATIENCE", timedelta(0))
        assert holding.began.acquire(timeout=60)
        gate.opened.set()
        assessed(client, inspection)
        assert sizes(client, inspection) == [1]


def test_stopped_in_the_middle_it_goes_on_after_the_next_start(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(joining, "LEASE", timedelta(seconds=0.4))  # of which a quarter goes before it looks
        holding = Holding(patch)
        with running(tmp_path) as client:
            inspection = three_photos(client)
            assert holding.began.acquire(timeout=60)
        holding.let_go.set()
    with running(tmp_path) as client:
        assessed(client, inspection)
        assert sizes(client, inspection) == [3] and client.get(inspection).json()["notes"] == []


def test_what_takes_too_long_is_joined_without_pixels(tmp_path, monkeypatch):
    holding = Holding(monkeypatch)
    with running(tmp_path, join_deadline=0.2) as client:
        inspection = three_photos(client)
        assessed(client, inspection)
        assert sizes(client, inspection) == [3]
        assert client.get(inspection).json()["notes"] == [joining.TOO_LONG]
        holding.let_go.set()


def test_what_fails_each_time_is_joined_without_pixels(tmp_path, monkeypatch):
    monkeypatch.setattr(store_cases, "LEASE", timedelta(seconds=0.1))
    tries = []

    def fail(photos):
        tries.append(bool(photos[0].pixels))
        return join_photos(photos) if not tries[-1] else 1 / 0

    monkeypatch.setattr(joining, "join_photos", fail)
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        assessed(client, inspection)
        assert tries[-joining.ATTEMPTS - 1 :] == [True] * joining.ATTEMPTS + [False]
        assert client.get(inspection).json()["notes"] == [joining.FAILED]


def test_an_inspection_that_is_deleted_meanwhile_is_no_matter(tmp_path, monkeypatch):
    holding = Holding(monkeypatch)
    with running(tmp_path) as client:
        inspection = three_photos(client)
        assert holding.began.acquire(timeout=60)
        assert client.delete(inspection).status_code == 204
        holding.let_go.set()
        other = new_inspection(client)
        add_photo(client, other)
        assert [image["status"] for image in assessed(client, other)] == ["done"]


@pytest.mark.parametrize("drawn", ["dent", "airbag_deployed"])
def test_what_a_person_drew_is_joined_as_well(tmp_path, drawn):
    """A dent that is drawn on the door of a photo that shows none is one with those of the others."""
    with running(tmp_path, things=(DOOR, DENT, Thing("damage", "scratch", (150, 70, 190, 90), 0.8))) as client:
        inspection = three_photos(client)
        images = assessed(client, inspection)
        for finding in images[0]["findings"]:
            edit = {"kind": "reject", "finding_id": finding["id"], "reason": "dirt", "author": "Ada"}
            client.post(f"{inspection}/images/{images[0]['id']}/events", json=edit)
        polygons = [[40, 30, 90, 30, 90, 60, 40, 60]]
        edit = {"kind": "add", "damage": drawn, "polygons": polygons, "author": "Ada"}
        added = client.post(f"{inspection}/images/{images[0]['id']}/events", json=edit).json()
        assessed(client, inspection)
        damages = client.get(inspection).json()["damages"]
        (damage,) = [one for one in damages if added["finding_id"] in {seen["finding"] for seen in one["observations"]}]
        assert damage["decision"] == "confirmed"
        assert len(damage["observations"]) == (3 if drawn == "dent" else 1)
