"""Device keys over HTTP: proofs in renewals, what staff see of them, the product's setting (D6)."""

import pytest
from aiohttp import encode_basic_auth

from activation.storage.products import read_catalogue
from crypto.base64url import encode
from crypto.proofs import make_proof
from crypto.signing import SigningKey

KEY = SigningKey.from_seed(bytes(range(32)))
NOW = 1_800_000_000


@pytest.fixture
async def laptop(office, client):
    """A softphone on the laptop of an account of its own, with a key."""
    return await Laptop(office, client).activate()


class Laptop:
    def __init__(self, office, client):
        self.office, self.client = office, client

    async def activate(self, **device):
        account = await self.office.account(1)
        message = {"product": "softphone", "version": "5.6.4", "device": self.device(**device)}
        status, self.told = await self.post("activations", message, (account.login, account.password))
        assert status == 201, self.told
        return self

    def device(self, public_key=None, **more):
        key = encode(KEY.public_key) if public_key is None else public_key
        components = self.office.components("laptop")
        return {
            "platform": "linux",
            "name": "the laptop",
            "components": components,
            "public_key": key,
            **more,
        }

    def proof(self, counter):
        return make_proof(KEY, self.told["certificate"], counter, NOW + counter)

    async def renew(self, **more):
        message = {"certificate": self.told["certificate"], "device": self.device(), **more}
        return await self.post("renewals", message)

    async def post(self, path, message, basic=None):
        headers = {"Authorization": encode_basic_auth(*basic)} if basic else {}
        reply = await self.client.post(f"/v1/{path}", json=message, headers=headers)
        return reply.status, await reply.json()


async def test_d6_a_renewal_carries_a_proof(laptop):
    first = laptop.proof(1)
    status, told = await laptop.renew(proof=first)
    assert status == 200
    assert await laptop.renew(proof=first) == (200, told)


async def test_d6_a_refusal_says_which_and_what_helps(laptop, sign_in):
    admin = await sign_in("admin")
    status, product = await admin.post("products/softphone/forks", {"refuses_forks": True})
    assert (status, product["refuses_forks"]) == (200, True)
    async with laptop.office.desk.pool.acquire() as connection:
        laptop.office.desk.catalogue = await read_catalogue(connection)
    await laptop.renew(proof=laptop.proof(5))
    status, told = await laptop.renew(proof=laptop.proof(4))
    assert (status, told["code"], told["zdk_status"], told["proof"]) == (
        409,
        "device_mismatch",
        "FailedId",
        "counter",
    )
    assert "password" in told["detail"]
    status, told = await laptop.renew()
    assert (status, told["proof"]) == (409, "no_proof")
    status, told = await laptop.renew(proof="nonsense")
    assert (status, told["proof"]) == (409, "wrong_proof")


@pytest.mark.parametrize("proof", ["", 7, None, "x" * 8193])
async def test_what_is_no_proof_at_all_is_malformed(laptop, proof):
    status, told = await laptop.renew(proof=proof)
    assert (status, told["code"]) == (400, "malformed")


@pytest.mark.parametrize("key", ["A" * 42, "A" * 44, "A" * 42 + "B", "A" * 42 + "=", "é" * 43], ids=ascii)
async def test_a_public_key_has_one_spelling(office, client, key):
    account = await office.account(1)
    laptop = Laptop(office, client)
    message = {"product": "softphone", "version": "5.6", "device": laptop.device(key)}
    status, told = await laptop.post("activations", message, (account.login, account.password))
    assert (status, told["code"]) == (400, "malformed")
    assert "public_key" in told["detail"]


async def test_d6_staff_see_the_key_and_who_is_forked(laptop, sign_in):
    support = await sign_in("support")
    path = f"licenses/{laptop.told['license_id']}"
    await laptop.renew(proof=laptop.proof(1))
    _, held = await support.get(path)
    assert held["devices"][0]["key"] == {"enrolled": True, "proofs": 1, "forked_at": None}
    assert (await support.get("forks"))[1] == {"forks": []}
    await laptop.renew()
    _, held = await support.get(path)
    assert held["events"][0]["event"] == "device_forked"
    assert held["events"][0]["details"] == {"proof": "no_proof"}
    status, told = await support.get("forks")
    assert status == 200
    (row,) = told["forks"]
    assert row["activation_id"] == laptop.told["activation_id"]
    assert row["forked_at"] == held["devices"][0]["key"]["forked_at"] is not None
    assert (row["name"], row["product"], row["proofs"]) == ("the laptop", "softphone", 1)
    assert (await support.get(f"forks?after={row['activation_id']}"))[1] == {"forks": []}
    status, told = await support.get("forks?after=everything")
    assert (status, told["field"]) == (400, "after")


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("auditor", 200), ("support", 200), ("sales", 403)]
)
async def test_d6_who_may_see_forks(sign_in, role, status):
    assert (await (await sign_in(role)).get("forks"))[0] == status


async def test_d6_a_product_is_made_with_its_policy(sign_in):
    admin = await sign_in("admin")
    status, made = await admin.post("products", {"code": "careful", "name": "C", "refuses_forks": True})
    assert (status, made["refuses_forks"]) == (201, True)
    status, made = await admin.post("products", {"code": "easy", "name": "E"})
    assert made["refuses_forks"] is False
    _, told = await admin.get("products")
    assert {one["code"]: one["refuses_forks"] for one in told["products"]}["careful"] is True
    assert (await admin.post("products/nowhere/forks", {"refuses_forks": True}))[0] == 404
    assert (await admin.post("products/careful/forks", {"refuses_forks": "yes"}))[0] == 400
