"""What has happened at the demo's vendor before anybody looks: customers, devices, resets, refusals, orders.

All of it goes through the server's own addresses, as people and softphones send it: the log, its seals
and the mails are true. The agent who resets is a colleague of those whose logins the demo tells: no bound of
theirs is touched.
"""

import os
import time
import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import aiohttp
import msgspec

from activation.messages.offline_files import OfflineRequest, write_request, write_request_file
from activation.messages.requests import Device
from crypto import base64url
from crypto.sealing import seal

ORDERED: Final = 10
"""Paid for, and given to customers: the pool then has as many as before."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_CUSTOMERS: Final = (
    ("Нина Стоянова", "nina@example.com", 1),
    ("Bakery Zur Sonne", "post@zur-sonne.example.com", 3),
    ("دار الحروف للنشر", "info@letters.example.com", 1),
    ("The Worshipful Company of Very Long Names and Telephone Exchanges", "clerk@example.com", 2),
    ("Mateo García", "mateo@example.com", 1),
    ("O'Neill & Daughters", "office@oneill.example.com", 2),
)
_REASONS: Final = ("device_lost", "device_replaced", "reinstallation", "mistaken_activation")
_NOTE: Final = "Called from the number we know; told us the last invoice's number."
Who = str | tuple[str, str]
"""Who asks: a token, or a login and its password."""


class LifeError(Exception):
    """The demo's server did not answer as it must; the text says what and where."""


@dataclass(frozen=True, slots=True)
class Customer:
    """An end user whom the reseller made: its login, and its licences."""

    login: str
    password: str = field(repr=False)
    licenses: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, str]:
        """Return what it shows to the server."""
        return self.login, self.password


class _Line:
    """Asks the demo's own server."""

    def __init__(self, session: aiohttp.ClientSession, url: str, product: str, version: str) -> None:
        self.session, self.url, self.product, self.version = session, url, product, version

    async def ask(self, method: str, path: str, who: Who | None, body: Any = None, expect: int = 0) -> Any:
        """Return the answer. Raises LifeError when it is another status than 2xx, or than `expect`."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if isinstance(who, str):
            headers["Authorization"] = f"Bearer {who}"
        elif who is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(*who, "utf-8")
        sent = {"data": body} if isinstance(body, str) else {"json": {} if body is None else body}
        kind = {"Content-Type": "text/plain"} if isinstance(body, str) else {}
        more: dict[str, Any] = {} if method == "GET" else sent
        async with self.session.request(method, self.url + path, headers=headers | kind, **more) as reply:
            text = await reply.text()
            if reply.status != expect and (expect or reply.status >= 300):
                raise LifeError(f"{method} {path} answered {reply.status}: {text[:300]}")
            return msgspec.json.decode(text) if "json" in reply.content_type else text

    async def activate(self, customer: Customer, machine: str, expect: int = 201) -> None:
        """Activate on a machine, which is made of its name."""
        body = {"product": self.product, "version": self.version, "device": _device(machine)}
        await self.ask("POST", "/v1/activations", customer.shown, body, expect)

    async def reset(self, agent: str, license_id: str, reason: str, expect: int = 200) -> Any:
        """Free a licence as an agent does."""
        message = {"reason": reason, "note": _NOTE}
        return await self.ask("POST", f"/v1/staff/licenses/{license_id}/resets", agent, message, expect)


async def live(url: str, logins: dict[str, Any], agent: str, product: str, version: str) -> None:
    """Have it all happen, once, right after the seed; `agent`: a support agent's token. Raises LifeError."""
    reseller = logins["reseller"]["token"]
    staff = {role: one["token"] for role, one in logins["staff"].items()}
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        line = _Line(session, url, product, version)
        await _order(line, reseller, staff)
        customers = [await _customer(line, reseller, *one) for one in _CUSTOMERS]
        await _use(line, customers, agent)
        await _ask_for_rights(line, customers, staff)
        await _test(line, reseller, staff)
        await _pass_on(line, customers[5], agent)
        await line.ask(
            "POST",
            f"/v1/staff/licenses/{customers[3].licenses[1]}/suspend",
            staff["sales"],
            {"note": "Asked for by the customer while the machine is at the police."},
        )


async def _order(line: _Line, reseller: str, staff: dict[str, str]) -> None:
    """Order twice: one is paid, the other waits. Another reseller owes a penalty (P7)."""
    wanted = {"product": line.product, "major": 5, "method": "purchase_order"}
    placed = await line.ask("POST", "/v1/reseller/orders", reseller, {**wanted, "quantity": ORDERED})
    money = {"amount": placed["total"], "reference": "BG-2210-0041", "order_id": placed["order_id"]}
    await line.ask("POST", "/v1/staff/payments", staff["sales"], money)
    await line.ask("POST", "/v1/reseller/orders", reseller, {**wanted, "quantity": 120})
    far = await line.ask("POST", "/v1/staff/resellers", staff["sales"], {"name": "Faraway Telecom"})
    penalty = {"reseller_id": far["reseller_id"], "product": line.product, "licenses": 2}
    note = "Two licences were used by the reseller itself, as its own clerk wrote to us."
    await line.ask("POST", "/v1/staff/penalties", staff["sales"], {**penalty, "note": note})


