"""Where the service goes for others: nowhere inside, whatever the name, the redirection or the DNS says."""

import ipaddress
import socket

import httpx
import pytest

from crumple.errors import CrumpleError
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.urls import ForbiddenAddressError
from crumple.serve.settings import load_settings
from crumple.serve.work import addresses, fetching
from crumple.serve.work.addresses import is_public, pinned, public_address
from crumple.serve.work.fetching import Fetcher
from tests.stores import s3_bucket

PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "255.255.255.255", "240.0.0.1", "198.18.0.1"),
    *("fec0::1", "feff::1", "3fff::1", "3fff:fff::1", "192.0.0.192", "192.0.0.9", "192.88.99.1", "168.63.129.16"),
    *("::ffff:168.63.129.16", "64:ff9b::168.63.129.16"),
)


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.fixture
def names(monkeypatch):
    """Names and their addresses, in place of DNS; an address stands for itself."""
    table = {}

    def resolve(host, port, **options):
        found = table.get(host) or ([host] if host[0].isdigit() or ":" in host else None)
        if found is None:
            raise socket.gaierror("no such host")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)
    return table


def test_one_private_address_of_several_is_enough(names):
    names["cars.example"] = ["8.8.8.8", "10.0.0.1"]
    with pytest.raises(ForbiddenAddressError, match=r"cars\.example: is no public address"):
        public_address("cars.example", 443)
    with pytest.raises(ForbiddenAddressError, match="no such host"):
        public_address("absent.example", 443)


def test_the_checked_address_is_the_one_that_is_asked(names):
    names["cars.example"] = ["8.8.8.8"]
    with httpx.Client() as client:
        request = pinned(client, "GET", "https://cars.example:8443/a?b=c")
    names["cars.example"] = ["127.0.0.1"]  # a name that changes its mind
    assert request.url == "https://8.8.8.8:8443/a?b=c"
    assert request.headers["Host"] == "cars.example:8443"
    assert request.extensions["sni_hostname"] == "cars.example"


@pytest.mark.parametrize(
    "url", ["https://user@cars.example/", "gopher://x/", "https:///x", "https://x:99999/", "https://[::1"]
)
def test_urls_that_are_none(names, url):
    with httpx.Client() as client, pytest.raises(ForbiddenAddressError):
        pinned(client, "GET", url)


def fetcher(answer, *allowed, max_bytes=1000):
    """A fetcher whose requests `answer` answers; the addresses that were asked."""
    asked = []

    def transport(request):
        asked.append(str(request.url))
        return answer(request)

    found = Fetcher(allowed or ("https://",), max_bytes)
    found._client = httpx.Client(transport=httpx.MockTransport(transport))
    return found, asked


def refused(call, status, words):
    with pytest.raises(ProblemError) as error:
        call("photos.0.url")
    assert error.value.status == status and words in error.value.detail
    assert error.value.errors[0].field == "photos.0.url"


def test_photos_by_https(names):
    names |= {"cars.example": ["8.8.8.8"], "2130706433": ["127.0.0.1"]}
    fetch, asked = fetcher(lambda request: httpx.Response(200, content=b"photo"))
    assert fetch("https://cars.example/1.jpg", "f") == b"photo" and asked == ["https://8.8.8.8/1.jpg"]
    refused(lambda field: fetch("http://cars.example/1.jpg", field), 422, "only URLs with https://")
    refused(lambda field: fetch("https://127.0.0.1/", field), 422, "no public address")
    refused(lambda field: fetch("https://2130706433/", field), 422, "no public address")
    long, _ = fetcher(lambda request: httpx.Response(200, content=b"x" * 1001))
    refused(lambda field: long("https://cars.example/", field), 413, "longer than 1000 bytes")
    absent, _ = fetcher(lambda request: httpx.Response(404))
    refused(lambda field: absent("https://cars.example/", field), 422, "answered 404")


