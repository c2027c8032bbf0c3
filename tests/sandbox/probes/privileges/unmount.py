# tries: to unmount /proc's covers
# contained: EPERM from the filter
def attempt():
    return reached(166, b"/nowhere", 0)
