# tries: to find a descriptor that the bootstrap left open
# contained: only the three standard streams are open
import os


def attempt():
    return [number for number in map(int, os.listdir("/proc/self/fd")) if number > 2 and os.path.exists(f"/proc/self/fd/{number}")]
