"""The worker that the binary starts: carries bytes between its pipes and the socket that GDR_SOCKET names. Imports little: it starts often."""

import os
import socket
import sys
import threading

SIZE = 1 << 20


def forward(connection: socket.socket) -> None:
    """Requests, until there are no more."""
    while data := os.read(0, SIZE):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def main() -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ["GDR_SOCKET"])
        except (KeyError, OSError) as error:
            sys.exit(f"the process that serves the kernel is not there: {error}")
        threading.Thread(target=forward, args=[connection], daemon=True).start()
        while data := connection.recv(SIZE):
            while data:
                data = data[os.write(1, data) :]


if __name__ == "__main__":
    main()
