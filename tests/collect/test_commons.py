import pytest

from crumple.collect.collector import Collector, Wanted
from crumple.collect.commons import Commons, fitting_width
from crumple.collect.errors import SourceError
from crumple.collect.licenses import DEFAULT
from crumple.collect.record import Geo
from crumple.storage import open_folder
from tests.collect.commons_server import API, CommonsServer, FakeFile
from tests.collect.fake_server import Reply
from tests.collect.fast import fast_http, plenty

FREE = frozenset(DEFAULT)


@pytest.fixture
def serve():
    servers = []

    def start(*files):
        servers.append(CommonsServer(list(files)).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def found(server, max_side=2048):
    return list(Commons(fast_http(), api=server.api, bucket=plenty()).search("damaged car", FREE, max_side))


def test_a_record_holds_what_attribution_needs(serve):
    server = serve(FakeFile(7, gps=("48.1", "11.5")))
    (record,) = found(server)
    assert record.key == record.origin == "commons:7" and record.image_url == f"{server.url}/file/7/a.jpg"
    assert record.page_url == "https://commons.wikimedia.org/wiki/File:Dented_door.jpg"
    assert (record.author.name, record.author.url) == (
        "Someone & Co",
        "https://commons.wikimedia.org/wiki/User:Someone",
    )
    assert (record.license.id, record.title, record.size) == ("CC-BY-SA-4.0", "Dented door", "original")
    assert (record.taken, record.uploaded) == ("2019-04-30 12:00", "2019-05-01T10:00:00Z")
    assert record.tags == ("Dents", "Damaged automobiles") and record.geo == Geo(latitude=48.1, longitude=11.5)


def test_without_an_artist_it_is_who_uploaded(serve):
    assert found(serve(FakeFile(7, artist="")))[0].author.name == "Uploader"


@pytest.mark.parametrize(
    ("short", "url", "id"),
    [
        ("cc-by-2.5", None, "CC-BY-2.5"),
        ("cc-by-sa-3.0-de", None, "CC-BY-SA-3.0-DE"),
        ("cc0", "http://creativecommons.org/publicdomain/zero/1.0/deed.en", "CC0-1.0"),
        ("cc-zero", None, "CC0-1.0"),
        ("pd", None, "other"),  # why it is in the public domain, and where, only its page says
        ("gfdl", "https://www.gnu.org/copyleft/fdl.html", "other"),
    ],
)
def test_licences(serve, short, url, id):
    assert found(serve(FakeFile(7, license=short, license_url=url)))[0].license.id == id


@pytest.mark.parametrize("late", [True, False])
def test_continued_answers_in_the_order_of_the_search(serve, late):
    server = serve(*[FakeFile(1000 - i) for i in range(120)])
    server.late = late
    assert [record.id for record in found(server)] == [str(1000 - i) for i in range(120)]


def test_a_large_file_comes_as_the_copy_of_a_standard_width(serve):
    server = serve(FakeFile(1, size=(4000, 3000)), FakeFile(2, size=(3000, 4000)), FakeFile(3, size=(800, 600)))
    records = found(server, max_side=2048)
    assert [(record.width, record.height, record.size) for record in records] == [
        (1920, 1440, "1920 px wide"),
        (1280, 1707, "1280 px wide"),
        (800, 600, "original"),
    ]
    assert records[0].image_url == f"{server.url}/thumb/1/1920"


def test_a_file_that_fits_in_no_width_has_no_url(serve):
    assert found(serve(FakeFile(1, size=(4000, 3000))), max_side=200)[0].image_url is None


@pytest.mark.parametrize(
    ("size", "max_side", "width"),
    [
        ((2048, 1000), 2048, None),
        ((2049, 1000), 2048, 1920),
        ((1500, 4000), 2048, 500),
        ((1000, 4000), 2048, 500),
        ((900, 9000), 2048, None),
        ((1900, 2100), 2048, 1280),
    ],
)
def test_fitting_width(size, max_side, width):
    assert fitting_width(*size, max_side) == width


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": {"code": "maxlag", "info": "Waiting"}}, headers={"Retry-After": "0"}),
        Reply({"error": {"code": "ratelimited", "info": "slow down"}}),
        Reply(b"<html>", content_type="text/html"),
    ],
)
def test_a_busy_server_is_asked_again(serve, reply):
    server = serve(FakeFile(1))
    server.fail(API, reply)
    assert len(found(server)) == 1


def test_another_error_is_told(serve):
    server = serve(FakeFile(1))
    server.fail(API, Reply({"error": {"code": "badquery", "info": "The search is too long."}}))
    with pytest.raises(SourceError, match=r"commons answers 'The search is too long\.'; try later"):
        found(server)


def test_deleted_files_are_those_that_are_told_missing(serve):
    server = serve(*[FakeFile(number) for number in range(1, 71)])
    records = found(server)
    del server.files[3], server.files[66]
    commons = Commons(fast_http(), api=server.api, bucket=plenty())
    assert [record.id for record in commons.deleted(records)] == ["3", "66"]
    server.fail(API, Reply({"batchcomplete": True}))
    assert list(commons.deleted(records[:1])) == []


def test_a_run(serve, tmp_path):
    server = serve(FakeFile(1), FakeFile(2, license="cc-by-nc-4.0", license_url=None), FakeFile(3, size=(400, 300)))
    http = fast_http()
    wanted = Wanted("damaged car", FREE, limit=10, max_side=330)
    outcome = Collector(Commons(http, api=server.api), http, open_folder(tmp_path), wanted).run()
    assert (outcome.collected, outcome.refused) == (2, 1)
    assert {path.name for path in (tmp_path / "images" / "commons").iterdir()} == {"1.jpg", "3.jpg"}
    assert "none; the 330 px wide copy (330x248)" in (tmp_path / "ATTRIBUTION.csv").read_text()
