# tries: to mount a file system
# contained: EPERM from the filter
def attempt():
    return reached(165, b"none", b"/mnt", b"tmpfs", 0, None)
