# tries: to ask for a key
# contained: EPERM from the filter
def attempt():
    return reached(249, b"user", b"probe", None, -2)
