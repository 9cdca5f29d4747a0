import pytest

from crumple.collect.collector import Collector, Wanted
from crumple.collect.errors import SourceError
from crumple.collect.flickr import Flickr
from crumple.collect.licenses import DEFAULT
from crumple.collect.openverse import Openverse
from crumple.storage import open_folder
from tests.collect.fast import fast_http, plenty
from tests.collect.flickr_server import KEY, FlickrServer, photos
from tests.collect.openverse_server import FakeImage, OpenverseServer

FREE = frozenset(DEFAULT)


@pytest.fixture(autouse=True)
def no_account_of_the_user(monkeypatch):
    monkeypatch.delenv("OPENVERSE_CLIENT_ID", raising=False)
    monkeypatch.delenv("OPENVERSE_CLIENT_SECRET", raising=False)


@pytest.fixture
def serve():
    servers = []

    def start(*images):
        servers.append(OpenverseServer(list(images)).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def client(server, http=None):
    return Openverse(http or fast_http(), api=server.api, bucket=plenty())


def found(server, families=FREE, max_side=2048):
    return list(client(server).search("damaged car", families, max_side))


def test_a_record_holds_what_attribution_needs(serve):
    server = serve(FakeImage("ab-1"))
    (record,) = found(server)
    assert record.key == record.origin == "openverse:ab-1" and record.page_url == "https://example.org/ab-1"
    assert (record.author.name, record.author.url) == ("Someone", "https://example.org/someone")
    assert (record.license.id, record.title, record.tags) == ("CC-BY-2.0", "Crash ab-1", ("car", "dent"))


def test_all_pages_that_it_gives(serve):
    assert len(found(serve(*[FakeImage(str(number)) for number in range(50)]))) == 50
    assert len(found(serve(*[FakeImage(str(number)) for number in range(500)]))) == 240


def test_licences_are_asked_for_by_name(serve):
    server = serve(FakeImage("1"), FakeImage("2", license="by-nc"), FakeImage("3", license="cc0", version="1.0"))
    assert [record.license.id for record in found(server)] == ["CC-BY-2.0", "CC0-1.0"]
    assert [record.license.id for record in found(server, frozenset({"by-nc"}))] == ["CC-BY-NC-2.0"]
    with pytest.raises(SourceError, match="openverse has no licence such as us-gov"):
        found(server, frozenset({"us-gov"}))


def test_a_licence_and_a_url_that_disagree_are_not_believed(serve, monkeypatch):
    server = serve(FakeImage("1"))
    real = server._image
    server._image = lambda image: real(image) | {"license_url": "https://creativecommons.org/licenses/by-nc/2.0/"}
    assert found(server)[0].license.family == "other"


def test_larger_photos_have_no_url_and_unknown_sizes_are_tried(serve):
    server = serve(FakeImage("1", size=(3000, 2000)), FakeImage("2", size=(None, None)))
    assert [record.image_url is None for record in found(server)] == [True, False]


def test_photos_of_flickr_and_commons_are_known_as_such(serve):
    server = serve(
        FakeImage("1", page="https://www.flickr.com/photos/someone/4711"),
        FakeImage("2", page="https://commons.wikimedia.org/w/index.php?curid=42"),
    )
    assert [record.origin for record in found(server)] == ["flickr:4711", "commons:42"]


def test_a_photo_that_came_from_flickr_is_not_fetched_again(serve, tmp_path):
    wanted = Wanted("damaged car", FREE, limit=10, max_side=2048)
    with FlickrServer(photos(3)) as flickr:
        http = fast_http()
        Collector(Flickr(http, KEY, api=flickr.api, bucket=plenty()), http, open_folder(tmp_path), wanted).run()
    pages = [f"https://www.flickr.com/photos/12345678@N01/{number}" for number in (2, 3, 4)]
    server = serve(*[FakeImage(f"id-{i}", page=page) for i, page in enumerate(pages)])
    http = fast_http()
    outcome = Collector(client(server, http), http, open_folder(tmp_path), wanted).run()
    assert (outcome.present, outcome.collected) == (2, 1)


def test_an_account_is_used(serve, monkeypatch):
    monkeypatch.setenv("OPENVERSE_CLIENT_ID", "id")
    monkeypatch.setenv("OPENVERSE_CLIENT_SECRET", "secret")
    server = serve(FakeImage("1"))
    source = client(server)
    assert len(list(source.search("car", FREE, 2048))) == 1
    assert source._authorization() == {"Authorization": "Bearer a-token"} and server.hits["/v1/auth_tokens/token/"] == 1


def test_a_wrong_account_is_told(serve, monkeypatch):
    monkeypatch.setenv("OPENVERSE_CLIENT_ID", "id")
    with pytest.raises(SourceError, match="belong together"):
        client(serve())
    monkeypatch.setenv("OPENVERSE_CLIENT_SECRET", "wrong")
    with pytest.raises(SourceError, match=r"refuses OPENVERSE_CLIENT_ID and OPENVERSE_CLIENT_SECRET \(HTTP 401\)"):
        found(serve(FakeImage("1")))


def test_deleted(serve):
    server = serve(FakeImage("1"), FakeImage("2"))
    records = found(server)
    del server.images["2"]
    assert [record.id for record in client(server).deleted(records)] == ["2"]
