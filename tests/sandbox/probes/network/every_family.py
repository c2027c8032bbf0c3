# tries: to find a family of sockets that was forgotten
# contained: EACCES from the filter for all but AF_UNIX
import socket


def attempt():
    found = []
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            found.append(family)
    return set(found) - {socket.AF_UNIX}
