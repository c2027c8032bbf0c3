# tries: to have more threads than it may
# contained: the run ends: process_limit_exceeded
# limits: {"wall_seconds": 15}
# ends: process_limit_exceeded
import threading
import time


def attempt():
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
    time.sleep(1)
    return threading.active_count() > 100
