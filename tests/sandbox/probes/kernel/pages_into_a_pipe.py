# tries: to give pages to a pipe, as exploits do
# contained: EPERM from the filter
import os


def attempt():
    reading, writing = os.pipe()
    return reached(278, writing, None, 0, 0)
