"""One run of the binary against a kernel of this process."""

from __future__ import annotations

import os
import selectors
import shlex
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from gdr import program

Answer = Callable[[Any], Any]
"""From a frame, (metadata, tensors), to the reply."""

RELAY = '"$GDR_PYTHON" -S -E "$GDR_RELAY"'
"""As saved findings have it: without the paths of one machine."""

GLANCE = 0.02  # seconds between looks whether the binary has ended


@dataclass(frozen=True)
class Ended:
    code: int
    output: str
    errors: str


def run(arguments: list[str], answer: Answer) -> Ended:
    """Runs the binary with these arguments and answers its frames until it ends."""
    # The address of a socket has a hundred bytes at most.
    room = "/tmp" if len(tempfile.gettempdir()) > 70 else None
    with tempfile.TemporaryDirectory(prefix="gdr-", dir=room) as folder, socket.socket(socket.AF_UNIX) as door:
        place = Path(folder)
        address = str(place / "s")
        door.bind(address)
        door.listen()
        environment = os.environ | {
            "GDR_SOCKET": address,
            "GDR_PYTHON": sys.executable,
            "GDR_RELAY": str(Path(__file__).with_name("relay.py")),
        }
        with open(place / "out", "wb") as out, open(place / "err", "wb") as err:
            # A session of its own: an interrupt from the keyboard is for this process, which then ends that one.
            process = subprocess.Popen(
                [program.path(), *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True,
            )  # fmt: skip
            try:
                serve(door, process, answer)
            finally:
                end(process)
        return Ended(process.returncode, text(place / "out"), text(place / "err"))


def serve(door: socket.socket, process: subprocess.Popen[bytes], answer: Answer) -> None:
    """Answers in this thread, one frame after the other, whoever of the relays asks."""
    from gdr.workers.worker import read_frame, write_frame

    with selectors.DefaultSelector() as selector:
        selector.register(door, selectors.EVENT_READ)
        try:
            while process.poll() is None:
                for key, _ in selector.select(GLANCE):
                    if key.fileobj is door:
                        connection = door.accept()[0]
                        selector.register(connection, selectors.EVENT_READ, connection.makefile("rwb"))
                        continue
                    try:
                        frame = read_frame(key.data)
                        if frame is not None:
                            write_frame(key.data, *answer(frame))
                            continue
                    except OSError:
                        pass  # the relay was ended, and its frame with it
                    close(selector, key)
        finally:
            for key in list(selector.get_map().values()):
                if key.fileobj is not door:
                    close(selector, key)


def close(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    selector.unregister(key.fileobj)
    key.fileobj.close()  # type: ignore[union-attr]
    try:
        key.data.close()
    except OSError:
        pass  # what was not written yet


def end(process: subprocess.Popen[bytes]) -> None:
    """What it started ends with it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def text(path: Path) -> str:
    return path.read_text(errors="replace")


def against(name: str) -> list[str]:
    """The flags that make the kernel the one that is tested."""
    return ["--against", f"{name}={RELAY}"]


def quoted(words: list[str]) -> str:
    """For a person's shell."""
    return " ".join(shlex.quote(word) for word in words)
