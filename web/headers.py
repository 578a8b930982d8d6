"""Headers and coding of every answer: security, language, freshness, compression."""

import gzip
import re

from flask import Response, g, request

from web.endpoint import PLAIN

#: No inline script or style anywhere; map symbols come as data: and blob: images.
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'",
    "img-src 'self' data: blob:", "connect-src 'self'", "worker-src 'self'",
    "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"))
SECURITY = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}
COMPRESSED = re.compile(r"text/|application/json|.*\+(json|xml)$|.*mapbox-vector-tile$")
GZIP_FROM, GZIP_UPTO, GZIP_LEVEL = 1_000, 8 * 1024 * 1024, 5


def dress(response: Response) -> Response:
    """Add what every answer carries; a header that the view has set stays."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    contract = g.get("contract", PLAIN)
    if contract.personal or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(("Cookie", "Authorization", "Accept-Language", "Accept-Encoding"))
    if "language" in g and response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", g.language)
    _freshen(response)
    _compress(response)
    return response


def _freshen(response: Response) -> None:
    """Answer 304 to one who has this already."""
    if (request.method not in ("GET", "HEAD") or response.status_code != 200
            or response.is_streamed or response.cache_control.no_store):
        return
    if not response.direct_passthrough:
        response.add_etag(weak=True)
    response.make_conditional(request)


def _compress(response: Response) -> None:
    """Compress what is worth it; never personal data (BREACH) and never twice."""
    if (response.direct_passthrough or response.is_streamed or response.status_code != 200
            or response.cache_control.no_store or "Content-Encoding" in response.headers
            or not COMPRESSED.match(response.mimetype or "")
            or request.accept_encodings["gzip"] <= 0):
        return
    if GZIP_FROM <= len(body := response.get_data()) <= GZIP_UPTO:
        response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
