# tries: to take more memory than it may, in many processes
# contained: the run ends: out_of_memory
# ends: out_of_memory|signaled|exited
import os
import time


def attempt():
    children = []
    for _ in range(12):
        child = os.fork()
        if child == 0:
            held = bytearray(b"x") * (100 * 2**20)
            time.sleep(3)
            os._exit(0)
        children.append(child)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)
