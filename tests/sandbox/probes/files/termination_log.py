# tries: to write what Kubernetes shows as the pod's end
# contained: EACCES or EROFS


def attempt():
    with open("/dev/termination-log", "r+b") as log:
        return log.write(b"forged")
