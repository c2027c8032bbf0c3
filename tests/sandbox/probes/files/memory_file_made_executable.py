# tries: to make a memory file that may be executed
# contained: EACCES from the filter
def attempt():
    return reached(319, b"probe", 0x10)
