"""Values of a TOML file: as what they are wanted, and as one shows them."""


def strings(value: object) -> tuple[str, ...] | None:
    """Take a list of strings, none of them empty."""
    if not isinstance(value, list):
        return None
    parts = tuple(part for part in value if isinstance(part, str) and part)
    return parts if len(parts) == len(value) else None


def shown(value: object) -> str:
    """Show what somebody wrote, without a screenful of it."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."
