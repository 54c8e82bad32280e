"""How long people stay signed in, and how much of a worker their passwords take."""

from pydantic import BaseModel, ConfigDict, Field

from activation.licensing.identity.sessions import SessionLimits


class SignInSettings(BaseModel):
    """Sessions, and the slow hashing of passwords."""

    model_config = ConfigDict(frozen=True)

    session_staff_idle_s: int = Field(
        1800, ge=60, le=86_400, description="seconds after which an unused session of staff is over"
    )
    session_staff_s: int = Field(
        12 * 3600, ge=60, le=30 * 86_400, description="seconds that a session of staff lasts at most"
    )
    session_idle_s: int = Field(
        12 * 3600,
        ge=60,
        le=30 * 86_400,
        description="seconds after which an unused session of a reseller's or an end user is over",
    )
    session_s: int = Field(
        7 * 86_400,
        ge=60,
        le=90 * 86_400,
        description="seconds that a session of a reseller's or an end user lasts at most",
    )
    password_hashes: int = Field(
        2, ge=1, le=64, description="passwords hashed at once in each worker, 19 MiB each (Argon2id)"
    )
    password_queue: int = Field(
        32, ge=1, le=4096, description="sign-ins that may wait for that in each worker; more get 503"
    )

    @property
    def sessions(self) -> SessionLimits:
        """Return how long sessions last."""
        return SessionLimits(
            self.session_staff_idle_s, self.session_idle_s, self.session_staff_s, self.session_s
        )
