"""The security headers of every answer, whether a route, the edge, Chalice or API Gateway makes it.

After OWASP's ASVS 5.0, section V3.4. An answer that browsers show or run, as pages are, says its own policy instead.
"""

from __future__ import annotations

STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
"""A year, the least that ASVS 3.4.1 asks for, and all names below the API's own. Browsers heed it over https only
(RFC 6797, section 8.1), so it does nothing to a stage on http://localhost."""

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Of what is data: opened as a page it loads, sends and runs nothing, and nobody frames it."""

SECURITY_HEADERS = {
    "Strict-Transport-Security": STRICT_TRANSPORT,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    # For what other sites embed without asking. Who may ask is CORS' to say, and it does not look at this one:
    # https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
