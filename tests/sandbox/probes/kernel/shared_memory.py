# tries: to leave memory behind that outlives the process
# contained: EPERM from the filter
def attempt():
    return reached(29, 0, 4096, 0o1600)
