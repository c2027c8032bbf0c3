# tries: to bind a socket to a name
# contained: EACCES or EROFS
import socket


def attempt():
    socket.socket(socket.AF_UNIX).bind("/tmp/socket")
    return True
