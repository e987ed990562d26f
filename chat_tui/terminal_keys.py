"""Keys as terminals send them that Textual reads as something else."""

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import Keys


def correct() -> None:
    """Read Alt+Enter as a new line, and Alt with a digit as that.

    Without it Textual takes Alt+Enter for Enter, which sends, in terminals that do not speak the
    protocol of Kitty, and Alt+1 for what iTerm writes with it.
    """
    sequences = ANSI_SEQUENCES_KEYS
    if isinstance(sequences, dict):
        sequences["\x1b\r"] = (Keys.ControlJ,)
        for digit in "0123456789":
            sequences.pop(f"\x1b{digit}", None)
