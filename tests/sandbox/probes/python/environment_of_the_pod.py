# tries: to find the pod's variables in its own first environment
# contained: only the program's variables are there
def attempt():
    with open("/proc/self/environ", "rb") as environment:
        return b"KUBERNETES" in environment.read()
