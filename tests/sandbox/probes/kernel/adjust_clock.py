# tries: to slow the clock down
# contained: EPERM from the filter
def attempt():
    return reached(159, None)
