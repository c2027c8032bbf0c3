# tries: to change the host name
# contained: EPERM from the filter
def attempt():
    return reached(170, b"run", 3)
