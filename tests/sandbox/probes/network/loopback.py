# tries: to talk to itself over the loopback interface
# contained: EACCES from the filter
import socket


def attempt():
    server = socket.create_server(("127.0.0.1", 0))
    return socket.create_connection(server.getsockname(), timeout=5)
