"""Values of a TOML file: checked for their type, and shown in sentences about faults."""


def strings(value: object) -> tuple[str, ...] | None:
    """Take a list of strings, none of them empty; None for anything else."""
    if not isinstance(value, list):
        return None
    parts = tuple(part for part in value if isinstance(part, str) and part)
    return parts if len(parts) == len(value) else None


def shown(value: object) -> str:
    """Show what somebody wrote, without a screenful of it."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."
