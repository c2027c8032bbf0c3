"""What must differ between two processes that were restored from one snapshot, and what must not be carried into them.

Whatever a library draws at random or learns about its machine while it is imported belongs here. The snapshot is refused
when a generator of random numbers turns up that this module does not know.
"""

import ctypes
import gc
import os
import sys

quick_exit = ctypes.CDLL(os.path.join(os.path.dirname(__file__), "oneshot_quick_exit.so"))


def module(name):
    """The module if it is in the snapshot."""
    return sys.modules.get(name)


def known_generators():
    known = []
    if module("random"):
        known.append(module("random")._inst)
    if module("numpy.random"):
        known += [module("numpy.random").mtrand._rand, module("numpy.random").mtrand._rand._bit_generator]
    return known


def require_known_generators():
    kinds = []
    if module("random"):
        kinds.append(module("random").Random)
    if module("numpy.random"):
        random = module("numpy.random")
        kinds += [random.Generator, random.RandomState, random.BitGenerator]
    known = {id(generator) for generator in known_generators()}
    for found in gc.get_objects():
        if isinstance(found, tuple(kinds)) and id(found) not in known and not isinstance(found, module("random").SystemRandom):
            raise RuntimeError(f"nobody would seed {found!r} anew")


def forget_the_build_machine():
    """Called before the snapshot is taken, and before what is preloaded is frozen, because the collector finds nothing frozen."""
    require_known_generators()
    os.environ.clear()
    if module("ssl"):
        module("ssl").RAND_bytes(1)  # OpenSSL's generators, which take a thousand allocations to make, are seeded anew later
    if module("linecache"):
        module("linecache").clearcache()
    if module("platform"):
        module("platform")._uname_cache = None
        module("platform")._platform_cache.clear()


def settle_the_allocator():
    """Called last before the snapshot is taken. Sorts what is free, which else every restored process would have to do at its
    first large allocation, touching hundreds of pages; and gives free pages back, which makes the snapshot smaller."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc_trim(0)
    libc.free(ctypes.c_void_p(libc.malloc(100_000)))


def prepare_to_leave_quickly():
    """Of a process that ends, what nobody sees is left out, because in a restored one it would copy thousands of pages: the
    destructors of the libraries in the snapshot (but C's files are written)."""
    global last_module
    last_module = next(reversed(sys.modules))
    libc = ctypes.CDLL(None)
    libc.on_exit(libc._exit, None)
    libc.__cxa_atexit(libc.fflush, None, None)


def take_over(modules, kept):
    """Empties `modules` except for `kept` without a look at what it held: to remove one by one is to write to each name and module.

    Exchanges the contents of two dictionaries: what follows reference count and type in a PyDictObject of CPython 3.11.
    """
    other = dict(kept)
    at, size = object.__basicsize__, dict.__basicsize__ - object.__basicsize__
    held = ctypes.string_at(id(modules) + at, size)
    ctypes.memmove(id(modules) + at, id(other) + at, size)
    ctypes.memmove(id(other) + at, held, size)
    return other


def leave_quickly(immortal):
    """Called last at exit. The modules of the snapshot become immortal, those that the program imported do not. Where the streams
    cannot be flushed, Python has to say so and end with 120 by itself; else it frees nothing of its own (quick_exit.cpp)."""
    modules = sys.modules
    names = ["__main__", "__mp_main__"]
    for name in reversed(modules):
        if name == last_module:
            break
        names.append(name)
    kept = {"sys": sys, "builtins": modules["builtins"]}
    kept |= {name: modules.pop(name) for name in names if name in modules}
    immortal.append(take_over(modules, kept))
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        return
    new_capsule = ctypes.pythonapi.PyCapsule_New
    new_capsule.restype, new_capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    sys.oneshot = new_capsule(1, None, ctypes.cast(quick_exit.oneshot_leave_finalization, ctypes.c_void_p))


def draw_new_secrets():
    """Called in each restored process."""
    if module("random"):
        module("random").seed()
    if module("numpy.random"):
        module("numpy.random").seed()
    if module("tempfile"):
        module("tempfile")._name_sequence = None
        module("tempfile").tempdir = None
    if module("multiprocessing.process"):
        process = module("multiprocessing.process")
        process.current_process()._config["authkey"] = process.AuthenticationString(os.urandom(32))
    if module("ssl"):
        module("ssl").RAND_add(os.urandom(32), 32.0)
    if module("uuid"):
        module("uuid")._node = None
    if module("scipy.fft._pocketfft.helper"):
        module("scipy.fft._pocketfft.helper")._cpu_count = os.cpu_count()
    if module("threading"):
        module("threading").main_thread()._set_native_id()


def read_time_zone():
    """Called once the environment is the program's."""
    import time

    time.tzset()
