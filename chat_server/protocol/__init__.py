"""What both sides speak: commands, events, names, and how they are written; alone, without I/O."""
