# tries: to take more memory than it may, in memory files
# contained: the run ends: out_of_memory
# ends: out_of_memory
import os


def attempt():
    file = os.memfd_create("probe")
    for _ in range(1200):
        os.write(file, b"x" * 2**20)
    return True
