"""Every sentence that the chat says to people, made of facts where it is shown, and only there.

What is shown around a sentence, such as "* " before it, is the business of who shows it.
"""

from chat_server.protocol.wording.answers import answered, because, goodbye
from chat_server.protocol.wording.facts import Statement, device, history, moved, statements
from chat_server.protocol.wording.quantities import clock_time, counted, duration, local_time, size
from chat_server.protocol.wording.refusals import LITERAL, fault, refusal

__all__ = [
    "LITERAL",
    "Statement",
    "answered",
    "because",
    "clock_time",
    "counted",
    "device",
    "duration",
    "fault",
    "goodbye",
    "history",
    "local_time",
    "moved",
    "refusal",
    "size",
    "statements",
]
