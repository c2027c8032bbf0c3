# tries: to use a file as memory
# contained: EPERM from the filter
def attempt():
    return reached(167, None, 0)
