# tries: to leave a core dump
# contained: the limit is 0 and cannot be raised
import resource


def attempt():
    resource.setrlimit(resource.RLIMIT_CORE, (2**30, 2**30))
    return True
