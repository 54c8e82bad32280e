"""What a server needs to serve: where it listens, its database, its queues, its mails and the shop."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from activation.http.wire.addresses import Network
from activation.service.hooking.signing import read_secret

Networks = Annotated[tuple[Network, ...], NoDecode]


class ServingSettings(BaseModel):
    """A server and what it is connected with."""

    model_config = ConfigDict(frozen=True)

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
    certificates_kept: int = Field(
        4096,
        ge=0,
        le=1_000_000,
        description="certificates a worker keeps, 2.5 KB each, to answer from memory",
    )
    queue_limit: int = Field(
        4096, ge=1, le=1_000_000, description="attempts that may wait in each worker; more get 503"
    )
    longest_wait_s: float = Field(
        0.12, gt=0, le=60, description="seconds a softphone is let wait under lasting overload; more get 503"
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

    @field_validator("shop_secret")
    @classmethod
    def _know_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_secret(value.get_secret_value())
        return value
