"""Names and tags: everything that is made is called crumple-NAME..., and says in a tag whose it is.

Both must fit before anything is touched, so that a thing of somebody else with such a name stays.
"""

import hashlib
import json
import re
from typing import Any

from crumple.deploy.errors import DeployError

PREFIX = "crumple-"
TAG = "crumple:deployment"
LONGEST = 40  # SageMaker's names have at most 63 characters


def check_name(name: str) -> str:
    """`name`, if it can be a deployment's. Raises DeployError."""
    if not re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", name) or len(name) > LONGEST:
        raise DeployError(
            f"{name!r}: a deployment's name has small letters, digits and single dashes, {LONGEST} at most"
        )
    return name


def named(name: str, *more: str) -> str:
    """crumple-NAME, or crumple-NAME-MORE."""
    return "-".join((PREFIX + name, *more))


def versioned(name: str, content: Any) -> str:
    """A name that goes with the content: models and endpoint configurations cannot be changed, only made anew."""
    return named(name, hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10])


def tags(name: str, more: dict[str, str]) -> list[dict[str, str]]:
    """AWS's form of our tag and the user's own."""
    return [{"Key": key, "Value": value} for key, value in {TAG: name, **more}.items()]


def owner(found: list[dict[str, str]]) -> str | None:
    """The deployment that a thing with these tags belongs to; None: it is not ours."""
    return next((tag["Value"] for tag in found if tag["Key"] == TAG), None)
