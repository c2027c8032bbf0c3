# tries: to open a socket for whole Ethernet frames
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