def test_redirections_are_checked_one_by_one(names):
    names |= {"cars.example": ["8.8.8.8"], "inside.example": ["192.168.0.1"], "more.example": ["9.9.9.9"]}

    def to(url):
        return lambda request: httpx.Response(302, headers={"Location": url})

    for target in ("https://inside.example/", "https://169.254.169.254/latest", "http://more.example/", "file:///etc"):
        fetch, asked = fetcher(to(target))
        refused(lambda field, fetch=fetch: fetch("https://cars.example/", field), 422, "")
        assert asked == ["https://8.8.8.8/"]
    fetch, asked = fetcher(to("https://more.example/"), "https://cars.example/")
    refused(lambda field: fetch("https://cars.example/", field), 422, "only URLs with https://cars.example/")
    fetch, asked = fetcher(to("https://cars.example/"))
    refused(lambda field: fetch("https://cars.example/", field), 422, "redirects more than 3 times")


def test_a_path_does_not_lead_out_of_what_is_allowed(names):
    names["cars.example"] = ["8.8.8.8"]
    for path in (
        "../secret.jpg",
        "%2e%2e/secret.jpg",
        "a/%2E./../../secret.jpg",
        "..%2fsecret.jpg",
        "%3f/../../secret.jpg",
        "a%23/../../secret.jpg",
        "a/..%5c..%5csecret.jpg",
    ):
        fetch, asked = fetcher(lambda request: httpx.Response(200, content=b"x"), "https://cars.example/photos/")
        refused(lambda field, url=f"https://cars.example/photos/{path}": fetch(url, field), 422, "without . and ..")  # noqa: B023
        assert asked == []
    for wrong in ("https://cars.example", "s3://claims", "http://cars.example/"):
        with pytest.raises(CrumpleError, match="allow_urls"):
            load_settings(allow_urls=wrong)
    assert load_settings(allow_urls="https://,s3://claims/,gs://a/b").allowed_urls() == (
        "https://",
        "s3://claims/",
        "gs://a/b",
    )


def test_what_is_allowed_is_what_is_asked(names):
    names["claims.example"] = ["8.8.8.8"]
    fetch, asked = fetcher(lambda request: httpx.Response(200, content=b"x"), "https://claims.example/public/")
    for url in ("https://claims.example/public/%3f/../../secret/a.jpg", "https://claims.example/public/?/../../a"):
        try:
            fetch(url, "f")
        except ProblemError as error:
            assert error.status == 422
    assert asked == ["https://8.8.8.8/public/?/../../a"]  # a query leads nowhere
    to = {"https://8.8.8.8/public/a": "/public/%3f/../../secret/a.jpg"}
    moved, asked = fetcher(
        lambda r: httpx.Response(302, headers={"Location": to[str(r.url)]}), "https://claims.example/public/"
    )
    refused(lambda field: moved("https://claims.example/public/a", field), 422, "")
    assert asked == ["https://8.8.8.8/public/a"]


def test_answers_that_are_no_photos(names):
    names["cars.example"] = ["8.8.8.8"]
    fetch, _ = fetcher(lambda request: httpx.Response(304))  # a redirect by its number, to nowhere
    refused(lambda field: fetch("https://cars.example/", field), 422, "answered 304")
    for url in ("https://cars.example/\x01", "https://[::1"):
        refused(lambda field, url=url: fetch(url, field), 422, "cannot be fetched")


def test_a_photo_that_only_trickles(names, monkeypatch):
    names["cars.example"] = ["8.8.8.8"]
    monkeypatch.setattr(fetching, "SECONDS", 0.0)
    fetch, _ = fetcher(lambda request: httpx.Response(200, content=(b"x" for _ in range(100))))
    refused(lambda field: fetch("https://cars.example/", field), 422, "takes longer than")


def test_photos_in_buckets():
    from crumple.storage import open_folder

    with s3_bucket() as bucket:
        open_folder(bucket).write("claims/car.jpg", b"photo")
        open_folder(bucket).write("secret/car.jpg", b"photo")
        fetch = Fetcher((f"{bucket}/claims/",), 1000)
        assert fetch(f"{bucket}/claims/car.jpg", "f") == b"photo"
        refused(lambda field: fetch(f"{bucket}/claims/absent.jpg", field), 422, "there is no such file")
        refused(lambda field: fetch(f"{bucket}/secret/car.jpg", field), 422, "only URLs with")
        refused(lambda field: fetch(f"{bucket}/claims/../secret/car.jpg", field), 422, "")


def test_urls_are_off_unless_allowed():
    refused(lambda field: Fetcher((), 1000)("https://cars.example/", field), 422, "not allowed here")
