import pytest

from crumple.collect.licenses import DEFAULT, FAMILIES, license_from_url, parse_families
from crumple.errors import CrumpleError


@pytest.mark.parametrize(
    ("url", "id", "family", "version"),
    [
        ("https://creativecommons.org/licenses/by/2.0/", "CC-BY-2.0", "by", "2.0"),
        ("http://creativecommons.org/licenses/by-sa/4.0", "CC-BY-SA-4.0", "by-sa", "4.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/de/", "CC-BY-SA-3.0-DE", "by-sa", "3.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.en", "CC-BY-4.0", "by", "4.0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC-BY-4.0", "by", "4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/2.0/", "CC-BY-NC-ND-2.0", "by-nc-nd", "2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0", "cc0", "1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0", "pdm", "1.0"),
        ("http://www.usa.gov/copyright.shtml", "US-Gov", "us-gov", None),
        ("https://www.usa.gov/government-copyright", "US-Gov", "us-gov", None),
        ("https://www.flickr.com/commons/usage/", "No-Known-Copyright", "no-known", None),
        ("", "other", "other", None),
        (None, "other", "other", None),
        ("https://creativecommons.org/licenses/sampling+/1.0/", "other", "other", None),
        ("https://example.org/by/4.0", "other", "other", None),
    ],
)
def test_a_licence_is_told_by_its_url(url, id, family, version):
    license = license_from_url(url)
    assert (license.id, license.family, license.version, license.url) == (id, family, version, url)


def test_non_commercial_and_no_derivatives_are_not_among_the_defaults():
    assert set(DEFAULT) == {"cc0", "pdm", "by", "by-sa", "us-gov"} < set(FAMILIES)


def test_families_are_named_in_any_case():
    assert parse_families("BY, by-sa,CC0") == {"by", "by-sa", "cc0"}


@pytest.mark.parametrize(("text", "why"), [("by,free", "free: is none of cc0"), (" , ", "names no licence")])
def test_a_name_that_is_no_family_is_refused(text, why):
    with pytest.raises(CrumpleError, match=why):
        parse_families(text)
