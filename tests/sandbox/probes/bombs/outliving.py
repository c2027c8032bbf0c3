# tries: to live on when its run has ended
# contained: everything is killed at the end
# limits: {"wall_seconds": 5}
# watch: 3
import os
import signal
import sys
import time


def attempt():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            time.sleep(1.5)
            os.write(1, b"able\n")
            time.sleep(60)
        os._exit(0)
    os.wait()
    sys.stdout.flush()
    return False
