# tries: to restart the machine
# contained: EPERM from the filter
def attempt():
    wrong = 0
    return reached(169, wrong, wrong, wrong, None)
