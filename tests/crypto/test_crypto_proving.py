"""A signer signs probes before it is used; each way in which one may be wrong shows there."""

from dataclasses import dataclass

import pytest
from sample_certificates import BEGIN, DAY, KEYS, ROOTS, TAG_KEY, TERMS

from crypto.delegations import Delegation, issue_delegation
from crypto.errors import CertificateError
from crypto.issuing import Issuer
from crypto.proving import prove
from crypto.signing import Signer


def delegate(offline: bool = False, name: str = "online", max_ttl: int = 30 * DAY) -> Delegation:
    return issue_delegation(KEYS["root_current"], KEYS[name].public_key, BEGIN, BEGIN + DAY, max_ttl, offline)


@dataclass
class Device:
    """A key device as some might be."""

    kid: str
    public_key: bytes
    signs_as: str
    cut: int = 64

    def sign(self, message: bytes) -> bytes:
        return KEYS[self.signs_as].sign(message)[: self.cut]


def device(signs_as: str = "online", cut: int = 64, says: str = "online") -> Signer:
    return Device(KEYS[says].kid, KEYS[says].public_key, signs_as, cut)


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("max_ttl", [1, 30 * DAY, 3 * 366 * DAY])
def test_a_good_signer_proves_itself(offline: bool, max_ttl: int) -> None:
    for signer in (KEYS["online"], device()):
        prove(Issuer(signer, TERMS.issuer, TAG_KEY), delegate(offline, max_ttl=max_ttl), ROOTS)


@pytest.mark.parametrize(
    ("signer", "reason"),
    [
        (device(signs_as="other"), "signature"),
        (device(cut=63), "malformed"),
        (device(cut=0), "malformed"),
        (device(says="other", signs_as="other"), "not_delegated"),
        (device(says="other", signs_as="online"), "not_delegated"),
    ],
)
def test_a_wrong_signer_does_not(signer: Signer, reason: str) -> None:
    with pytest.raises(CertificateError) as caught:
        prove(Issuer(signer, TERMS.issuer, TAG_KEY), delegate(), ROOTS)
    assert caught.value.reason == reason


def test_a_delegation_by_another_root_proves_nothing() -> None:
    with pytest.raises(CertificateError) as caught:
        prove(Issuer(KEYS["online"], TERMS.issuer, TAG_KEY), delegate(), [KEYS["root_foreign"].public_key])
    assert caught.value.reason == "unknown_root"
