"""Who may talk to the demo page's server: the pages it serves itself, on this machine, and nobody else.

The server hands out tokens, so being bound to loopback is not enough: a page of another origin could post to it, and
one whose name was made to resolve to this machine (DNS rebinding) could read its answers. Promises: a request under
another host name, a call of the interface from another origin and a POST that does not say its origin are refused; no
header lets another origin read; every answer carries the policy below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Middleware

from cornerman.livekit_server import ServerAddress

INTERFACE = "/api/"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def security_headers(server: ServerAddress, hosts: Iterable[str]) -> dict[str, str]:
    """What every answer says to the browser. Scripts and styles come from the page's own files only; connections go
    to this server and to the LiveKit server; the panel may be framed by these pages, under any of the server's names.
    """
    own = " ".join(f"http://{host}" for host in sorted(hosts))
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "media-src": "'self' blob: mediastream:",
        "worker-src": "'self' blob:",
        "connect-src": f"'self' {server.url} {server.http_url}",
        "frame-src": own,
        "frame-ancestors": own,
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "microphone=(self), display-capture=(self), camera=(self), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "cornerman",
    }


def only_own_pages(allowed_hosts: Callable[[], frozenset[str]]) -> Middleware:
    """Middleware that refuses whoever is not a page of ours. The hosts are asked for late: the port is not known
    before the server listens.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = allowed_hosts()
        if request.headers.get("Host", "") not in hosts:
            return refused("this server answers on this machine only")
        if request.path.startswith(INTERFACE) and not _of_own_page(request, hosts):
            return refused("this interface is for the demo's own pages")
        return await handler(request)

    return guard


def _of_own_page(request: web.Request, hosts: frozenset[str]) -> bool:
    """A browser says the origin with every POST, and with what it fetches where it comes from."""
    origin = request.headers.get("Origin")
    if origin is None:
        from_here = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        return request.method in {"GET", "HEAD"} and from_here
    return origin in {f"http://{host}" for host in hosts}


def refused(why: str) -> web.Response:
    """403, with the reason."""
    return web.json_response({"error": why}, status=403)
