"""The chat as plain text: by lines on the standard streams, and a conversation in a file."""
