"""Turns a Python that is about to run main.py into one that waits for main.py.

`site` imports this module while the interpreter starts, before `__main__` and `sys.path[0]` exist. It imports the
heavy packages, tells the runner that it is ready, waits for the request, and removes every trace of itself. Then
CPython goes on by its own rules with the file it was started with: tracebacks, exit codes, atexit, threads and
`multiprocessing` are CPython's own because nothing of ours is on the stack.

Once, when the image is built, it stops itself in the middle, where the snapshot is taken (images/python/snapshot). Each
restored process goes on from there.

The other end of the conversation is images/python/runner/interpreter.cpp.
"""


def _wait_for_request():
    import os
    import sys

    if "ONESHOT_PRELOAD" not in os.environ:
        return  # a Python that the program started, or a person's: an ordinary one
    plain_modules = set(sys.modules)
    import _contextvars
    import atexit
    import gc
    import signal

    # Before the preload: what libraries hold of the standard library must be what the program gets when it imports it.
    for name in set(sys.modules) - plain_modules:
        del sys.modules[name]

    control, landlock_rules, displays = 3, 4, 5
    bootstrap_path = os.environ.pop("PYTHONPATH").split(os.pathsep)
    preload = [name for name in os.environ.pop("ONESHOT_PRELOAD").split(",") if name]
    is_snapshot_taken = "ONESHOT_TAKE_SNAPSHOT" in os.environ

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

    def fields_of(data):
        fields = []
        while data:
            size = int.from_bytes(data[:4], "big")
            fields.append(data[4 : 4 + size])
            data = data[4 + size :]
        return fields

    def make_memory_files_never_executable():
        """The sandbox allows no others (runner/program_filter.cpp), and `os.memfd_create()` makes executable ones by default."""
        never_executable = 0x8  # MFD_NOEXEC_SEAL, which Python 3.11 does not know
        create = os.memfd_create
        invalid_argument = 22

        def memfd_create(name, flags=os.MFD_CLOEXEC):
            try:
                return create(name, flags | never_executable)
            except OSError as error:
                if error.errno != invalid_argument:
                    raise
            return create(name, flags)  # before Linux 6.3, or the flags do not go together

        for attribute in ("__doc__", "__module__", "__qualname__", "__text_signature__"):
            setattr(memfd_create, attribute, getattr(create, attribute))
        os.memfd_create = memfd_create

    def preload_modules():
        gc.disable()  # imports make little garbage, and looking for it takes a twentieth of their time
        for name in preload:
            try:
                __import__(name)
            except Exception as error:
                fail(f"cannot preload {name}: {error!r}")
        try:
            import oneshot_warm_up  # noqa: F401
        except Exception as error:  # a loss of time, no reason to run nothing
            print(f"warming up: {error!r}", file=sys.stderr, flush=True)
        sys.modules.pop("oneshot_warm_up", None)
        gc.enable()

    def spare_preloaded_modules():
        """Takes them out of the interpreter's teardown, which would spend 10 ms of CPU time on clearing them.

        Called after everything else that is registered with atexit, because it is registered first.
        """
        if is_snapshot_taken:
            return oneshot_renewal.leave_quickly(immortal)
        for name in preloaded_modules:
            immortal.append(sys.modules.pop(name, None))

    def restrict_itself():
        """The rules that leave nothing writable were made by the runner; only the process itself can put them on."""
        restrict_self = 446  # landlock_restrict_self, on every architecture
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(restrict_self, landlock_rules, 0) != 0:
            fail(f"Landlock: {os.strerror(ctypes.get_errno())}")

    make_memory_files_never_executable()
    immortal = []
    immortal.append(immortal)  # with gc.freeze() below: a cycle that is never collected
    preloaded_modules = set()
    atexit.register(spare_preloaded_modules)

    before = set(sys.modules)
    # In a context of its own: decimal's, for one, would be found in the program's.
    _contextvars.copy_context().run(preload_modules)
    preloaded_modules |= set(sys.modules) - before
    import ctypes

    import oneshot_display

    immortal.append(oneshot_display)
    if is_snapshot_taken:
        import oneshot_renewal

        immortal += [oneshot_renewal, preloaded_modules]
        oneshot_renewal.forget_the_build_machine()
    for entry in bootstrap_path:
        sys.path.remove(entry)
        sys.path_importer_cache.pop(entry, None)
    for name in set(sys.modules) - plain_modules - preloaded_modules:
        del sys.modules[name]
    if len(os.listdir("/proc/self/task")) > 1:
        fail("a preloaded module started a thread, which would escape the sandbox's second layer")
    gc.collect()
    gc.freeze()  # what is preloaded is never looked at again, by no collection and not at exit
    # The program's own globals must not be frozen: their last collection, at exit, calls what `__del__` is in them.
    main = type(sys)("__main__")
    main.__dict__.update(sys.modules["__main__"].__dict__)
    for name in {"__main__", "__mp_main__"} & set(sys.modules):
        sys.modules[name] = main

    if is_snapshot_taken:
        oneshot_renewal.prepare_to_leave_quickly()
        oneshot_renewal.settle_the_allocator()
        os.kill(os.getpid(), signal.SIGSTOP)  # here it is taken, and from here each restored process goes on
        oneshot_renewal.draw_new_secrets()
        gc.collect()  # of what happened since, so that the program finds no garbage but its own
        say("snapshot", "restored")
    say("preloaded", ",".join(preload))
    say("ready", ".".join(map(str, sys.version_info[:3])))
    while read_exactly(1) != b"r":
        pass
    request = fields_of(read_exactly(int.from_bytes(read_exactly(4), "big")))
    is_restricted, environment, args, display_scale = request[0] == b"1", fields_of(request[1]), fields_of(request[2]), request[3]

    os.environ.clear()
    for variable in environment:
        name, _, value = variable.partition(b"=")
        os.environb[name] = value
    if is_snapshot_taken:
        oneshot_renewal.read_time_zone()
    if is_restricted:
        restrict_itself()
    sys.argv[:] = ["main.py", *map(os.fsdecode, args)]
    sys.orig_argv[1:] = sys.argv
    sys.stdout.reconfigure(line_buffering=True)
    os.closerange(control, displays if display_scale else displays + 1)
    if display_scale:
        oneshot_display.begin(displays, float(display_scale))


_wait_for_request()
del _wait_for_request
