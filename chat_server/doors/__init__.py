"""Bytes and lines, lines and events: what goes over a connection, without the connection.

Each way to speak is a door, and a row of the table; `door.py` says what a door is.
"""

from chat_server.doors.door import Door, Part, Reader, part, render
from chat_server.doors.json import JsonDoor
from chat_server.doors.text import TextDoor
from chat_server.protocol.events import Format

__all__ = ["DOORS", "JSON", "TEXT", "Door", "Part", "Reader", "part", "render"]

TEXT: Door = TextDoor()
JSON: Door = JsonDoor()
DOORS: dict[Format, Door] = {door.name: door for door in (TEXT, JSON)}
