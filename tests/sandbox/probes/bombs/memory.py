# tries: to take more memory than it may
# contained: the run ends: out_of_memory
# ends: out_of_memory
def attempt():
    return len(bytearray(1200 * 2**20).replace(b"\0", b"x"))
