"""D6: does the device that renews prove its key, and has a copy of that key been at work?

Each proof counts one further than the one before. Two copies of a disk carry the same key and the same
counter: whichever renews second shows a number that is spent. The same proof again is no copy but a device
that did not hear the answer. A device without a key proves nothing, and loses nothing.
"""

from dataclasses import replace
from typing import Final

from activation.licensing.attempts import Proof
from activation.licensing.model import Activation, Fork, License
from activation.licensing.values import value
from activation.licensing.verdicts import EnrolKey, RecordProof, Refusal, Refused, Verdict

TOLD_AGAIN_S: Final = 86_400
"""A copy is told once in so long, not at every renewal."""

_AGAIN = "Activate again with the password."
_DETAILS: Final = {
    Fork.COUNTER: f"Another copy of this installation renewed before. {_AGAIN}",
    Fork.NO_PROOF: f"This installation does not prove the key that it was activated with. {_AGAIN}",
    Fork.WRONG_PROOF: f"This proof is not by the key that the device was activated with. {_AGAIN}",
}


@value
class Weighed:
    """What a proof, or its absence, comes to: what to keep of it, and whether it shows a copy."""

    changes: tuple[RecordProof, ...] = ()
    fork: Fork | None = None


_NOTHING: Final = Weighed()


def weigh_proof(activation: Activation, proof: Proof | None, now: int) -> Weighed:
    """D6: compare what a renewal shows with the activation's key and its last proof."""
    key = activation.device_key
    if key is None:
        return _NOTHING
    if proof is None:
        return _forked(activation, Fork.NO_PROOF, now)
    counter = proof.counter_under(key)
    if counter is None:
        return _forked(activation, Fork.WRONG_PROOF, now)
    if proof.hash == activation.proof_hash:
        return _NOTHING
    if counter <= activation.proof_counter:
        return _forked(activation, Fork.COUNTER, now)
    return Weighed((replace(_last_proof(activation), counter=counter, hash=proof.hash),))


def _forked(activation: Activation, fork: Fork, now: int) -> Weighed:
    told_at = activation.fork_told_at
    if told_at is not None and now - told_at < TOLD_AGAIN_S:
        return Weighed((), fork)
    since = activation.forked_at if activation.forked_at is not None else now
    told = replace(_last_proof(activation), forked_at=since, fork_told_at=now, fork=fork)
    return Weighed((told,), fork)


def _last_proof(activation: Activation) -> RecordProof:
    return RecordProof(
        activation,
        activation.proof_counter,
        activation.proof_hash,
        activation.forked_at,
        activation.fork_told_at,
    )


def refuse_fork(held: License, weighed: Weighed, *, refuses_forks: bool) -> Refused | None:
    """D6: refuse a proof that is wrong, and a copy where the product says so; what showed it is kept."""
    fork = weighed.fork
    if fork is None or not (refuses_forks or fork is Fork.WRONG_PROOF):
        return None
    facts: dict[str, object] = {"proof": str(fork)}
    return Refused(Refusal.DEVICE_MISMATCH, "D6", _DETAILS[fork], held, facts, weighed.changes)


def carry_key(bound: Verdict, ended: Activation, weighed: Weighed) -> Verdict:
    """T5: what was proved by the key of an activation goes with it to the one that follows."""
    if isinstance(bound, Refused) or ended.device_key is None:
        return bound
    last = weighed.changes[0] if weighed.changes else _last_proof(ended)
    return replace(bound, changes=(*bound.changes, replace(last, activation=bound.activation)))


def key_enrolment(activation: Activation, device_key: bytes | None) -> tuple[EnrolKey, ...]:
    """D6: the change by which a device that shows the password gets another key, or none."""
    if device_key is None or device_key == activation.device_key:
        return ()
    return (EnrolKey(activation, device_key, activation.device_key),)
