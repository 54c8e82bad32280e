"""The shop as its payment processor speaks: an order, and events signed with none of our own code."""

import base64
import hashlib
import hmac
import time

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PATH = "/v1/shop/events"
ORDER = {
    "order_id": "A-1001",
    "email": "ann@example.com",
    "name": "Ann Buyer",
    "address": "1 Any Street\nAnytown",
    "product": "softphone",
    "major": 5,
    "quantity": 2,
    "total": "59.90",
    "consumer": True,
    "currency": "EUR",
}


def signature(event_id, timestamp, body, key=KEY):
    """Sign as the convention says, with nothing of the server's own code."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(event_id, body, **changes):
    timestamp = changes.pop("timestamp", int(time.time()))
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(event_id, timestamp, body, changes.pop("key", KEY)),
        **changes,
    }
