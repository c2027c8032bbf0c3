# tries: to take more memory than it may
# contained: the run ends: out_of_memory
# limits: {"memory_mib": 128}
# ends: out_of_memory
def attempt():
    return len(bytearray(600 * 2**20).replace(b"\0", b"x"))
