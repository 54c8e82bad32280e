"""All settings, each with its bounds and one line of meaning; `cli` and `app` read the environment.

Here they come together, and what follows from several of them:

* `serving`: what a server needs to serve
* `limits`: how often something may be done
* `keeping`: how long what is known of people is kept
* `signing_in`: sessions and passwords
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from activation.config.keeping import KeepingSettings
from activation.config.limits import LimitSettings
from activation.config.serving import ServingSettings
from activation.config.signing_in import SignInSettings
from activation.service.hooking.signing import read_secret
from activation.service.mailing.post import Post, read_post

PREFIX: Final = "ACTIVATION_"


class Settings(SignInSettings, KeepingSettings, LimitSettings, ServingSettings, BaseSettings):
    """The server's settings, read from ACTIVATION_… variables."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

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
