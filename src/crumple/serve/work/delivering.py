"""Sends webhooks, signed as the Standard Webhooks specification 1.0 has it, again and again until they are taken."""

import base64
import hashlib
import hmac
import json
import logging
import random
import time

import httpx
from prometheus_client import Counter

from crumple import __version__
from crumple.serve.contract.urls import ForbiddenAddressError
from crumple.serve.store.webhooks import DueDelivery, Webhooks
from crumple.serve.work.addresses import pinned
from crumple.serve.work.loop import Loop

SECONDS = 10.0  # to be answered within
LONGEST_WAIT = 6 * 3600.0
log = logging.getLogger("crumple.serve")


def signature(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: HMAC-SHA256 over id, time and body, in base64.

    A secret "whsec_..." is a key in base64; any other one is the key itself.
    """
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class Delivering(Loop):
    """Sends what is due, one after the other.

    Args:
        attempts: until a delivery is given up ("dead"). base: seconds until the second attempt, doubled each time.
        private: webhooks may go to private addresses. sent: counts attempts by outcome.
    """

    def __init__(self, webhooks: Webhooks, attempts: int, base: float, private: bool, sent: Counter) -> None:
        super().__init__("delivering")
        self._webhooks, self._attempts, self._base, self._private = webhooks, attempts, base, private
        self._sent = sent
        self._client = httpx.Client(trust_env=False, timeout=SECONDS, follow_redirects=False)

    def step(self) -> bool:
        """Send one delivery."""
        delivery = self._webhooks.take()
        if delivery is None:
            return False
        taken, answer = self._send(delivery)
        self._sent.labels("taken" if taken else "refused").inc()
        if taken:
            self._webhooks.settle(delivery, answer, "delivered")
        elif delivery.attempts >= self._attempts:
            log.warning("delivery %s is given up after %d attempts: %s", delivery.id, delivery.attempts, answer)
            self._webhooks.settle(delivery, answer, "dead")
        else:
            wait = min(LONGEST_WAIT, self._base * 2 ** (delivery.attempts - 1)) * random.uniform(0.5, 1)
            self._webhooks.settle(delivery, answer, "pending", wait)
        return True

    def stop(self) -> None:
        """End after the present delivery; what is left is sent after the next start."""
        super().stop()
        self._client.close()

    def _send(self, delivery: DueDelivery) -> tuple[bool, str]:
        """Whether it was taken (any 2xx), and what was answered, in one line."""
        body = json.dumps(delivery.payload).encode()
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"crumple/{__version__}",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(delivery.secret, delivery.id, timestamp, body),
        }
        try:
            request = pinned(self._client, "POST", delivery.url, private=self._private, headers=headers, content=body)
            response = self._client.send(request, stream=True)
            response.close()
        except (httpx.HTTPError, httpx.InvalidURL, ForbiddenAddressError) as error:
            return False, f"{type(error).__name__}: {error}"[:300]
        return response.is_success, f"HTTP {response.status_code}"
