# tries: to have a capability
# contained: it has none
def attempt():
    with open("/proc/self/status") as status:
        (effective,) = [line.split()[1] for line in status if line.startswith("CapEff")]
    return int(effective, 16)
