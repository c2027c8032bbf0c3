# tries: to leave semaphores behind
# contained: EPERM from the filter
def attempt():
    return reached(64, 0, 1, 0o1600)
