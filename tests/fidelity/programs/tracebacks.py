# What a program's uncaught exceptions look like.

# --- case: one line
# cold
# each text: ['1/0', 'undefined', 'None.x', "{}['k']", "int('x')", 'import nothing_like_that', "open('/does/not/exist')", "assert False, 'why'", 'raise Exception', 'raise', '(lambda: 1/0)()', '[1/0 for _ in range(1)]', 'f(x=1, x2=2)', 'next(iter([]))', 'a, b = 1, 2, 3', 'a, b, *c = [1]', "b'\\xff'.decode()", "'\\ud800'.encode()", 'class A(int, str): pass']
{{text}}

# --- case: one line, caught
import sys, traceback
for text in [
    '10**5000 and str(10**5000)',
    'super().x',
    "eval('1 +')",
    "exec('def f(:')",
    'raise 5',
    'global_name.attribute',
    "import json; json.loads('{')",
    "import re; re.compile('(')",
    'raise StopIteration',
    "raise BaseException('base')",
    "raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'why')",
    "raise KeyError('two', 'values')",
    "raise ValueError('line 1\\nline 2')",
    "raise Exception('\\udcff')",
    "raise Exception('é☃😀')",
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: a syntax error
# cold
# each text: ['def f(:', 'if True\n  pass', '  indented = 1', "x = 'unterminated", "'''never closed\n", '(1, 2', 'f(a=1, 2)', 'return 1', 'nonlocal x', "f'{a b}'", '# coding: nonsense\nprint(1)', '\xa0x = 1', 'if x:\n\ty\n        z', 'é = 1; ☃ = 2']
{{text}}

# --- case: syntax errors of compiled texts
import traceback
for text in [
    'x = ',
    "print 'old'",
    'def f():\nreturn 1',
    '1 +* 2',
    'yield 1',
    'await x',
    'break',
    'continue',
    'x = 08',
    'a = 1 = 2',
    'class = 3',
    'def f(x, x): pass',
    'def f():\n  global x\n  x = 1\n  global x',
    'lambda: (yield) = 1',
    "f'{'",
    "'\\N{no such}'",
    'from __future__ import nothing',
    'import os as',
    'try:\n  pass',
    'else:',
    'x = $',
    'print(1)\x0c\nprint(2)',
    "with open('x') as 1: pass",
    'match 1:\n  case x: pass\n  case 2: pass',
    'async def f(): [await x for x in y]\nawait f()',
    '*a = 1',
    'del f()',
    'None = 1',
    '{**x for x in y}',
    'from x import *; def f(): pass',
    'def f():\n  from os import *',
]:
    try:
        compile(text, "<text>", "exec")
    except Exception as error:
        print(repr(text), *traceback.format_exception_only(error))

# --- case: a null byte from compile
try:
    compile("a\0b", "<text>", "exec")
except (ValueError, SyntaxError) as error:
    print(type(error).__name__, error)

# --- case: through several functions
# cold
def outer(value):
    return middle(value) + 1


def middle(value):
    return [inner(item) for item in [value]][0]


def inner(value):
    raise ValueError(f"bad {value}")


print(outer(3))

# --- case: recursion
def down(n):
    return down(n + 1)


down(0)

# --- case: mutual recursion
def ping(n):
    return pong(n)


def pong(n):
    return ping(n)


ping(0)

# --- case: recursion caught, its depth and its limit
import sys
depth = 0
def down():
    global depth
    depth += 1
    down()
try:
    down()
except RecursionError as error:
    print(error, depth)
print(sys.getrecursionlimit())

# --- case: recursion in repr and in comparison
a = []; a.append(a)
b = []; b.append(b)
print(a)
try:
    a == b
except RecursionError as error:
    print(error)

# --- case: chained by from
try:
    {}["missing"]
except KeyError as error:
    raise ValueError("no such thing") from error

# --- case: chained implicitly
try:
    1 / 0
except ZeroDivisionError:
    undefined_name

# --- case: chain suppressed
try:
    1 / 0
except ZeroDivisionError:
    raise ValueError("only this") from None

# --- case: a chain of five
def chain(n):
    if n == 0:
        raise ValueError("the root")
    try:
        chain(n - 1)
    except Exception as error:
        raise RuntimeError(f"level {n}") from error
chain(4)

# --- case: notes
error = ValueError("with notes")
error.add_note("first note")
error.add_note("second\nwith two lines")
raise error

# --- case: exception groups
def raised(error):
    try:
        raise error
    except Exception as caught:
        return caught
raise ExceptionGroup("several", [raised(ValueError("one")), raised(TypeError("two")), ExceptionGroup("inner", [raised(KeyError("three"))])])

# --- case: except star leaves the rest
try:
    raise ExceptionGroup("all", [ValueError(1), TypeError(2), ValueError(3)])
except* ValueError as found:
    print([str(error) for error in found.exceptions])

# --- case: carets under a part of a line
# each text: ["d['a']['b']['c']", "x.a.b.c", "1 + (2 if True else 3) + '4'", "some_long_name[another_name] + d['a'] / 0", "('é' * 3) + ('☃' + 1)", "not_there (  )  +   1"]
d = {"a": 1}
x = 1
f = lambda v: v
some_long_name, another_name = [1], 0
value = {{text}}

# --- case: an expression over several lines
values = dict(
    a=1,
    b=(
        2 +
        None
    ),
)

# --- case: a call over several lines
def add(a,
        b):
    return (a
            + b)
print(add(
    1,
    "two",
))

# --- case: in a class body, a property, a decorator and a comprehension
class Thing:
    @property
    def value(self):
        return {key: 1 / key for key in (2, 1, 0)}
def wrapped(function):
    def inner(*values):
        return function(*values)
    return inner
@wrapped
def show(thing):
    print(thing.value)
show(Thing())

# --- case: in a lambda in sorted
print(sorted([1, "a", None], key=lambda item: item + 0))

# --- case: in __str__ while printing
class Bad:
    def __str__(self):
        return 3
print(Bad())

# --- case: in __repr__ of an exception's argument
class Bad:
    def __repr__(self):
        raise RuntimeError("no repr")
raise ValueError(Bad())

# --- case: an exception whose str fails
class Bad(Exception):
    def __str__(self):
        raise RuntimeError("no str")
raise Bad

# --- case: an exception class with a module and a qualified name
class Outer:
    class Inner(Exception):
        pass
raise Outer.Inner("nested")

# --- case: an exception from the standard library
import json
json.loads('{"a": [1, 2,, 3]}')

# --- case: deep in the standard library
# cold
import statistics
statistics.mean([])

# --- case: exec of a text has no source lines
exec("def f():\n    1/0\nf()")

# --- case: compile under this file's own name
exec(compile("\n\n\n1/0  # not the text of that line", __file__, "exec"))

# --- case: compile with a file name of its own
exec(compile("def f():\n    raise ValueError\nf()", "<made up>", "exec"))

# --- case: linecache given lines
import linecache
text = "def f():\n    return missing + 1\nf()\n"
linecache.cache["<generated>"] = (len(text), None, text.splitlines(True), "<generated>")
exec(compile(text, "<generated>", "exec"))

# --- case: the traceback module
import traceback, sys
def fail():
    local = 3
    raise ValueError("shown by traceback")
try:
    fail()
except ValueError as error:
    traceback.print_exc(file=sys.stdout)
    print(traceback.format_exc().count("\n"))
    print(traceback.extract_tb(error.__traceback__))
    print("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
    traceback.print_tb(error.__traceback__, limit=1, file=sys.stdout)
traceback.print_stack(file=sys.stdout)

# --- case: a traceback with its frames' locals
import traceback
def fail(argument):
    local = [1, 2]
    return argument / 0
try:
    fail(5)
except ZeroDivisionError as error:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(line for line in told.format() if "__" not in line))

# --- case: sys.tracebacklimit
import sys
sys.tracebacklimit = 1
def a(): b()
def b(): c()
def c(): raise ValueError("short")
a()

# --- case: raise with a traceback of its own
try:
    1 / 0
except ZeroDivisionError as error:
    kept = error
raise kept.with_traceback(None)

# --- case: re-raised
def fail():
    raise ValueError("again")
try:
    fail()
except ValueError:
    raise

# --- case: in a generator, thrown in
def generator():
    try:
        yield 1
    except ValueError as error:
        raise KeyError("from the generator") from error
running = generator()
next(running)
running.throw(ValueError("thrown in"))

# --- case: StopIteration in a generator
def generator():
    yield 1
    raise StopIteration("became RuntimeError")
list(generator())

# --- case: a source line with tabs and wide characters
if True:
	text = "ｗｉｄｅ"; 	value = text + "😀" + None

# --- case: a very long source line
value = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" + 1

# --- case: suggestions for names and attributes
# each text: ["lenght", "prnt(1)", "import sys; sys.exti()", "collections.namedtupl", "'x'.uper()"]
import collections
class Thing:
    color = 1
{{text}}

# --- case: errors of the C level
import sys
for text in [
    "import struct; struct.unpack('<I', b'1')",
    "import zlib; zlib.decompress(b'x')",
    "memoryview(b'')[0]",
    'bytearray(-1)',
    "'{'.format()",
    "'{0.x}'.format(1)",
    "'{:d}'.format('x')",
    'chr(-1)',
    "ord('ab')",
    "int('1' * 5000)",
    'import math; math.sqrt(-1)',
    '1 << -1',
    '[0] * 2**62',
    '2.0 ** 10000',
    "complex('x')",
    "slice(1).indices('x')",
    "import array; array.array('z')",
    'import datetime; datetime.date(2023, 2, 30)',
    'import decimal; decimal.Decimal(1) / 0',
    'import fractions; fractions.Fraction(1, 0)',
    'import itertools; list(itertools.combinations([1], -1))',
    'hash([])',
    "__import__('x.y')",
]:
    try:
        exec(text)
    except Exception as error:
        print(type(error).__qualname__, error, error.args)
