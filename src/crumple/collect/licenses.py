"""Licences of photos: told by their URL, grouped into families that `--license` names."""

import re
from dataclasses import dataclass

from crumple.errors import CrumpleError

FAMILIES = {
    "cc0": "CC0, no rights reserved",
    "pdm": "Public Domain Mark",
    "by": "Attribution",
    "by-sa": "Attribution-ShareAlike",
    "us-gov": "United States Government Work",
    "by-nd": "Attribution-NoDerivs",
    "by-nc": "Attribution-NonCommercial",
    "by-nc-sa": "Attribution-NonCommercial-ShareAlike",
    "by-nc-nd": "Attribution-NonCommercial-NoDerivs",
    "no-known": "No known copyright restrictions",
}
# What may be used commercially and changed, as training a model and blurring a plate do. The rest only by its name.
DEFAULT = ("cc0", "pdm", "by", "by-sa", "us-gov")
REFUSED = "other"  # family of what must never be collected: all rights reserved, or not understood

_CC = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d+\.\d+)(?:/([a-z]{2,3})(?=[/?#]|$))?", re.IGNORECASE)
_PUBLIC_DOMAIN = re.compile(r"creativecommons\.org/publicdomain/(zero|mark)/(\d+\.\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class License:
    """A photo's licence.

    id: SPDX's where there is one, as CC-BY-SA-2.0; US-Gov and No-Known-Copyright have none. family: a key of FAMILIES,
    or "other". version: as 2.0, where there is one. url: of its text.
    """

    id: str
    family: str
    name: str
    version: str | None = None
    url: str | None = None


def license_from_url(url: str | None, name: str = "") -> License:
    """The licence that a URL stands for; of the family "other" if it is not known. name: what the source calls it."""
    text = url or ""
    if found := _CC.search(text):
        family, version, port = found[1].lower(), found[2], f"-{found[3].upper()}" if found[3] else ""
        if family in FAMILIES:
            code = f"CC-{family.upper()}-{version}{port}"
            return License(code, family, f"{FAMILIES[family]} {version}", version, url)
    if found := _PUBLIC_DOMAIN.search(text):
        if found[1].lower() == "zero":
            return License(f"CC0-{found[2]}", "cc0", FAMILIES["cc0"], found[2], url)
        return License(f"CC-PDM-{found[2]}", "pdm", FAMILIES["pdm"], found[2], url)
    if re.search(r"usa\.gov/[^?#]*copyright", text, re.IGNORECASE):
        return License("US-Gov", "us-gov", FAMILIES["us-gov"], None, url)
    if re.search(r"flickr\.com/commons/usage", text, re.IGNORECASE):
        return License("No-Known-Copyright", "no-known", FAMILIES["no-known"], None, url)
    return License("other", REFUSED, name or "unknown", None, url)


def parse_families(text: str) -> frozenset[str]:
    """Families from a list such as "by,by-sa,cc0", in any case. Raises CrumpleError for a name that is none."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in FAMILIES:
            raise CrumpleError(f"--license {name}: is none of {', '.join(FAMILIES)}")
    if not names:
        raise CrumpleError(f"--license: names no licence; give some of {', '.join(FAMILIES)}")
    return frozenset(names)
