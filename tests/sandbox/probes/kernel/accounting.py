# tries: to have the kernel write accounts
# contained: EPERM from the filter
def attempt():
    return reached(163, b"/nowhere/at/all")
