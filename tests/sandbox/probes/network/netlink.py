# tries: to open a socket to the kernel's network settings
# contained: EACCES from the filter
import socket


def attempt():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
