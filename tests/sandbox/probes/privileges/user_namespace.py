# tries: to make a namespace of users
# contained: EPERM from the filter
def attempt():
    return reached(272, 0x10000000)
