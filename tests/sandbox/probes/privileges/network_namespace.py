# tries: to make a namespace of networks
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x40000000)
