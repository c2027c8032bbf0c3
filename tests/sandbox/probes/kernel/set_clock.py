# tries: to set the clock
# contained: EPERM from the filter
def attempt():
    return reached(227, 0, None)
