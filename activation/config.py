"""All settings, each with its bounds and one line of meaning; `cli` and `app` read the environment."""

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from activation.http.wire.addresses import Network
from activation.licensing.identity.sessions import SessionLimits
from activation.licensing.overriding import Bounds
from activation.licensing.privacy.retention import DAY_S, YEAR_S, Keeping
from activation.licensing.weeks import ResetWeek
from activation.service.hooking.signing import read_secret
from activation.service.limiting.limiter import Limits, Pair
from activation.service.mailing.post import Post, read_post

PREFIX: Final = "ACTIVATION_"
Networks = Annotated[tuple[Network, ...], NoDecode]


class Settings(BaseSettings):
    """The server's settings, read from ACTIVATION_… variables."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    port: int = Field(8080, ge=0, le=65535, description="TCP port to listen on")
    host: str = Field(
        "localhost",
        min_length=1,
        description="address to listen on; loopback unless TLS or proxies are named",
    )
    data_dir: Path = Field(
        Path(".activation"), description="folder for the embedded database, keys and pepper"
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL to use; unset: an embedded one in the data folder"
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=256,
        description="worker processes; one per core unless set",
    )
    tls_cert: Path | None = Field(None, description="certificate chain (PEM) for HTTPS")
    tls_key: Path | None = Field(None, description="private key (PEM) for HTTPS")
    trusted_proxies: Networks = Field(
        (), description="addresses or networks whose X-Forwarded-For is believed, by commas"
    )
    metrics_readers: Networks = Field(
        (), description="addresses or networks that may read /metrics beside loopback, by commas"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]{1,253}(/[A-Za-z0-9._~/-]*)?)?$",
        description="where people reach the console, for links in mails; unset: this machine, at `port`",
    )
    issuer: str = Field(
        "softphone-activation", pattern=r"^[A-Za-z0-9._:/-]{1,128}$", description="`iss` of every certificate"
    )
    reset_week: Literal["calendar", "rolling"] = Field(
        "calendar", description="what a week means for resets (R3)"
    )
    reset_zone: str = Field("Europe/Sofia", description="time zone of the calendar week and day (R3, R5)")
    reset_agent_day: int = Field(
        50, ge=0, le=30_000, description="resets a person of staff makes in a day without a second one (R5)"
    )
    reset_license_month: int = Field(
        4, ge=0, le=30_000, description="staff's resets of a licence in 30 days without a second person (R5)"
    )
    online_order_s: int = Field(
        86_400, ge=60, le=90 * 86_400, description="seconds until an unpaid online order is cancelled (P3)"
    )
    limit_account_hour: int = Field(
        30,
        ge=1,
        le=1_000_000,
        description="resets that one credential asks for in an hour; offline requests as many",
    )
    limit_address_hour: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="resets asked for from one address, or /48, in an hour; offline requests as many",
    )
    limit_links_person_hour: int = Field(
        3,
        ge=1,
        le=1_000_000,
        description="links for a forgotten password that one login is asked for in an hour",
    )
    limit_links_address_hour: int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="links for a forgotten password that an address asks for in an hour",
    )
    keep_account_days: int = Field(
        30,
        ge=0,
        le=3660,
        description="days that a closed account's data, or one's without a licence, stay (G2)",
    )
    keep_device_days: int = Field(
        90, ge=90, le=3660, description="days that a device which gave its licence up is known (G2, D4)"
    )
    keep_short_days: int = Field(
        30, ge=1, le=365, description="days for traces, IP addresses, mails, webhooks, ended sessions (G2)"
    )
    keep_billing_years: int = Field(
        10, ge=1, le=30, description="years that bills say to whom they were made out (G2)"
    )
    keep_consent_years: int = Field(5, ge=1, le=30, description="years that an ended consent is kept (G8)")
    keep_requests_years: int = Field(
        3, ge=1, le=30, description="years that answered privacy requests are kept (G4)"
    )
    keep_occasions_years: int = Field(
        3, ge=1, le=30, description="years that it is known who got test licences, by digest (T3, G5)"
    )
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
    allow_undurable: bool = Field(
        False, description="accept a database that may lose commits; for tests only"
    )
    jobs: bool = Field(True, description="do scheduled work here: mails, webhooks, deadlines")
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://USER:PASSWORD@HOST:587 or smtps://…; unset: mails are kept and listed, not sent",
    )
    mail_from: str = Field("", max_length=320, description="who mails come from; needed to send any")
    shop_secret: SecretStr | None = Field(
        None, description="whsec_… that the shop signs its events with (C1); unset: no shop is connected"
    )
    batch_limit: int = Field(256, ge=1, le=4096, description="most attempts in one batch")
    batch_slots: int = Field(2, ge=1, le=64, description="batches under way at once, in each worker")
    queue_limit: int = Field(
        4096, ge=1, le=1_000_000, description="attempts that may wait in each worker; more get 503"
    )
    idle_s: float = Field(
        30.0, gt=0, le=3600, description="seconds for a request's head, and for an idle connection"
    )
    body_s: float = Field(10.0, gt=0, le=600, description="seconds for a request's body")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )

    @field_validator("trusted_proxies", "metrics_readers", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())

    @field_validator("reset_zone")
    @classmethod
    def _know_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"there is no time zone {value!r}") from unknown
        return value

    @model_validator(mode="after")
    def _guard_passwords(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together: set both or neither")
        if self.tls_cert is None and not self.trusted_proxies and not is_local(self.host):
            raise ValueError(
                f"host is {self.host!r} without TLS: passwords would cross the network in the clear. "
                "Set tls_cert and tls_key, or name trusted_proxies, or listen on localhost"
            )
        return self

    @field_validator("shop_secret")
    @classmethod
    def _know_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_secret(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _know_the_post(self) -> "Settings":
        try:
            _ = self.post
        except ValueError as wrong:
            raise ValueError(f"smtp_url and mail_from: {wrong}") from None
        return self

    @property
    def post(self) -> Post | None:
        """Return how mails are sent; None when they are kept."""
        return None if self.smtp_url is None else read_post(self.smtp_url.get_secret_value(), self.mail_from)

    @property
    def shop_key(self) -> bytes | None:
        """Return the key of the shop's signatures, or None when no shop is connected."""
        return None if self.shop_secret is None else read_secret(self.shop_secret.get_secret_value())

    @property
    def week(self) -> ResetWeek:
        """Return what a week means here (R3)."""
        return ResetWeek(self.reset_week, ZoneInfo(self.reset_zone))

    @property
    def bounds(self) -> Bounds:
        """Return how far an agent goes without a second person (R5)."""
        return Bounds(self.reset_agent_day, self.reset_license_month)

    @property
    def limits(self) -> Limits:
        """Return how often what is limited may happen; failed credentials have no setting."""
        each, address = self.limit_account_hour, self.limit_address_hour
        return Limits(
            resets=Pair.hourly("resets", each, address),
            offline=Pair.hourly("offline", each, address),
            links=Pair.hourly("links", self.limit_links_person_hour, self.limit_links_address_hour),
        )

    @property
    def sessions(self) -> SessionLimits:
        """Return how long sessions last."""
        return SessionLimits(
            self.session_staff_idle_s, self.session_idle_s, self.session_staff_s, self.session_s
        )

    @property
    def keeping(self) -> Keeping:
        """Return how long what is known of people is kept (G2)."""
        return Keeping(
            self.keep_account_days * DAY_S,
            self.keep_device_days * DAY_S,
            self.keep_billing_years * YEAR_S,
            self.keep_short_days * DAY_S,
            self.keep_consent_years * YEAR_S,
            self.keep_requests_years * YEAR_S,
            self.keep_occasions_years * YEAR_S,
        )

    @property
    def erasures_file(self) -> Path:
        """Return the file of the erasure ledger (G5)."""
        return self.data_dir / "erasures.jsonl"

    @property
    def site(self) -> str:
        """Return the address that links in mails begin with, without a slash at its end."""
        scheme = "http" if self.tls_cert is None else "https"
        return self.public_url.rstrip("/") or f"{scheme}://localhost:{self.port}"

    @property
    def keys_folder(self) -> Path:
        """Return the folder of signing keys and delegations."""
        return self.data_dir / "keys"

    @property
    def pepper_file(self) -> Path:
        """Return the file of the pepper."""
        return self.data_dir / "pepper.json"


class BadSettingsError(Exception):
    """Settings that cannot be used; the text names each with its reason."""


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment. Raises BadSettingsError naming each bad one."""
    try:
        return Settings(**overrides)
    except ValidationError as wrong:
        raise BadSettingsError("\n".join(_explain(error) for error in wrong.errors())) from None


def is_local(host: str) -> bool:
    """Tell whether a host name or address is loopback."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _explain(error: Any) -> str:
    names = [PREFIX + str(part).upper() for part in error["loc"][:1]]
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{names[0]}: {message}" if names else message
