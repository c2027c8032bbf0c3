# Threads and asyncio.

# --- case: threads
import threading
results = []
lock = threading.Lock()
def work(number):
    with lock:
        results.append(number * 2)
threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(results), threading.active_count())

# --- case: a thread that outlives main
# cold
import threading, time
main_is_done = threading.Event()
def late():
    main_is_done.wait()
    print("the thread goes on")
    threading.main_thread().join()
    print("and sees that main has ended")
threading.Thread(target=late).start()
main_is_done.set()

# --- case: a daemon thread is not waited for
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("done")

# --- case: sys.exit in a thread ends only it
import sys, threading
thread = threading.Thread(target=sys.exit, args=(5,))
thread.start()
thread.join()
print("main goes on")

# --- case: threading.excepthook
import threading
threading.excepthook = lambda told: print("hook:", told.exc_type.__name__, told.exc_value, told.thread.name)
thread = threading.Thread(target=lambda: 1 / 0, name="worker")
thread.start()
thread.join()

# --- case: an uncaught exception while a thread runs
import threading
gate = threading.Event()
def late():
    gate.wait()
    print("the thread ends properly")
threading.Thread(target=late).start()
try:
    raise ValueError("main fails")
finally:
    gate.set()

# --- case: starting a thread at exit
import atexit, threading
@atexit.register
def start():
    try:
        thread = threading.Thread(target=print, args=("in the thread",))
        thread.start()
        thread.join()
    except RuntimeError as error:
        print(error)

# --- case: thread pool
import concurrent.futures
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(pow, range(6), [2] * 6)))
    broken = pool.submit(lambda: 1 / 0)
    print(repr(broken.exception()), pool.submit(divmod, 7, 2).result())
broken.result()

# --- case: thread-local and context variables
import contextvars, threading
local, variable = threading.local(), contextvars.ContextVar("v", default="unset")
local.value = "main"
variable.set("main")
def look():
    print(hasattr(local, "value"), variable.get())
thread = threading.Thread(target=look); thread.start(); thread.join()
contextvars.copy_context().run(look)

# --- case: queue, barrier, condition, semaphore, timer
import queue, threading
channel, barrier = queue.Queue(2), threading.Barrier(3)
def work(number):
    barrier.wait()
    channel.put(number)
threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads: thread.start()
print(sorted(channel.get() for _ in threads))
timer = threading.Timer(0.01, print, ["timer"])
timer.start(); timer.join()
try:
    channel.get_nowait()
except queue.Empty as error:
    print(repr(error))

# --- case: asyncio
import asyncio
async def work(name, seconds):
    await asyncio.sleep(seconds)
    print(name)
    return name
async def main():
    print(await asyncio.gather(work("b", 0.02), work("a", 0.01)))
    try:
        await asyncio.wait_for(asyncio.sleep(30), 0.01)
    except TimeoutError as error:
        print(repr(error))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(number, 0)) for number in range(3)]
    print([task.result() for task in tasks], type(asyncio.get_running_loop()).__name__)
asyncio.run(main())

# --- case: asyncio with an exception
import asyncio
async def fail():
    await asyncio.sleep(0)
    raise ValueError("in a coroutine")
async def main():
    await asyncio.create_task(fail())
asyncio.run(main())

# --- case: asyncio with a task group that fails
import asyncio
async def fail(number):
    raise ValueError(number)
async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(2):
            group.create_task(fail(number))
asyncio.run(main())

# --- case: asyncio with an exception nobody looks at
import asyncio
async def fail():
    raise ValueError("never retrieved")
async def main():
    asyncio.create_task(fail(), name="the-task")
    await asyncio.sleep(0.01)
asyncio.run(main())
print("ended")

# --- case: asyncio interrupted by SIGINT
import asyncio, os, signal
async def main():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(30)
    finally:
        print("cleaned up")
asyncio.run(main())

# --- case: asyncio subprocess, threads and a unix socket pair
import asyncio, socket, sys
async def main():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(input()[::-1])", stdin=-1, stdout=-1)
    print(await process.communicate(b"drawer\n"), process.returncode)
    print(await asyncio.to_thread(sum, [1, 2, 3]))
    one, two = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=one)
    two.sendall(b"over the pair\n")
    print(await reader.readline())
    writer.close()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(10, print, "signal handled")
    import os
    os.kill(os.getpid(), 10)
    await asyncio.sleep(0.01)
asyncio.run(main())

# --- case: async generators, iterators and context managers
import asyncio, contextlib
async def count(n):
    try:
        for number in range(n):
            yield number
            await asyncio.sleep(0)
    finally:
        print("generator closed")
@contextlib.asynccontextmanager
async def manager():
    print("enter")
    yield 1
    print("leave")
async def main():
    async with manager() as value:
        print([number + value async for number in count(3)])
    async for number in count(10):
        if number == 1:
            break
asyncio.run(main())
