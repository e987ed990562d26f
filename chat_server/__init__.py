"""A chat server for people with terminals. Start reading at `server.py`."""

__version__ = "0.1.0"
