# tries: to open a socket to the kernel's cryptography
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
