"""Flickr's rules, kept by the fake and met by the client."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from crumple.collect.errors import SourceError
from crumple.collect.flickr import Flickr
from crumple.collect.flickr_windows import Window
from crumple.collect.licenses import DEFAULT
from crumple.collect.record import Geo
from crumple.collect.token_bucket import TokenBucket
from tests.collect.fake_server import Reply
from tests.collect.fast import fast_http, plenty
from tests.collect.flickr_server import API, CAP, KEY, FakePhoto, FlickrServer, photos, unavailable

FREE = frozenset(DEFAULT)


@pytest.fixture
def serve():
    servers = []

    def start(found):
        servers.append(FlickrServer(found).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def client(server, key=KEY, bucket=None):
    return Flickr(fast_http(), key, api=server.api, bucket=bucket or plenty(), now=lambda: 1_600_000_000)


def found(server, families=FREE, max_side=2048):
    """Every record, once by its id."""
    return {record.id: record for record in client(server).search("damaged car", families, max_side)}


def test_a_record_holds_what_attribution_needs(serve):
    photo = FakePhoto(7, 1_500_000_000, license=5, alias="someone", geo=(48.1, 11.5), sizes=(("o", (48, 32)),))
    server = serve([photo])
    (record,) = found(server).values()
    assert record.key == record.origin == "flickr:7"
    assert record.page_url == "https://www.flickr.com/photos/someone/7"
    assert record.image_url == f"{server.url}/photo/7/o.jpg"
    assert (record.author.name, record.author.id) == ("Someone 12345678@N01", "12345678@N01")
    assert record.license.id == "CC-BY-SA-2.0" and record.title == "Crash 7"
    assert (record.taken, record.uploaded) == ("2016-05-01 10:20:30", "2017-07-14T02:40:00+00:00")
    assert record.tags == ("car", "dent") and record.geo == Geo(latitude=48.1, longitude=11.5)


def test_without_an_alias_the_page_is_the_owners(serve):
    (record,) = found(serve(photos(1))).values()
    assert record.page_url == "https://www.flickr.com/photos/12345678@N01/1" and record.geo is None


@pytest.mark.parametrize("totals", [1.0, 0.1, 3.0], ids=["right", "far too low", "far too high"])
def test_more_than_the_cap_are_all_found(serve, totals):
    server = serve(photos(9_500))
    server.totals = totals
    assert set(map(int, found(server))) == set(server.photos)


def test_no_query_reads_past_the_cap(serve):
    server = serve(photos(9_500))
    found(server)
    assert all(int(call["page"]) * int(call["per_page"]) <= CAP for call in server.calls("flickr.photos.search"))
    assert len(server.calls("flickr.photos.search")) < 40


def test_photos_of_one_second_are_split_by_licence(serve):
    one_second = [
        photo for number in (4, 5, 9) for photo in photos(2_900, first=number * 10_000, every=0, license=number)
    ]
    server = serve(one_second)
    assert len(found(server)) == 8_700


def test_what_cannot_be_split_is_read_up_to_the_cap_and_ends(serve):
    server = serve(photos(4_600, every=0))
    assert len(found(server, families=frozenset({"by"}))) == CAP


def test_drift_between_pages_loses_nothing(serve):
    server = serve(photos(2_600))
    server.drift = True
    records = list(client(server).search("damaged car", FREE, 2048))
    assert {int(record.id) for record in records} == set(server.photos)


def test_a_small_limit_costs_few_requests(serve):
    server = serve(photos(9_500))
    search = client(server).search("damaged car", FREE, 2048)
    newest = [int(next(search).id) for _ in range(100)]
    assert newest == list(range(9_500, 9_400, -1)) and len(server.calls("flickr.photos.search")) == 1


def test_later_uploads_are_left_to_the_next_run(serve):
    server = serve([FakePhoto(1, 1_599_999_999), FakePhoto(2, 1_600_000_001)])
    assert set(found(server)) == {"1"}


def test_the_default_licences(serve):
    server = serve([FakePhoto(number + 1, 1_500_000_000 + number, license=number) for number in [*range(11), 23]])
    assert {record.license.id for record in found(server).values()} == {
        "CC-BY-2.0",
        "CC-BY-SA-2.0",
        "US-Gov",
        "CC0-1.0",
        "CC-PDM-1.0",
        "CC-BY-4.0",  # under a number that nobody told: by its URL
    }


def test_others_come_by_name_alone(serve):
    server = serve([FakePhoto(number + 1, 1_500_000_000 + number, license=number) for number in range(11)])
    assert {r.license.id for r in found(server, frozenset({"by-nc"})).values()} == {"CC-BY-NC-2.0"}


def test_a_parameter_that_does_nothing_shows_in_the_records_licences(serve):
    server = serve([FakePhoto(1, 1_500_000_000, license=0), FakePhoto(2, 1_500_000_000, license=99)])
    server.ignores = {"license"}
    assert [record.license.family for record in found(server).values()] == ["other", "other"]
    assert found(server)["2"].license.name == "flickr's number 99"


def test_without_the_list_of_licences_the_built_in_one_serves(serve):
    server = serve(photos(3))
    server.licenses = None
    assert {record.license.id for record in found(server).values()} == {"CC-BY-2.0"}


def test_the_largest_size_that_fits(serve):
    sizes = (("o", (4000, 3000)), ("l", (1024, 768)), ("c", (800, 600)), ("m", (500, 375)))
    server = serve([FakePhoto(1, 1_500_000_000, sizes=sizes), FakePhoto(2, 1_500_000_000, sizes=(("m", (375, 500)),))])
    for max_side, width, name in ((4000, 4000, "original"), (3999, 1024, "large"), (1023, 800, "medium 800")):
        record = found(server, max_side=max_side)["1"]
        assert (record.width, record.size) == (width, name)
    assert found(server, max_side=4000)["2"].size == "medium"
    assert found(server, max_side=499)["1"].image_url is None


@pytest.mark.parametrize("code", [0, 10, 105, 201])
@pytest.mark.parametrize("status", [200, 400])
def test_failures_that_pass_are_asked_again(serve, code, status):
    server = serve(photos(3))
    reply = unavailable(code)
    reply.status = status
    server.fail(API, reply, reply)
    assert len(found(server)) == 3


def test_a_page_of_html_is_asked_again(serve):
    server = serve(photos(3))
    server.fail(API, Reply(b"<html>bad gateway</html>", content_type="text/html"))
    assert len(found(server)) == 3


def test_failures_that_last_are_told(serve):
    server = serve(photos(3))
    server.fail(API, *[unavailable(105)] * 9)
    with pytest.raises(SourceError, match=r"is not available \(code 105\), also after 4 attempts"):
        found(server)
    server.faults.clear()
    server.fail(API, Reply({"stat": "fail", "code": 18, "message": "Illogical arguments"}))
    with pytest.raises(SourceError, match=r"flickr answers 'Illogical arguments' \(code 18\)"):
        found(server)


def test_a_wrong_key_is_told_and_not_shown(serve):
    server = serve(photos(3))
    with pytest.raises(SourceError, match=r"refuses the key in FLICKR_API_KEY \(code 100\)") as error:
        list(client(server, key="wrong").search("damaged car", FREE, 2048))
    assert "wrong" not in str(error.value) and len(server.log) == 1


def test_without_a_key_it_says_where_to_get_one(monkeypatch):
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    with pytest.raises(SourceError, match="FLICKR_API_KEY is not set: get a key at https"):
        Flickr(fast_http())


@pytest.mark.parametrize("answer", [{"stat": "ok"}, {"stat": "ok", "photos": {"photo": [{}]}}, [], {"photos": 1}])
def test_an_answer_that_makes_no_sense_is_told(serve, answer):
    server = serve(photos(3))
    flickr = client(server)
    licenses = flickr.licenses()
    flickr.licenses = lambda: licenses
    server.fail(API, Reply(answer))
    with pytest.raises(SourceError, match=r"flickr.photos.search"):
        list(flickr.search("damaged car", FREE, 2048))


def test_a_licence_that_flickr_has_not_is_told(serve):
    server = serve(photos(1))
    server.licenses = {0: ("All Rights Reserved", "")}
    flickr = client(server)
    known = {number: license for number, license in flickr.licenses().items() if license.family == "by"}
    flickr.licenses = lambda: known
    with pytest.raises(SourceError, match="flickr has no licence such as cc0"):
        list(flickr.search("damaged car", frozenset({"cc0"}), 2048))


def test_deleted_photos_are_told_from_others(serve):
    server = serve(photos(4))
    records = list(found(server).values())
    server.delete(2, 3)
    assert {record.id for record in client(server).deleted(records)} == {"2", "3"}


@pytest.mark.parametrize(("bucket", "refused"), [(TokenBucket(10 * 3600, burst=1), False), (plenty(), True)])
def test_workers_share_the_allowance(serve, bucket, refused):
    server = serve(photos(40))
    server.allowance, server.period = 12, 1.0  # as of an hour, but of a second; a little more than the bucket gives
    flickr = client(server, bucket=bucket)
    records = list({record.id: record for record in flickr.search("damaged car", FREE, 2048)}.values())
    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(lambda record: list(flickr.deleted([record])), records[:24]))
    assert (429 in {reply.status for reply in server.replies}) == refused


@pytest.mark.parametrize("window", [Window(0, 9, (4, 5)), Window(3, 3, (4, 5, 9)), Window(0, 1, (4,))])
def test_the_parts_of_a_window_hold_the_same(window):
    def cells(window):
        return {(time, number) for time in range(window.since, window.until + 1) for number in window.licenses}

    parts = window.divided()
    assert window.divisible and set.union(*map(cells, parts)) == cells(window)
    assert sum(len(cells(part)) for part in parts) == len(cells(window))


def test_one_second_of_one_licence_is_not_divisible():
    assert not Window(3, 3, (4,)).divisible
