# tries: to learn of every file that anybody opens
# contained: EPERM from the filter
def attempt():
    return reached(300, 0, 0)
