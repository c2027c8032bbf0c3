# tries: to make a namespace of clocks
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x80)
