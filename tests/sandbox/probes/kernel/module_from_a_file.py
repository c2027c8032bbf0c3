# tries: to load a module from a file
# contained: EPERM from the filter
def attempt():
    return reached(313, -1, b"", 0)
