"""Which network addresses count as one, so that nobody escapes a mute by taking another."""

import ipaddress


def counted(host: str) -> str:
    """Return what a host's address counts as; "" for this machine, and for what is no address.

    Of IPv6 its first 64 bits, because whoever has one address there has all that share them
    (RFC 6177).
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.IPv6Network((address, 64), strict=False)
            return "" if address.is_loopback else str(network)
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)
