# tries: to open a device that is not one of the harmless ones
# contained: there are none
# weak: privileged
import os


def attempt():
    for name in ("mem", "kmsg", "kvm", "fuse", "net/tun", "loop-control", "vda", "sda", "nvme0n1"):
        try:
            os.close(os.open(os.path.join("/dev", name), os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            continue
        return name
