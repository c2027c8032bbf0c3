"""Turns a Python that is about to run main.py into one that waits for main.py.

`site` imports this module while the interpreter starts, before `__main__` and `sys.path[0]` exist. It imports the
heavy packages, tells the runner that it is ready, waits for the request, and removes every trace of itself. Then
CPython goes on by its own rules with the file it was started with: tracebacks, exit codes, atexit, threads and
`multiprocessing` are CPython's own because nothing of ours is on the stack.

The other end of the conversation is images/python/runner/interpreter.cpp.
"""


def _wait_for_request():
    import os
    import sys

    if "ONESHOT_SCRATCH_DIR" not in os.environ:
        return  # a Python that the program started, or a person's: an ordinary one
    plain_modules = set(sys.modules)
    import _contextvars
    import atexit
    import gc

    # Before the preload: what libraries hold of the standard library must be what the program gets when it imports it.
    for name in set(sys.modules) - plain_modules:
        del sys.modules[name]

    control, landlock_rules = 3, 4
    bootstrap_path = os.environ.pop("PYTHONPATH").split(os.pathsep)
    preload = os.environ.pop("ONESHOT_PRELOAD").split(",")
    scratch_dir = os.environ.pop("ONESHOT_SCRATCH_DIR")
    has_landlock = os.environ.pop("ONESHOT_LANDLOCK", "") == "1"

    def say(kind, text):
        os.write(control, f"{kind} {text}\n".encode())

    def fail(text):
        say("failed", " ".join(text.split()))
        os._exit(1)

    def read_exactly(count):
        data = b""
        while len(data) < count:
            piece = os.read(control, count - len(data))
            if not piece:
                os._exit(0)  # the runner is gone
            data += piece
        return data

    def read_field():
        return read_exactly(int.from_bytes(read_exactly(4), "big"))

    def is_request_coming():
        os.set_blocking(control, False)
        try:
            # "!", or nothing when the runner died, which the next read notices too.
            return os.read(control, 1) is not None
        except BlockingIOError:
            return False
        finally:
            os.set_blocking(control, True)

    def preload_modules():
        """Returns whether the request came meanwhile, which ends the preload."""
        gc.disable()  # imports make little garbage, and looking for it takes a twentieth of their time
        for name in filter(None, preload):
            if is_request_coming():
                return True
            try:
                __import__(name)
            except Exception as error:
                fail(f"cannot preload {name}: {error!r}")
            say("preloaded", name)
        if is_request_coming():
            return True
        try:
            import oneshot_warm_up  # noqa: F401
        except Exception as error:  # a loss of time, no reason to run nothing
            print(f"warming up: {error!r}", file=sys.stderr, flush=True)
        sys.modules.pop("oneshot_warm_up", None)
        return False

    def spare_preloaded_modules():
        """Takes them out of the interpreter's teardown, which would spend 10 ms of CPU time on clearing them.

        Called after everything else that is registered with atexit, because it is registered first.
        """
        for name in preloaded_modules:
            immortal.append(sys.modules.pop(name, None))

    def restrict_itself():
        """The rules that leave nothing writable were made by the runner; only the process itself can put them on."""
        restrict_self = 446  # landlock_restrict_self, on every architecture
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(restrict_self, landlock_rules, 0) != 0:
            fail(f"Landlock: {os.strerror(ctypes.get_errno())}")

    immortal = []
    immortal.append(immortal)  # with gc.freeze() below: a cycle that is never collected
    preloaded_modules = set()
    atexit.register(spare_preloaded_modules)

    before = set(sys.modules)
    # In a context of its own: decimal's, for one, would be found in the program's.
    somebody_waits = _contextvars.copy_context().run(preload_modules)
    for entry in bootstrap_path:
        sys.path.remove(entry)
        sys.path_importer_cache.pop(entry, None)
    preloaded_modules |= set(sys.modules) - before
    if has_landlock:
        import ctypes  # only after the preload, which usually has imported it

        if len(os.listdir("/proc/self/task")) > 1:
            fail("a preloaded module started a thread, which would escape the sandbox's second layer")
    for name in set(sys.modules) - plain_modules - preloaded_modules:
        del sys.modules[name]
    gc.enable()
    if not somebody_waits:  # 40 ms of CPU time after pandas; without it, garbage is frozen with the rest
        gc.collect()
    gc.freeze()  # what is preloaded is never looked at again, by no collection and not at exit
    # The program's own globals must not be frozen: their last collection, at exit, calls what `__del__` is in them.
    main = type(sys)("__main__")
    main.__dict__.update(sys.modules["__main__"].__dict__)
    sys.modules["__main__"] = main

    say("ready", ".".join(map(str, sys.version_info[:3])))
    while read_exactly(1) != b"r":
        pass
    fields = read_field()
    args = []
    while fields:
        size = int.from_bytes(fields[:4], "big")
        args.append(fields[4 : 4 + size])
        fields = fields[4 + size :]
    may_use_scratch = args.pop(0) == b"1"

    if may_use_scratch:
        os.environ["TMPDIR"] = scratch_dir
    elif has_landlock:
        restrict_itself()
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    sys.argv[:] = ["main.py", *map(os.fsdecode, args)]
    sys.orig_argv[1:] = sys.argv
    sys.stdout.reconfigure(line_buffering=True)
    os.close(control)
    if has_landlock:
        os.close(landlock_rules)


_wait_for_request()
del _wait_for_request
