"""OpenID Connect for an office that has an identity provider: the code flow, verified.

Code flow with PKCE (RFC 7636), state and nonce; the ID token's signature, issuer, audience,
time and nonce are checked before its subject is believed (OpenID Connect Core 1.0, 3.1.3.7).
Knows nothing of users: who a subject is here stands in ``models.identities``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from desk.security.provider import Provider, SignInError, safe

log = logging.getLogger("hotich.desk")

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by a key of the provider's; never "none", never our own secret."""
LIFETIME = 600.0
"""Seconds that somebody may take at the provider's page."""
_LEEWAY = 60
"""Seconds that two clocks may differ."""
_KEPT = 600
"""Seconds for which what a provider says of itself is believed."""
_TIMEOUT = 5.0
_AWAY = 5.0
"""Seconds after which a provider that did not answer is asked again: whoever comes meanwhile is
told at once, for nobody needs a log-in to ask, and each would hold a thread."""
_asking = threading.Lock()
_failed: dict[str, tuple[float, SignInError]] = {}


@dataclass(frozen=True)
class Asked:
    """What has to come back the same from the provider's page; lies in a signed cookie."""

    state: str
    nonce: str
    verifier: str
    path: str
    """Where to go on to."""
    at: float


def begin(provider: Provider, back: str, path: str) -> tuple[str, Asked]:
    """Address of the provider's page, and what to remember until the answer comes.

    Raises:
        SignInError: the provider does not answer, or not as itself.
    """
    asked = Asked(
        secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), path,
        time.time(),
    )  # fmt: skip
    address = prepare_grant_uri(
        _said(provider)["authorization_endpoint"], provider.client_id, "code",
        redirect_uri=back, scope="openid", state=asked.state, nonce=asked.nonce,
        code_challenge=create_s256_code_challenge(asked.verifier), code_challenge_method="S256",
    )  # fmt: skip
    return str(address), asked


def subject_of(provider: Provider, asked: Asked, back: str, state: str, code: str) -> str:
    """The subject that a code stands for.

    Raises:
        SignInError: the answer is not ours or too old, the provider refuses the code, or its
            token is not proved.
    """
    if not hmac.compare_digest(state.encode(), asked.state.encode()):
        raise SignInError("stale", "another state")
    if not 0 <= time.time() - asked.at <= LIFETIME:
        raise SignInError("stale", "too late")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "client_id": provider.client_id, "code_verifier": asked.verifier,
    }  # fmt: skip
    # Encoded before it is put together: RFC 6749, 2.3.1.
    pair = (quote_plus(provider.client_id), quote_plus(provider.client_secret))
    who = pair if provider.client_secret else None
    said = _said(provider)
    told = _json("POST", said["token_endpoint"], data=form, auth=who)
    token = told.get("id_token")
    if not isinstance(token, str):
        raise SignInError("refused", "no ID token")
    return _verified(token, provider, asked.nonce)


def seal(asked: Asked, key: bytes) -> str:
    """As the text of a cookie that only this home can have written."""
    text = base64.urlsafe_b64encode(json.dumps(asdict(asked)).encode())
    return f"{text.decode()}.{_signature(text, key)}"


def unseal(sealed: str, key: bytes) -> Asked:
    """What was remembered.

    Raises:
        SignInError: nothing was, or somebody else wrote it.
    """
    text, dot, signature = sealed.partition(".")
    if not dot or not hmac.compare_digest(
        signature.encode(), _signature(text.encode(), key).encode()
    ):
        raise SignInError("stale", "no cookie of ours")
    return Asked(**json.loads(base64.urlsafe_b64decode(text)))


def _signature(text: bytes, key: bytes) -> str:
    return hmac.new(key, b"sign-in\n" + text, hashlib.sha256).hexdigest()


def _verified(token: str, provider: Provider, nonce: str) -> str:
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )  # fmt: skip
    try:
        try:
            claims = _claims(token, provider)
        except InvalidKeyIdError:  # the provider has changed its keys since we asked
            _key_set.cache_clear()
            claims = _claims(token, provider)
        registry.validate(claims)
    except (JoseError, ValueError) as error:
        raise SignInError("unproved", repr(error)) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise SignInError("unproved", "meant for another client")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise SignInError("unproved", "no subject")
    return str(claims["sub"])


def _claims(token: str, provider: Provider) -> dict[str, Any]:
    return jwt.decode(token, _keys(provider), algorithms=list(ALGORITHMS)).claims


def _said(provider: Provider) -> dict[str, str]:
    """What a provider says of itself, believed for some minutes."""
    with _asking:
        until, error = _failed.get(provider.issuer, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise SignInError(error.why, error.detail)
        try:
            return _discovered(provider.issuer, int(time.time() // _KEPT))
        except SignInError as error:
            _failed[provider.issuer] = (time.monotonic() + _AWAY, error)
            raise


def _keys(provider: Provider) -> KeySet:
    return _key_set(_said(provider)["jwks_uri"], int(time.time() // _KEPT))


@lru_cache(maxsize=4)
def _discovered(issuer: str, _age: int) -> dict[str, str]:
    told = _json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise SignInError("unproved", "the provider calls itself otherwise")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(told.get(name), str) or not safe(told[name]):
            raise SignInError("unproved", f"no safe {name}")
    return told


@lru_cache(maxsize=4)
def _key_set(address: str, _age: int) -> KeySet:
    try:
        return KeySet.import_key_set(_json("GET", address))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError) as error:
        raise SignInError("unproved", repr(error)) from error


def _json(method: str, address: str, **more: Any) -> dict[str, Any]:
    try:
        reply = httpx.request(
            method, address, timeout=_TIMEOUT, headers={"accept": "application/json"}, **more
        )
    except httpx.HTTPError as error:
        raise SignInError("unreachable", repr(error)) from error
    if reply.status_code >= 500:
        raise SignInError("unreachable", f"{address}: {reply.status_code}")
    try:
        told = reply.json()
    except ValueError:
        told = None
    if reply.status_code != 200 or not isinstance(told, dict):
        raise SignInError("refused", f"{address}: {reply.status_code}")
    return told
