"""Servers of IRC, where they are installed, with their limits lifted.

What holds back floods, and looks up who connects, is switched off; but in `guarded_inspircd`.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.contenders.servers import (
    START_SECONDS,
    Missing,
    Running,
    Server,
    free_port,
    process,
)

NOBODY = 65534
NGIRCD = """
[Global]
Name = irc.bench.local
Listen = 127.0.0.1
Ports = {port}
ServerUID = {user}
ServerGID = {user}
MotdPhrase = "hello"
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 86400
[Operator]
Name = bench
Password = bench
[Options]
DNS = no
Ident = no
PAM = no
"""
INSPIRCD = """
<server name="irc.bench.local" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.local">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="600" pingfreq="86400" hardsendq="1G" softsendq="1G" recvq="64M"
         localmax="100000" globalmax="100000" limit="100000" maxconnwarn="no"
         threshold="1000000000" commandrate="1000000000" fakelag="no"
         resolvehostnames="no" useident="no">
<performance softlimit="100000" somaxconn="1024" netbuffersize="65534">
<options casemapping="ascii">
"""
GUARDED = INSPIRCD.replace(
    """pingfreq="86400" hardsendq="1G" softsendq="1G" recvq="64M"
         localmax="100000" globalmax="100000" limit="100000" maxconnwarn="no"
         threshold="1000000000" commandrate="1000000000" fakelag="no"
""",
    """pingfreq="120" hardsendq="1048576" softsendq="10240" recvq="10240"
         localmax="100000" globalmax="100000" limit="10000" maxconnwarn="no"
         threshold="10" commandrate="1000" fakelag="yes"
""",
)
"""What holds back floods as its example has it; limits by address do not hold, as of ours here."""
OF_INSPIRCD = ("inspircd", "--nofork", "--nopid", "--nolog", "--runasroot", "--config")


def ngircd() -> Server:
    """ngIRCd, which is slow on purpose unless an operator asks it not to be."""
    command = ("ngircd", "--nodaemon", "--config")
    return Server("ngircd", "ngircd", lambda folder: _running(folder, command, NGIRCD))


def inspircd() -> Server:
    """InspIRCd."""
    return Server("inspircd", "irc", lambda folder: _running(folder, OF_INSPIRCD, INSPIRCD))


def guarded_inspircd() -> Server:
    """InspIRCd with what holds back floods."""
    return Server("inspircd", "irc", lambda folder: _running(folder, OF_INSPIRCD, GUARDED))


@contextlib.contextmanager
def _running(folder: Path, command: Sequence[str], settings: str) -> Iterator[Running]:
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise Missing("it is not installed")
    port = free_port()
    file = folder / "irc.conf"
    file.write_text(settings.format(port=port, user=os.getuid() or NOBODY))
    begin = time.perf_counter()
    with process(
        (program, *command[1:], str(file)), folder, {}, stdout=subprocess.DEVNULL
    ) as started:
        while not _listens(port):
            if started.poll() is not None:
                raise Missing(f"it does not start: status {started.returncode}")
            if time.perf_counter() > begin + START_SECONDS:
                raise Missing("it does not listen")
            time.sleep(0.001)
        yield Running(started.pid, port, time.perf_counter() - begin)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True
