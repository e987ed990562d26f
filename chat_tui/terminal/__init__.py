"""The terminal and its desktop, and each correction of how Textual drives them, with its reason."""
