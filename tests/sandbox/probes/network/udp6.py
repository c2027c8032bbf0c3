# tries: to open a UDP socket of IPv6
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
