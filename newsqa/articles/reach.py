"""What a fetch may reach: public addresses only, checked on the very address that is connected to.

A name is looked up once, all that it resolves to is checked, and the connection is made to one of
the addresses that were checked: a name that answers differently a moment later gains nothing.
TLS and the Host header still go by the name.  Every redirect passes through here again.

Where the environment names a proxy, the proxy looks names up and connects in our stead: it is
asked only for names that are public or not known here, and what it reaches is its owner's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
import urllib.request
from collections.abc import Callable
from typing import TypeAlias

import httpx

from newsqa.errors import SourceError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

TRIED = 4
"""Addresses of one name that are tried, each with an equal share of the time."""

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out to the public."""
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_KINDS = ("unspecified", "loopback", "link_local", "multicast", "private", "site_local", "reserved")


def trouble(address: str) -> str | None:
    """Why an IP address is not public ("a loopback address"), or None where it is."""
    found = ipaddress.ip_address(address.partition("%")[0])
    meant = _meant(found)
    if _is_public(meant):
        return None
    kind = next((kind for kind in _KINDS if getattr(meant, f"is_{kind}", False)), "non-public")
    through = f"a form of {meant}, " if meant != found else ""
    article = "an" if kind[0] in "aeiou" else "a"
    return f"{through}{article} {kind.replace('_', '-')} address"


def _is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and address not in _DOCUMENTATION
    return not address.is_reserved


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one only carries, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    # The second: the deprecated "IPv4-compatible" form.
    if address in _NAT64 or 1 < int(address) < 1 << 32:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class Guarded(httpx.AsyncBaseTransport):
    """Sends requests to public addresses, or to all where private ones are allowed."""

    def __init__(self, *, allow_private: bool):
        self._allow_private = allow_private
        self._tls = httpx.create_ssl_context()
        self._transports: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One answer, redirects not followed; raises SourceError for what may not be reached."""
        proxy = _proxy_of(request.url)
        transport = self._transport(proxy)
        if self._allow_private:
            return await transport.handle_async_request(request)
        host = request.url.raw_host.decode("ascii")
        try:
            addresses = await _look_up(host)
        except OSError:
            if proxy is None:
                raise
            addresses = []  # known to the proxy at best
        for address in addresses:
            _check(host, address)
        if proxy is not None:
            return await transport.handle_async_request(request)
        return await _ask(transport, request, host, addresses[:TRIED])

    def _transport(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy not in self._transports:
            # No connection is kept: one that was made for a host is never used for another.
            limits = httpx.Limits(max_keepalive_connections=0)
            try:
                self._transports[proxy] = httpx.AsyncHTTPTransport(
                    verify=self._tls, proxy=proxy, limits=limits
                )
            except (ImportError, ValueError) as error:
                raise SourceError(f"the environment's proxy can't be used: {error}") from error
        return self._transports[proxy]

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()


def _check(host: str, address: str) -> None:
    reason = trouble(address)
    if reason is None:
        return
    where = reason if host == address else f"at {address}, {reason}"
    raise SourceError(
        f"{host} is {where}, and only public ones are fetched from: where you mean it, allow it "
        "with --allow-private, or with private_addresses = true under [loading] in the settings"
    )


async def _ask(
    transport: httpx.AsyncHTTPTransport, request: httpx.Request, host: str, addresses: list[str]
) -> httpx.Response:
    """The answer of the first address that can be connected to."""
    extensions = dict(request.extensions)
    extensions["sni_hostname"] = host
    timeout = dict(extensions.get("timeout") or {})
    if timeout.get("connect"):
        timeout["connect"] /= len(addresses)
    extensions["timeout"] = timeout
    failed: httpx.TransportError | None = None
    for address in addresses:
        direct = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # with the name as Host
            stream=request.stream,
            extensions=extensions,
        )
        try:
            return await transport.handle_async_request(direct)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failed = error
    assert failed is not None
    raise failed


async def _look_up(host: str) -> list[str]:
    """All IP addresses of a name, in the system's order of preference; OSError where none.

    In a thread that nobody waits for: a resolver that hangs holds up neither the time limit
    nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def deliver(settle: Callable[[], None]) -> None:
        def unless_given_up() -> None:
            if not answer.done():
                settle()

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(unless_given_up)

    def run() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            deliver(lambda: answer.set_result(addresses))
        except Exception as error:  # handed to whoever waits
            failure = error
            deliver(lambda: answer.set_exception(failure))

    threading.Thread(target=run, name="newsqa-look-up", daemon=True).start()
    return await answer


def _proxy_of(url: httpx.URL) -> str | None:
    """The proxy that the environment names for an address."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
