"""Long answers in pieces, so that nobody has to be given one whole."""

from collections.abc import Iterable, Iterator

PAGE = 16 * 1024
"""Bytes from which on a page is full."""
KEPT = 1024
"""Rendered messages that are kept for the next who asks: all that a history gives."""


def in_pages(items: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Gather items until they fill a page."""
    page: list[bytes] = []
    size = 0
    for item in items:
        page.append(item)
        size += len(item)
        if size >= PAGE:
            yield page
            page, size = [], 0
    if page:
        yield page
