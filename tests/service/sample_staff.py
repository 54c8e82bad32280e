"""People of staff who act, as their token lets them, and end users with devices."""

from dataclasses import dataclass
from typing import Any

from activation.licensing.roles import Act
from activation.licensing.verdicts import Filed, Refused
from activation.service.acting import Answer, Wanted, act
from activation.service.activating.activations import Certified, activate
from activation.service.desk import Desk
from activation.service.identity.identifying import TokenShown
from activation.service.provisioning import MadeAccount, MadeUser
from activation.service.resetting.approving import approve, decline
from activation.service.resetting.exposure import see_exposure
from activation.service.resetting.staff_resets import ask_replacement, list_resets, reset_by_staff
from activation.service.resetting.undoing import undo


@dataclass
class Agent:
    """A person of staff; each method is one act, and returns what the use case answered."""

    office: Any
    made: MadeUser
    desk: Desk

    @property
    def staff_id(self) -> int:
        return self.made.user_id

    async def do(self, what: Act, run, token: str | None = None):
        said: list[Any] = []

        async def keep(work):
            done = await run(work)
            said.append(done)
            return done if isinstance(done, Refused) else Answer(200, "text/plain", b"")

        def tell(refused):
            said.append(refused)
            return Answer(400, "text/plain", b"")

        await act(
            self.desk, self.office.caller(), Wanted(TokenShown(token or self.made.token), what), keep, tell
        )
        return said[-1]

    async def reset(self, license_id, reason="device_lost", note="on a train"):
        return await self.do(Act.RESET, lambda work: reset_by_staff(work, license_id, reason, note))

    async def replace(self, license_id):
        return await self.do(
            Act.REPLACE, lambda work: ask_replacement(work, license_id, "device_lost", "offline")
        )

    async def approve(self, reset_id):
        return await self.do(Act.APPROVE, lambda work: approve(work, reset_id))

    async def decline(self, reset_id):
        return await self.do(Act.APPROVE, lambda work: decline(work, reset_id))

    async def undo(self, reset_id):
        return await self.do(Act.RESET, lambda work: undo(work, reset_id))

    async def list(self, state):
        return await self.do(Act.SEE_RESETS, lambda work: list_resets(work, state))

    async def look(self, license_id):
        return await self.do(Act.SEE_RESETS, lambda work: see_exposure(work, license_id))


@dataclass
class Customer:
    """An end user with an account."""

    office: Any
    made: MadeAccount
    desk: Desk

    async def activate(self, name="laptop", **fields):
        wish = self.office.wish(name, **fields)
        return await activate(self.desk, self.office.caller(), self.made.login, self.made.password, wish)

    async def certified(self, name="laptop", **fields) -> Certified:
        done = await self.activate(name, **fields)
        assert isinstance(done, Certified), done
        return done


async def hire(office, role: str = "support", desk: Desk | None = None) -> Agent:
    return Agent(office, await office.staff(role), desk or office.desk)


async def welcome(office, licenses: int = 1, desk: Desk | None = None) -> Customer:
    return Customer(office, await office.account(licenses), desk or office.desk)


def code(done: Any) -> str:
    refused = done.refused if isinstance(done, Filed) else done
    assert isinstance(refused, Refused), refused
    return refused.code
