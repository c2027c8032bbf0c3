# tries: to have memory that the kernel does not see
# contained: ENOSYS from the filter
def attempt():
    return reached(447, 0)
