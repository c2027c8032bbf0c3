# tries: to change a setting of the kernel
# contained: EACCES or EROFS


def attempt():
    with open("/proc/sys/kernel/hostname", "w") as setting:
        return setting.write("other")
