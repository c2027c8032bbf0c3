# tries: to open a raw IP socket
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
