"""Waiting for something that AWS does in its own time, with a word for every change."""

import time
from collections.abc import Callable
from typing import Any

from crumple.deploy.aws.account import Account, Say
from crumple.deploy.errors import AwsError


def wait_for(
    account: Account,
    look: Callable[[], dict[str, Any]],
    state: Callable[[dict[str, Any]], str],
    busy: Callable[[dict[str, Any]], bool],
    say: Say,
) -> dict[str, Any]:
    """Look every `account.poll` seconds until it is no longer busy; the last answer.

    state: in words; said whenever it changes, with the time since the beginning. Being asked to slow down is no
    failure. On a dry run it looks once. An interrupt says that only the waiting ends.
    """
    began, before = time.monotonic(), ""
    try:
        while True:
            try:
                found = look()
            except AwsError as error:
                if not error.throttled:
                    raise
            else:
                if account.dry:
                    return found
                now = state(found)
                if now != before:
                    before = now
                    say(f"{time.monotonic() - began:5.0f} s  {now}")
                if not busy(found):
                    return found
            time.sleep(account.poll)
    except (KeyboardInterrupt, SystemExit):
        say(f"AWS goes on with it all the same ({before or 'not looked yet'}); look with `crumple deploy list`")
        raise
