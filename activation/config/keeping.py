"""How long what is known of people is kept (G2)."""

from pydantic import BaseModel, ConfigDict, Field

from activation.licensing.privacy.retention import DAY_S, YEAR_S, Keeping


class KeepingSettings(BaseModel):
    """The terms of retention."""

    model_config = ConfigDict(frozen=True)

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
    keep_user_days: int = Field(
        90,
        ge=1,
        le=3660,
        description="days that suspended staff and closed users of resellers are known by name (G2)",
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
            self.keep_user_days * DAY_S,
        )
