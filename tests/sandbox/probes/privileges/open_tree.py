# tries: to take a part of the file system along
# contained: ENOSYS from the filter
def attempt():
    return reached(428, -100, b"/", 1)
