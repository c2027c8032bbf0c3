# tries: to make a namespace of System V objects
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x8000000)
