"""Settings of the desk from the environment (``HOTICH_DESK_…``)."""

from __future__ import annotations

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from desk.security.provider import Provider, safe
from pipeline.errors import SettingsError


class DeskSettings(BaseSettings):
    """Where the desk listens and how long it trusts whom; reasons stand in docs/desk.md."""

    model_config = SettingsConfigDict(env_prefix="HOTICH_DESK_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    """Loopback: an office puts a reverse proxy with TLS in front."""
    port: int = Field(default=8710, ge=0, le=65535)
    """0: any free one."""
    origin: str = ""
    """Address as browsers see it, e.g. ``https://hotich.example``; empty: that of the request."""
    idle_minutes: float = Field(default=60.0, gt=0)
    """A session nobody used for so long ends; drafts stay."""
    session_hours: float = Field(default=12.0, gt=0)
    """The longest a session lasts, used or not: a working day."""
    hold_seconds: float = Field(default=300.0, gt=0)
    """An entry without a sign of life for so long may go to somebody else."""
    test_share: float = Field(default=0.01, ge=0, le=0.2)
    """Share of entries that are unannounced tests."""
    max_body_kilobytes: int = Field(default=1024, ge=16)
    """Larger requests are refused before they are read."""
    max_piece_megabytes: int = Field(default=64, ge=1, le=1024)
    """Largest piece of an upload, and largest page sent as a replacement."""
    upload_gigabytes: float = Field(default=200.0, gt=0)
    """What the open deliveries of one contractor may take on the disk."""
    reserve_gigabytes: float = Field(default=2.0, ge=0)
    """Never filled by uploads: database and reading need room."""
    watch: str = ""
    """Folder or bucket (``/srv/in``, ``s3://bucket/in``) with a folder for each contractor's
    account, from which batches are taken; empty: none."""
    watch_seconds: float = Field(default=30.0, gt=0)
    """How often it is looked at."""
    watch_still_seconds: float = Field(default=300.0, ge=0)
    """A batch with a manifest in which nothing changed for so long is complete."""
    proxies: str = "127.0.0.1"
    """Addresses of reverse proxies whose ``X-Forwarded-…`` is believed, with commas."""

    oidc_issuer: str = ""
    """Address of the office's identity provider (OpenID Connect); empty: passwords alone."""
    oidc_client_id: str = ""
    """What the provider calls this desk."""
    oidc_client_secret: str = ""
    """Empty for a public client: PKCE proves it either way."""
    oidc_name: str = ""
    """What people call the provider, on the button."""

    metrics_token: str = ""
    """What a scraper says (``Authorization: Bearer …``) to read ``/metrics``; empty: nobody may,
    but supervisors who are logged in."""

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, issuer: str) -> str:
        if issuer and not safe(issuer):
            raise ValueError("must begin with https:// (http:// on this machine only)")
        return issuer

    @model_validator(mode="after")
    def _whole_provider(self) -> DeskSettings:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("HOTICH_DESK_OIDC_ISSUER needs HOTICH_DESK_OIDC_CLIENT_ID")
        return self

    @property
    def provider(self) -> Provider | None:
        """The identity provider, None where none is set."""
        if not self.oidc_issuer:
            return None
        return Provider(self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)

    @property
    def secure(self) -> bool:
        """Browsers come by HTTPS: cookies are for it alone."""
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """Name of the session's cookie; ``__Host-`` keeps other hosts from setting it."""
        return "__Host-hotich" if self.secure else "hotich"

    @property
    def lifetime_seconds(self) -> float:
        """Of a session, at the most."""
        return self.session_hours * 3600

    @property
    def idle_seconds(self) -> float:
        """Of a session without a request."""
        return self.idle_minutes * 60


def load_desk_settings() -> DeskSettings:
    """Settings of the environment, read afresh.

    Raises:
        SettingsError: a value cannot be used; names the variable.
    """
    try:
        return DeskSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "HOTICH_DESK_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name.rstrip('_')}: {first['msg']}") from error
