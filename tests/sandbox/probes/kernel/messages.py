# tries: to leave messages behind
# contained: EPERM from the filter
def attempt():
    return reached(68, 0, 0o1600)
