"""Passwords: argon2id, a length, and none of those that everybody tries first."""

from __future__ import annotations

import secrets
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from pipeline.errors import UserError
from pipeline.texts import Text

SHORTEST = 10
LONGEST = 200
"""Argon2 takes longer texts too; nobody types them, and hashing megabytes costs the server."""
_COMMON = ("password", "matkhau", "12345678", "qwerty", "hotich", "haiphong", "abcdef")
_WORDS = """
ban lua sen tre cau song nui bien gio mua nang cay hoa chim thuyen lang dinh chua ruong vuon
sao trang bao buom muoi cam che ngo khoai dua chanh dao
"""


@lru_cache
def _hasher() -> PasswordHash:
    # OWASP's first choice for argon2id. More memory would let fifty people who log in at eight
    # o'clock take gigabytes of a two-core machine.
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


@lru_cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The argon2id hash of a password that may be used.

    Raises:
        UserError: too short, too long, or too easy.
    """
    if len(password) < SHORTEST or len(password) > LONGEST:
        raise UserError(
            Text(
                "mật khẩu phải có từ {low} đến {high} ký tự",
                "a password needs {low} to {high} characters",
            ).format(low=SHORTEST, high=LONGEST)
        )
    folded = password.casefold()
    if len(set(folded)) < 5 or any(len(folded) < len(one) + 4 for one in _COMMON if one in folded):
        raise UserError(Text("mật khẩu quá dễ đoán", "the password is too easy to guess").format())
    return _hasher().hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password. Takes the same time where there is no such user."""
    try:
        right = _hasher().verify(password[: LONGEST + 1], hashed or _nobodys_hash())
    except (PwdlibError, ValueError):
        return False
    return right and hashed is not None


def invent_password() -> str:
    """Five short words and a number, to be typed once: 41 bits."""
    words = "-".join(secrets.choice(_WORDS.split()) for _ in range(5))
    return f"{words}-{secrets.randbelow(90000) + 10000}"
