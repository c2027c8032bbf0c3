# tries: to make a namespace of control groups
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x2000000)
