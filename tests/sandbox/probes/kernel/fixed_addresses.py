# tries: to have its memory at known addresses
# contained: EPERM from the filter
def attempt():
    return reached(135, 0x40000)
