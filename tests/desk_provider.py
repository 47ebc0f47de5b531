"""A small identity provider on loopback: a real server with real signatures, for tests.

It can be told to lie, so that a desk which believes too much is found out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "desk-of-the-test", "only between these two"


class SmallProvider:
    """Signs in ``subject`` without asking; ``claims`` and ``key`` may be bent by a test."""

    def __init__(self) -> None:
        self.subject = "a3f1-4711"
        self.claims: dict[str, object] = {}
        self.key = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
        self.signs_with = self.key
        self.refuses = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to."""
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        if self.refuses:
            answer = {"error": self.refuses, "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, object] | None:
        """The tokens of a code, once; None where client, address or verifier are not right."""
        asked = self.codes.pop(form.get("code", ""), None)
        pair = f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}"
        wanted = base64.b64encode(pair.encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or authorization != f"Basic {wanted}":
            return None
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": self.subject, "iat": now,
            "exp": now + 300, "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "ES256", "kid": self.signs_with.kid}, claims, self.signs_with)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def described(self) -> dict[str, object]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/authorize":
                    asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("location", provider.authorize(asked))
                    self.end_headers()
                elif parts.path == "/keys":
                    self._say(KeySet([provider.key]).as_dict(private=False))
                else:
                    self._say(provider.described())

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: value[0] for name, value in parse_qs(text).items()}
                told = provider.exchange(form, self.headers.get("authorization", ""))
                self._say(told or {"error": "invalid_grant"}, 200 if told else 400)

            def _say(self, told: object, status: int = 200) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
