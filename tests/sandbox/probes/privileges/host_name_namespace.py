# tries: to make a namespace of host names
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x4000000)
