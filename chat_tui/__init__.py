"""A full-screen client for the chat. Start reading at `app.py`."""
