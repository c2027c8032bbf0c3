# tries: to change quotas
# contained: EPERM from the filter
def attempt():
    return reached(179, 0, None, 0, None)
