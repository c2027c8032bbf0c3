# tries: to open a TCP socket of IPv6
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
