# tries: to leave a file in the file system of message queues
# contained: EACCES or EROFS
import os


def attempt():
    os.close(os.open("/dev/mqueue/probe", os.O_CREAT | os.O_WRONLY))
    return True
