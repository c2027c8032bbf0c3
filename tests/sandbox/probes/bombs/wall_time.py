# tries: to run longer than it may, whatever signal comes
# contained: the run ends: wall_time_exceeded
# limits: {"wall_seconds": 2}
# ends: wall_time_exceeded
import signal
import time


def attempt():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        time.sleep(0.1)
    return True
