# stdin, stdout and stderr.

# --- case: input
# cold
# stdin: 'first\nsecond\r\n\nünï\nlast without end'
print(repr(input()), repr(input("prompt> ")), repr(input()), repr(input()), repr(input()))
input("and now: ")

# --- case: EOFError at once
input("nobody answers: ")

# --- case: EOFError caught
# stdin: '1\n2\n3'
total = 0
while True:
    try:
        total += int(input())
    except EOFError:
        break
print(total)

# --- case: reading everything
# each how: ["sys.stdin.read()", "sys.stdin.buffer.read()", "os.read(0, 100)", "open(0).read()", "list(fileinput.input())", "(sys.stdin.readline(), next(sys.stdin), sys.stdin.read(3))", "[sys.stdin.read(1) for _ in range(4)]"]
# stdin: 'one\ntwo é\r\nthree'
import fileinput, os, sys
print(repr({{how}}))

# --- case: stdin that is empty
import sys
print(repr(sys.stdin.read()), repr(sys.stdin.readline()), list(sys.stdin))

# --- case: select on stdin
# stdin: 'there'
import select, sys
print([len(found) for found in select.select([sys.stdin], [], [], 5)])

# --- case: a large stdin
import sys
print(len(sys.stdin.read()))

# --- case: print's parameters
import sys
print("a", 1, None, sep="-", end="!\n")
print("no end", end="")
print()
print(*range(5), sep="\n")
print("to stderr", file=sys.stderr, flush=True)
print("x" * 10, end="\r\n")
print(sep="nothing", end="")
print("last, without an end", end="")

# --- case: print with wrong parameters
import sys, traceback
for text in [
    'print(1, sep=1)',
    "print(1, end=b'')",
    'print(1, file=3)',
    'print(1, nothing=1)',
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: bytes to stdout
import sys
sys.stdout.buffer.write(bytes(range(256)))
sys.stdout.flush()
sys.stderr.buffer.write(b"\xff\xfe\n")

# --- case: bytes and text in turn
import sys
for number in range(3):
    print("text", number, flush=True)
    sys.stdout.buffer.write(b"bytes\n")
    sys.stdout.buffer.flush()

# --- case: os.write and writev
import os
os.write(1, b"to stdout\n")
os.write(2, b"to stderr\n")
os.writev(1, [b"in ", b"pieces\n"])

# --- case: unicode
# cold
print("naïve ☃ 😀 \u202eright to left\u202c 𝔘𝔫𝔦 \u0301 \ufeff \u2028 \x7f \x1b[31mred\x1b[0m \x00 \x07")
print(ascii("☃é😀"), repr("\x00\x7f\xa0\u2028\ud800"), "é" == "é".encode().decode())

# --- case: lone surrogates
print("a\udcffb")
print("\ud800")

# --- case: surrogateescape from argv and stdin
# args: ['é']
import os, sys
print(os.fsencode(sys.argv[1]), os.fsdecode(b"\xff"), ascii(os.fsdecode(b"\xff")))
print(os.fsdecode(b"\xff\xfe"))

# --- case: a character cut in two writes
import os
for piece in (b"\xf0\x9f", b"\x98", b"\x80\n"):
    os.write(1, piece)

# --- case: reconfigure
# each how: ["encoding='latin-1'", "encoding='ascii', errors='xmlcharrefreplace'", "errors='backslashreplace'", "newline='\\r\\n'", "encoding='utf-16'", "write_through=True"]
import sys
sys.stdout.reconfigure({{how}})
print("é ☃" if "latin" not in """{{how}}""" else "é")

# --- case: an encoding that cannot
import sys
sys.stdout.reconfigure(encoding="ascii", errors="strict")
print("fine")
print("é")

# --- case: redirected
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()) as caught:
    print("caught")
with contextlib.redirect_stderr(sys.stdout):
    print("to stderr, but not", file=sys.stderr)
print(repr(caught.getvalue()))

# --- case: stdout replaced by an object
import sys
class Shouting:
    def write(self, text):
        sys.__stdout__.write(text.upper())
