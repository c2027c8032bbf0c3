"""What a program cannot do here: write files, open sockets, see another program."""

import os
import socket

try:
    open("/tmp/x", "w")
except OSError as error:
    print("open:", error.strerror)

try:
    socket.create_connection(("1.1.1.1", 53), timeout=2)
except OSError as error:
    print("socket:", type(error).__name__)

print("root:", os.getuid() == 0)
