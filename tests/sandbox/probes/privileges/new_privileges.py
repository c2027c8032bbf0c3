# tries: to gain rights by executing a program that has them
# contained: no_new_privs is set
def attempt():
    with open("/proc/self/status") as status:
        return "NoNewPrivs:\t0" in status.read()
