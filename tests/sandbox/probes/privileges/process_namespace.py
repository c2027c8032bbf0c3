# tries: to make a namespace of processes
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x20000000)
