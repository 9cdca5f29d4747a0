"""A connection to a CVAT server: who one is, and whatever goes wrong told in one line without a secret in it."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from crumple.errors import MissingExtraError
from crumple.label.cvat.errors import CvatError

DEFAULT_URL = "http://localhost:8080"
LEAST_VERSION = (2, 70)
# Seconds to connect, and between two pieces of an answer. The SDK by itself would wait for ever.
TIMEOUT = (15.0, 300.0)
LATER = "nothing is lost: run the same command again to go on"


@dataclass(frozen=True)
class Login:
    """Where and as whom: user and password, or a token. Neither secret is shown when this is printed."""

    url: str = DEFAULT_URL
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    organisation: str | None = None  # "": one's personal workspace; None: all that one may see

    def __post_init__(self) -> None:
        if re.search(r"//[^/]*@", self.url):
            raise CvatError("--url holds a user name or password; give them as CVAT_USERNAME and CVAT_PASSWORD")
        if self.token is None and (self.user is None or self.password is None):
            raise CvatError("no credentials: set CVAT_ACCESS_TOKEN, or CVAT_USERNAME and CVAT_PASSWORD")


@contextmanager
def connect(login: Login, poll: float) -> Iterator[Any]:
    """A client of the SDK, logged in to a server that is new enough.

    Args:
        poll: seconds between two questions how far the server is with a long operation.

    Raises: CvatError, MissingExtraError.
    """
    try:
        from cvat_sdk.core.client import AccessTokenCredentials, Client, Config, PasswordCredentials
    except ImportError:
        raise MissingExtraError("cvat-sdk", "cvat") from None
    with telling(login):
        client = Client(
            login.url if "://" in login.url else f"http://{login.url}",
            logger=_silent(),
            config=Config(status_check_period=poll),
            check_server_version=False,
        )
        _limit_waiting(client)
    with client:
        with telling(login):
            _check_version(client, login)
        with telling(login, logging_in=True):
            if login.token is not None:
                client.login(AccessTokenCredentials(login.token))
            else:
                client.login(PasswordCredentials(str(login.user), str(login.password)))
            if login.organisation is not None:
                client.organization_slug = login.organisation
            read_json(client.api_client.users_api.retrieve_self)
        yield client


def read_json(call: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
    """The answer to a call of the SDK's low-level API, as JSON. Raises ValueError if it is no object."""
    _, response = call(*arguments, **options, _parse_response=False)
    content = json.loads(response.data)
    if not isinstance(content, dict):
        raise ValueError(f"not an object but {type(content).__name__}")
    return content


@contextmanager
def telling(login: Login, what: str = "", logging_in: bool = False) -> Iterator[None]:
    """Whatever the SDK raises, as a CvatError of one line.

    Args:
        what: what was tried, as "task 7: uploading".
    """
    import urllib3
    from cvat_sdk.api_client.exceptions import ApiException, OpenApiException
    from cvat_sdk.core.exceptions import CvatSdkException

    where = f"{login.url}{': ' + what if what else ''}"
    try:
        yield
    except ApiException as error:
        line = _refusal(login, where, error, logging_in)
    except urllib3.exceptions.HTTPError as error:
        cause = _without_secret(login, _cause(error)) or "no reason is given"
        line = f"{where}: no CVAT server answers ({cause}); start it, or check --url; {LATER}"
    except CvatSdkException as error:  # a long operation that failed, or an answer that is none of CVAT's
        reason = str(error).strip().rpartition("\n")[2]  # of the server's own traceback, the last line says what it was
        line = f"{where}: {_without_secret(login, _one_line(reason)) or type(error).__name__}; {LATER}"
    except (OpenApiException, AssertionError, ValueError, TypeError, KeyError) as error:
        reason = _without_secret(login, _one_line(str(error))) or type(error).__name__
        line = f"{where}: the answer is none that CVAT gives ({reason}); check --url"
    else:
        return
    raise CvatError(line) from None


def _refusal(login: Login, where: str, error: Any, logging_in: bool) -> str:
    status, words = error.status, _without_secret(login, _words(error))
    said = f": {words}" if words else ""
    if logging_in and status in (400, 401, 403):
        if login.token is not None:
            return f"{where}: the token is not accepted; check CVAT_ACCESS_TOKEN"
        return f"{where}: wrong user name or password for {login.user}; check CVAT_USERNAME and CVAT_PASSWORD"
    if status == 402 or (status in (400, 403, 409, 429) and re.search(r"quota|limit|maximum", words, re.IGNORECASE)):
        return f"{where}: a quota is used up{said}; make room or raise it; {LATER}"
    if status in (413, 507):
        return f"{where}: the server has no room for that much data{said}; make room there; {LATER}"
    if status == 401:
        return f"{where}: the session has ended; {LATER}"
    if status == 403:
        who = login.user or "this user"
        return f"{where}: {who} has no permission{said}; ask the project's owner, or give --org; {LATER}"
    if status == 404:
        return f"{where}: there is no such thing, or {login.user or 'this user'} may not see it{said}"
    if status in (409, 423):
        return f"{where}: is locked by another operation{said}; wait for it; {LATER}"
    if status == 0:
        return f"{where}: {_without_secret(login, _one_line(str(error.reason)))}; check --url"
    if status >= 500:
        return f"{where}: the server failed ({status}){said}; see its log; {LATER}"
    return f"{where}: refused ({status}){said}"


def _without_secret(login: Login, text: str) -> str:
    """What others say, unless a secret is in it: then nothing. A gap in the place of the secret would tell which it is,
    if it is a word that one expects there."""
    secrets = [secret for secret in (login.password, login.token) if secret]
    return "" if any(re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text) for secret in secrets) else text


def _words(error: Any) -> str:
    """What the server says, from JSON, text or a page of HTML."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or "")
    try:
        return _one_line(" ".join(_texts(json.loads(body))))
    except ValueError:
        return "" if body.lstrip().startswith("<") else _one_line(body)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            inside = " ".join(_texts(value))
            yield inside if key in ("detail", "message", "non_field_errors") else f"{key}: {inside}"
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
    else:
        yield str(content)


def _cause(error: BaseException) -> str:
    """The innermost reason of urllib3's nested errors."""
    inner = [one for one in (getattr(error, "reason", None), *error.args) if isinstance(one, BaseException)]
    if inner:
        return _cause(inner[0])
    text = _one_line(str(error))
    return re.sub(r"^.*?(\[Errno -?\d+\] |: )", "", text) if "Errno" in text else text or type(error).__name__


def _one_line(text: str) -> str:
    return f"{' '.join(text.split()):.300}"


def _check_version(client: Any, login: Login) -> None:
    version = str(read_json(client.api_client.server_api.retrieve_about)["version"])
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise CvatError(
            f"{login.url}: runs CVAT {version}, and {least} is the oldest that is supported; update the server"
        )


def _limit_waiting(client: Any) -> None:
    rest = client.api_client.rest_client
    request = rest.request

    def limited(*arguments: Any, _request_timeout: Any = None, **options: Any) -> Any:
        return request(*arguments, _request_timeout=_request_timeout or TIMEOUT, **options)

    rest.request = limited


def _silent() -> logging.Logger:
    """The SDK logs failed uploads with all headers, and so with cookies and tokens."""
    logger = logging.Logger("crumple.cvat")
    logger.addHandler(logging.NullHandler())
    return logger
