# tries: to load a module
# contained: EPERM from the filter
def attempt():
    return reached(175, b"x", 1, b"")
