# tries: to change where the kernel believes its code is
# contained: EPERM from the filter
def attempt():
    return reached(157, 35, 13, 0, 0, 0)
