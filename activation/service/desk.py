"""What every use case needs, put together once by `app`."""

from collections.abc import Callable
from dataclasses import dataclass, field

from activation.licensing.identity.sessions import SessionLimits
from activation.licensing.overriding import Bounds
from activation.licensing.privacy.retention import Keeping
from activation.licensing.values import value
from activation.licensing.weeks import ResetWeek
from activation.service.batching.batcher import Batcher
from activation.service.batching.settling import Case, Settled
from activation.service.certifying.certificates import CertificateMaker
from activation.service.certifying.key_watching import KeyWatch
from activation.service.certifying.revoking import BulletinBoard
from activation.service.clock import Clock
from activation.service.doors import Door
from activation.service.identity.hashing import SlowHashing
from activation.service.identity.link_requests import LinkRequests
from activation.service.identity.noting import SignInNotes
from activation.service.identity.token_uses import TokenUses
from activation.service.ids import IdSource
from activation.service.limiting.limit_notices import LimitNotices
from activation.service.limiting.limiter import Limiter, Limits
from activation.service.overview.tallying import Tally
from activation.service.peppering.rekeying import Rekeying
from activation.service.peppering.watching import PepperWatch
from activation.service.privacy.ledger import ErasureLedger
from activation.service.tracing.keeping import Traces
from activation.storage.connection import Pool
from activation.storage.products import Catalogue
from crypto.pepper import version_of
from crypto.sealing import SealingKey


@dataclass(slots=True)
class Secrets:
    """Keys derived from the pepper, by what they are for (32 bytes each)."""

    devices: bytes = field(repr=False)
    passwords: bytes = field(repr=False)
    tags: bytes = field(repr=False)
    occasions: bytes = field(repr=False)
    mail: bytes = field(repr=False)
    hooks: bytes = field(repr=False)
    totp: bytes = field(repr=False)
    offline: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    @property
    def version(self) -> int:
        """Return the version of the pepper that they derive from."""
        return version_of(self.devices)


@dataclass(slots=True)
class Desk:
    """The use cases' surroundings in one worker."""

    pool: Pool
    batcher: Batcher[Case, Settled]
    catalogue: Catalogue
    maker: CertificateMaker
    secrets: Secrets
    week: ResetWeek
    ids: IdSource
    keys: KeyWatch
    clock: Clock = field(default_factory=Clock)
    pepper_version: int = 1
    bounds: Bounds = field(default_factory=Bounds)
    notices: LimitNotices = field(default_factory=LimitNotices)
    traces: Traces = field(default_factory=Traces)
    tally: Tally = field(default_factory=Tally)
    online_order_s: int = 86_400
    sealing: SealingKey | None = None
    offline_door: Door = field(default_factory=Door)
    issuer: str = ""
    bulletins: BulletinBoard = field(default_factory=BulletinBoard)
    keeping: Keeping = field(default_factory=Keeping)
    erasures: ErasureLedger | None = None
    token_uses: TokenUses = field(default_factory=TokenUses)
    link_requests: LinkRequests = field(default_factory=LinkRequests)
    public_url: str = ""
    sign_ins: SignInNotes = field(default_factory=SignInNotes)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    hashing: SlowHashing = field(default_factory=SlowHashing)
    limits: Limits = field(default_factory=Limits)
    limiter: Limiter = field(init=False)
    peppers: PepperWatch[Secrets] = field(init=False)
    rekeying: Rekeying = field(default_factory=Rekeying)

    def __post_init__(self) -> None:
        self.limiter = Limiter(self.pool, self.secrets.passwords, self.clock)


@value
class Caller:
    """The name a request goes by in logs and answers, and how to tell its address should it be asked for."""

    trace_id: str
    locate: Callable[[], str]

    @property
    def address(self) -> str:
        """Return the client's address."""
        return self.locate()


@value
class DeviceReading:
    """A device as it describes itself: its components raw, not yet judged."""

    platform: str
    name: str
    components: dict[str, str | list[str]] = field(repr=False)
    public_key: bytes | None = None
