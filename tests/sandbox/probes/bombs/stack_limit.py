# tries: to have a stack that grows into something else
# contained: the limit cannot be raised
import resource


def attempt():
    resource.setrlimit(resource.RLIMIT_STACK, (2**30, 2**30))
    return True
