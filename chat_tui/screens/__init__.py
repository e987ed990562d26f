"""What fills the terminal: the chat, and its help."""
