# tries: to read the environment of the runner
# contained: EPERM or EACCES
import os


def attempt():
    with open(f"/proc/{os.getppid()}/environ", "rb") as environment:
        return environment.read()
