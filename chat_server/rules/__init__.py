"""The rules of the chat, and the state that they change: a pure function of entries."""