async def _customer(line: _Line, reseller: str, name: str, email: str, count: int) -> Customer:
    made = await line.ask("POST", "/v1/reseller/customers", reseller, {"name": name, "email": email})
    wish = {"product": line.product, "major": 5, "count": count, "login": made["login"]}
    given = await line.ask("POST", "/v1/reseller/assignments", reseller, wish)
    return Customer(made["login"], made["password"], tuple(given["license_ids"]))


async def _use(line: _Line, customers: list[Customer], agent: str) -> None:
    """Activate; move; be refused; call an agent; be one whose resets a second person must look at."""
    nina, bakery, letters, company, mateo = customers[:5]
    await line.activate(nina, "Nina's old laptop")
    await line.ask("POST", "/v1/resets", nina.shown, {"license_id": nina.licenses[0]})
    await line.activate(nina, "Nina's new laptop")
    await line.ask("POST", "/v1/resets", nina.shown, {"license_id": nina.licenses[0]}, 409)
    await line.activate(nina, "Nina's tablet", 409)
    for machine in ("Till 1", "Till 2", "Back office"):
        await line.activate(bakery, machine)
    await line.activate(bakery, "Delivery van", 409)
    await line.reset(agent, bakery.licenses[0], "hardware_failure")
    await line.activate(letters, "مكتب الاستقبال")
    await line.activate(company, "WORKSTATION-OF-THE-CLERK-OF-THE-WORSHIPFUL-COMPANY")
    for number, reason in enumerate(_REASONS):
        await line.activate(mateo, f"Portátil {number + 1}")
        await line.reset(agent, mateo.licenses[0], reason)
    await line.activate(mateo, "Portátil 5")
    await line.reset(agent, mateo.licenses[0], "other", 409)


async def _ask_for_rights(line: _Line, customers: list[Customer], staff: dict[str, str]) -> None:
    """Ask for what one is owed, by oneself and by letter; agree to be written to."""
    nina, bakery = customers[:2]
    await line.ask("POST", "/v1/me/requests", nina.shown, {"kind": "access"})
    consent = {"purpose": "marketing", "given": True, "version": "demo-1"}
    await line.ask("POST", "/v1/me/consents", nina.shown, consent)
    letter = {
        "kind": "rectification",
        "how": "A letter of the 3rd, by the owner's son.",
        "login": bakery.login,
    }
    await line.ask("POST", "/v1/staff/privacy/requests", staff["support"], letter)


async def _test(line: _Line, reseller: str, staff: dict[str, str]) -> None:
    """Grant the reseller licences to try out; one customer has two of them."""
    own = await line.ask("GET", "/v1/reseller/account", reseller)
    wanted = {"product": line.product, "major": 5}
    path = f"/v1/staff/resellers/{own['reseller_id']}/tests"
    await line.ask("POST", path, staff["sales"], {**wanted, "count": 10})
    named = {"name": "Undecided Office", "email": "undecided@example.com"}
    made = await line.ask("POST", "/v1/reseller/customers", reseller, named)
    wish = {**wanted, "count": 2, "login": made["login"]}
    await line.ask("POST", "/v1/reseller/tests", reseller, wish)
    await line.activate(Customer(made["login"], made["password"]), "Meeting room")


async def _pass_on(line: _Line, customer: Customer, agent: str) -> None:
    """Activate a machine without network: its request file comes by mail, an agent passes it on."""
    keys = await line.ask("GET", "/v1/keys", None)
    device = msgspec.convert(_device("Vault"), Device)
    nonce = base64url.encode(os.urandom(16))
    login, password = customer.shown
    request = OfflineRequest(1, login, password, line.product, line.version, device, nonce, int(time.time()))
    box = seal(base64url.decode(keys["sealing"]["x"]), write_request(request))
    await line.ask("POST", "/v1/staff/offline-activations", agent, write_request_file(box))


def _device(machine: str) -> dict[str, Any]:
    """Return a machine of this name, with parts that no other has."""
    digits = blake2b(machine.encode(), digest_size=32).hexdigest()
    mac = ":".join(digits[at : at + 2] for at in range(6, 12, 2))
    parts = {
        "hdd_serial": f"S4EV{digits[12:23].upper()}",
        "mac": [f"3c:97:0e:{mac}"],
        "machine_id": digits[:32],
    }
    return {
        "platform": "windows",
        "name": machine,
        "components": {**parts, "board_serial": digits[32:44].upper()},
    }
