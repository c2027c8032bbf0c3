import time

for _ in range(3):
    time.sleep(0.3)  # the reader must be there before the first line, and each line alone on its way
    print(time.time(), flush=True)