sys.stdout = Shouting()
print("quiet")

# --- case: stdout duplicated and closed
import os, sys
copy = os.dup(1)
sys.stdout.flush()
os.dup2(2, 1)
print("goes to stderr", flush=True)
os.dup2(copy, 1)
print("and back")

# --- case: opened by descriptor
with open(1, "w", closefd=False) as again:
    again.write("again\n")
with open("/dev/stdout", "w") as again:
    again.write("by name\n")
with open("/proc/self/fd/1", "wb", buffering=0) as again:
    again.write(b"by number\n")

# --- case: a long line
print("x" * 200_000)

# --- case: many lines on both streams
import sys
for number in range(3000):
    print("line", number)
    print("error", number, file=sys.stderr)

# --- case: half a megabyte without newlines
import sys
for number in range(64):
    sys.stdout.write(chr(97 + number % 26) * 8192)

# --- case: writing after close
import sys
sys.stdout.close()
print("x")

# --- case: displayhook
import sys
sys.displayhook(3)
sys.displayhook(None)
sys.displayhook("é")
print(_)

# --- case: pprint, textwrap, reprlib
import pprint, reprlib, textwrap
pprint.pprint({"key": list(range(40)), "other": {"nested": ("a" * 50, "b" * 50)}, "set": {3, 1, 2}})
print(reprlib.repr(list(range(100))), textwrap.fill("word " * 40, 30), textwrap.dedent("   a\n    b"), sep="\n")

# --- case: getpass falls back on stdin
# stdin: 'secret\n'
import getpass
print(getpass.getpass("Password: "))

# --- case: terminal size and curses-less questions
import os, shutil
print(shutil.get_terminal_size())
os.get_terminal_size()

# --- case: code.interact
# stdin: 'x = 2\nx * 21\n1/0\ndef f():\n    return 5\n\nf()\n'
import code, sys
code.interact(banner="hello", exitmsg="bye")

# --- case: pdb reads stdin
# stdin: 'p value\nw\nc\n'
value = 42
breakpoint()
print("after")

# --- case: cmd
# stdin: 'greet you\nunknown\nquit\n'
import cmd
class Shell(cmd.Cmd):
    def do_greet(self, rest): print("hello", rest)
    def do_quit(self, rest): return True
Shell().cmdloop("welcome")

# --- case: logging
import logging
logging.warning("the root warns")
logging.info("not shown")
logging.basicConfig(level=logging.DEBUG, format="%(levelname)s:%(name)s:%(funcName)s:%(lineno)d:%(filename)s:%(module)s:%(message)s", force=True)
log = logging.getLogger("a.b")
def function():
    log.debug("in %s", "function")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("it failed")
function()
log.error("wrong arguments %d", "x")

# --- case: logging's last resort and no handler
import logging
log = logging.getLogger("lonely")
log.propagate = False
log.warning("to the last resort")
log.info("nowhere")

# --- case: a logging handler that fails
import logging
class Broken(logging.Handler):
    def emit(self, record):
        try:
            raise ValueError("cannot emit")
        except Exception:
            self.handleError(record)
logging.getLogger("x").addHandler(Broken())
logging.getLogger("x").error("message %s", 1)

# --- case: unittest run by main
import unittest, sys
class Tests(unittest.TestCase):
    def test_good(self): self.assertEqual(1, 1)
    def test_bad(self): self.assertEqual({"a": 1}, {"a": 2})
    def test_error(self): raise KeyError("k")
    @unittest.skip("why not")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    def test_sub(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertLess(number, 2)
import re, io
class Timeless(io.StringIO):
    """unittest prints how long it took: the one thing that must differ."""
    def write(self, text):
        return sys.stderr.write(re.sub(r" in \d+\.\d+s", " in a while", text))
unittest.main(testRunner=unittest.TextTestRunner(stream=Timeless(), verbosity=2))

# --- case: doctest run by main
def double(x):
    """
    >>> double(2)
    4
    >>> double('a')
    'ab'
    >>> double(None)
    Traceback (most recent call last):
    TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
    """
    return x * 2
import doctest
print(doctest.testmod())
