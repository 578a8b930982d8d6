"""An OpenID Connect provider on this machine, as honest or as crooked as a test wants it."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT, SECRET = "doorplate", "between-us-two"


class Quiet(WSGIRequestHandler):
    """A handler that writes no line for each request."""

    def log_request(self, *_said: object) -> None:
        """Say nothing."""


class Provider:
    """What it knows, and how it lies: `claims` override, `crooked` names a broken part."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "one"})
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.crooked = ""
        self.asked: dict[str, dict[str, str]] = {}
        self.redirects: set[str] = set()

    def app(self) -> Flask:
        """Return the provider as an application."""
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        app.add_url_rule("/keys", view_func=self.keys)
        app.add_url_rule("/authorize", view_func=self.authorize)
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        return app

    def configuration(self) -> Any:
        issuer = self.issuer + ("/other" if self.crooked == "issuer" else "")
        return jsonify(issuer=issuer, authorization_endpoint=self.issuer + "/authorize",
                       token_endpoint="http://elsewhere.example/token"
                       if self.crooked == "endpoint" else self.issuer + "/token",
                       jwks_uri=self.issuer + "/keys")

    def keys(self) -> Any:
        return jsonify(keys=[self.key.as_dict(private=False)])

    def authorize(self) -> Any:
        """Say yes at once, to a registered address only."""
        if request.args["redirect_uri"] not in self.redirects:
            return "unknown redirect_uri", 400
        code = f"code-{len(self.asked)}"
        self.asked[code] = dict(request.args)
        return redirect(f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}"
                        f"&session_state=x&iss={self.issuer}")

    def token(self) -> Any:
        """Trade a code once, for the right secret and the right verifier."""
        asked = self.asked.pop(request.form["code"], None)
        auth = request.authorization
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (asked is None or auth is None or (auth.username, auth.password) != (CLIENT, SECRET)
                or asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256"
                or asked["redirect_uri"] != request.form["redirect_uri"]):
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 60,
                  "nonce": asked["nonce"], "groups": ["admin"], "role": "admin", **self.claims}
        key = self.stranger if self.crooked == "key" else self.key
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        if self.crooked == "unsigned":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            token = f"{head}.{token.split('.')[1]}."
        return jsonify(access_token="a", token_type="Bearer", id_token=token)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Give a provider that answers on 127.0.0.1."""
    one = Provider()
    server = make_server("127.0.0.1", 0, one.app(), request_handler=Quiet)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
