# tries: to read its session's keys
# contained: EPERM from the filter
def attempt():
    return reached(250, 0, -3, 1)
