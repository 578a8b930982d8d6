"""Signing in at an OpenID Connect provider: authorization code with PKCE, and the ID token checked.

Nothing here asks the network unless a provider is configured. What the provider claims beyond who
somebody is (groups, roles) is not even read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spatial.config import Settings
from spatial.errors import InvalidInput, NotSignedIn, Unavailable

BACK = "/sign-in/oidc/back"
TIMEOUT_S, LEEWAY_S = 5, 60
#: Signatures with a public key only: a shared secret or none would let others sign.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
AWAY = "The identity provider does not answer as it should; sign in with a password, or later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider and what it knows us by."""

    issuer: str
    client_id: str
    secret: str
    redirect: str

    def begin(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where to send the browser."""
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoint(self._discover(client), "authorization_endpoint"), state=state,
                nonce=nonce, code_verifier=verifier)
        return str(url)

    def finish(self, *, code: str, nonce: str, verifier: str) -> dict[str, Any]:
        """Trade the code for an ID token; return its claims, each one checked."""
        from authlib.integrations.base_client.errors import OAuthError

        with self._client() as client:
            known = self._discover(client)
            try:
                token = client.fetch_token(
                    self._endpoint(known, "token_endpoint"), code=code, code_verifier=verifier,
                    grant_type="authorization_code", timeout=TIMEOUT_S, allow_redirects=False)
            except OAuthError:
                raise NotSignedIn("The identity provider refused this sign-in; begin again."
                                  ) from None
            except (OSError, ValueError) as error:
                raise Unavailable(AWAY) from error
            keys = self._fetch(client, self._endpoint(known, "jwks_uri"))
        return self._claims(token, keys, nonce)

    def _claims(self, token: dict[str, Any], keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            found = jwt.decode(token["id_token"], KeySet.import_key_set(keys),  # type: ignore[arg-type]
                               algorithms=ALGORITHMS)
            claims = CodeIDToken(found.claims, found.header, {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id}},
                {"nonce": nonce, "client_id": self.client_id,
                 "access_token": token.get("access_token")})
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, KeyError, ValueError, TypeError):
            raise NotSignedIn("The identity provider's answer does not hold; begin again."
                              ) from None
        return dict(claims)

    def _client(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        client = OAuth2Session(
            self.client_id, self.secret, scope="openid email", redirect_uri=self.redirect,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic")
        # No proxy and no .netrc by surprise: a password there would go to the provider.
        client.trust_env = False
        return client

    def _discover(self, client: Any) -> dict[str, Any]:
        known = self._fetch(client, self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if known.get("issuer") != self.issuer:
            raise Unavailable(AWAY)
        return known

    def _endpoint(self, known: dict[str, Any], name: str) -> str:
        url = known.get(name)
        if not isinstance(url, str) or not is_safe(url):
            raise Unavailable(AWAY)
        return url

    def _fetch(self, client: Any, url: str) -> dict[str, Any]:
        try:
            answer = client.request("GET", url, withhold_token=True, timeout=TIMEOUT_S,
                                    allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (OSError, ValueError) as error:
            raise Unavailable(AWAY) from error
        if answer.status_code != 200 or not isinstance(found, dict):
            raise Unavailable(AWAY)
        return found


def provider(settings: Settings) -> Provider | None:
    """Return the provider that the settings name, None where they name none."""
    if not settings.oidc_issuer:
        return None
    for name, url in (("DOORPLATE_OIDC_ISSUER", settings.oidc_issuer),
                      ("DOORPLATE_PUBLIC_URL", settings.public_url)):
        if not is_safe(url):
            raise InvalidInput(f"{name} is {url!r}; an address with https is wanted, or one of "
                               "this machine.")
    try:
        secret = Path(settings.oidc_secret_file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise InvalidInput(f"DOORPLATE_OIDC_SECRET_FILE is {settings.oidc_secret_file!r}; it "
                           "cannot be read.") from None
    return Provider(issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, secret=secret,
                    redirect=settings.public_url.rstrip("/") + BACK)


def is_safe(url: str) -> bool:
    """Tell whether an address is reached encrypted, or lies on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or
                           (parts.scheme == "http" and host in LOOPBACK))
