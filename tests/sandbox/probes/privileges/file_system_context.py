# tries: to make a file system by the new calls
# contained: ENOSYS from the filter
def attempt():
    return reached(430, b"tmpfs", 0)
