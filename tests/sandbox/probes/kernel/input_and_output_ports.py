# tries: to talk to the machine's ports
# contained: EPERM from the filter
def attempt():
    return reached(173, 0x80, 1, 0)
