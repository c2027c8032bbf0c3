# tries: to rename a directory
# contained: EACCES or EROFS
import os


def attempt():
    os.rename("/srv", "/srv2")
    return True
