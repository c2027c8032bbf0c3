# The language and its standard library: where preloading or another start-up could show, and what programs use most.

# --- case: pickling classes of __main__
# cold
import copy, pickle, pickletools, dataclasses, enum
@dataclasses.dataclass(order=True, frozen=True)
class Point:
    x: int
    y: float = 1.5
    tags: list = dataclasses.field(default_factory=list, compare=False)
class Color(enum.Enum):
    RED = 1
def function(): pass
for thing in (Point(1), Color.RED, function, [Point(2, 3.0, ["a"])], ValueError("v")):
    for protocol in range(6):
        again = pickle.loads(pickle.dumps(thing, protocol))
    print(again, pickle.dumps(thing), copy.deepcopy(thing) == thing or type(thing))
pickletools.dis(pickle.dumps(Point(1)))
try:
    pickle.dumps(lambda: 1)
except Exception as error:
    print(type(error).__name__, str(error).replace(hex(id(function)), "")[:20])

# --- case: dataclasses
import dataclasses
@dataclasses.dataclass(slots=True, kw_only=True)
class Item:
    name: str
    price: float = 0.0
    total: float = dataclasses.field(init=False, repr=False)
    def __post_init__(self):
        self.total = self.price * 2
item = Item(name="a", price=2)
print(item, item.total, dataclasses.asdict(item), dataclasses.replace(item, name="b"), dataclasses.fields(Item)[0].name)
Item("positional")

# --- case: enum
import enum
class Flag(enum.Flag):
    A = enum.auto(); B = enum.auto(); C = A | B
class Level(enum.IntEnum):
    LOW = 1; HIGH = 2
print(Flag.A | Flag.B, ~Flag.A, list(Flag), Level.LOW < Level.HIGH, f"{Level.LOW}", repr(Level(2)), Flag["C"].name)
Level(3)

# --- case: typing
import typing
T = typing.TypeVar("T")
class Box(typing.Generic[T]):
    def get(self) -> T | None: ...
@typing.runtime_checkable
class Closable(typing.Protocol):
    def close(self): ...
class Movie(typing.TypedDict, total=False):
    name: typing.Required[str]
print(Box[int], typing.get_type_hints(Box.get), isinstance(open(0, closefd=False), Closable), Movie.__required_keys__, typing.get_args(dict[str, list[int]]))
print(typing.Optional[int], int | None, typing.Union[int, str], typing.Callable[[int], str], typing.Literal["a", 1], list["X"])

# --- case: pattern matching
def tell(thing):
    match thing:
        case {"kind": "a", **rest}: return "mapping", rest
        case [first, *_, last]: return first, last
        case str() | bytes() as text if len(text) > 2: return "long", text
        case complex(real=0): return "imaginary"
        case None | True: return "singleton"
        case _: return "other"
print([tell(thing) for thing in ({"kind": "a", "b": 1}, [1, 2, 3], "abc", "a", 2j, None, True, False, 1)])

# --- case: generators and coroutines
def inner():
    received = yield 1
    try:
        yield received
    except ValueError as error:
        yield f"caught {error}"
    return "result"
def outer():
    result = yield from inner()
    print("inner gave", result)
    yield "last"
running = outer()
print(next(running), running.send("sent"), running.throw(ValueError("v")), next(running), list(running))
def closing():
    try:
        yield
    except GeneratorExit:
        print("told to close")
        yield "refuses"
refusing = closing(); next(refusing); refusing.close()

# --- case: metaclasses, descriptors and slots
class Meta(type):
    def __new__(meta, name, bases, body, **options):
        print("making", name, options, [key for key in body if not key.startswith("__")])
        return super().__new__(meta, name, bases, body)
    def __init__(cls, name, bases, body, **options): super().__init__(name, bases, body)
class Descriptor:
    def __set_name__(self, owner, name): print("named", name, owner.__qualname__)
    def __get__(self, instance, owner): return "got"
class Base(metaclass=Meta, option=1):
    value = Descriptor()
    def __init_subclass__(cls, **rest): print("subclass", cls.__name__, rest)
class Child(Base): __slots__ = ("a",)
print(Child().value, Child.__mro__, Child.__slots__)
class A: pass
class B(A): pass
class C(A, B): pass

# --- case: context managers
import contextlib
@contextlib.contextmanager
def swallow(*kinds):
    try:
        yield
    except kinds as error:
        print("swallowed", repr(error))
with swallow(ZeroDivisionError), contextlib.suppress(KeyError), contextlib.ExitStack() as stack:
    stack.callback(print, "callback")
    stack.push(lambda kind, value, trace: print("exit", kind) or False)
    1 / 0
with contextlib.closing(3) as nothing: pass

# --- case: big integers
import math
print(2 ** 1000, math.factorial(200), pow(3, 10 ** 18, 10 ** 9 + 7), (10 ** 100).bit_length(), math.isqrt(10 ** 80), -7 // 2, -7 % 3, divmod(-(10 ** 30), 7))
print(int("z" * 30, 36), hex(10 ** 40), (12345678901234567890).to_bytes(9, "big"), f"{10 ** 30:,}", math.gcd(2 ** 200, 6 ** 100), math.comb(100, 50))
print(10 ** 4299 > 0, len(str(10 ** 4299)))
str(10 ** 4300)

# --- case: floats
import math, sys
print(0.1 + 0.2, 1e16 + 1, 1 / 3, 1e308 * 10, -0.0, float("nan"), 5e-324, 2.5.hex(), (0.1).as_integer_ratio(), round(2.5), round(2.675, 2), 1e22, 1e23)
print(math.fsum([0.1] * 10), math.sin(1e22), math.exp(1), math.gamma(5.5), math.erf(0.5), math.log(2 ** 1000), math.hypot(3, 4, 12), math.nextafter(1, 2), math.ulp(1e10))
print(f"{1234567.891:,.2f} {1e-7:g} {0.000123:e} {255:#x} {3:>5}|{'é':^5}|{True!r:>8}{1.5:08.3f}{12:+d}", "%5.1f|%-5s|%r" % (1.25, "a", "b"), complex(1, -0.0) ** 0.5)

# --- case: decimal and fractions
import decimal, fractions
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt(), decimal.Decimal("1.10") + decimal.Decimal("2.205"), decimal.Decimal(1) / 7, decimal.getcontext())
print(decimal.Decimal("2.675").quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_EVEN), fractions.Fraction(0.1).limit_denominator(100), fractions.Fraction("3/7") ** 3)
decimal.Decimal("not a number")

# --- case: random with a seed
# cold
import random
random.seed(42)
print(random.random(), random.randint(1, 100), random.sample(range(1000), 5), random.choices("abc", [1, 2, 3], k=6), random.gauss(0, 1), random.getrandbits(70))
values = list(range(10)); random.shuffle(values); print(values)
print(random.Random("text").random(), random.Random(b"bytes").uniform(1, 2), random.Random(1.5).betavariate(2, 3), hash(random.getstate()[1][:5]))

# --- case: random without a seed differs from run to run
# cold
import os, random, secrets, uuid
print(random.random() != random.random(), len(os.urandom(8)), len(secrets.token_hex(4)), uuid.uuid4().version)

# --- case: hashing of text is seeded, of numbers fixed
# cold
import sys
print(hash(12345678901234567890), hash(1.5), hash(-1), hash(None) == hash(None), hash((1, 2, 3)), hash(2 ** 61 - 1), sys.hash_info.width)
print({3, 1, 2}, frozenset(range(5)), {i * 1000 for i in range(6)})

# --- case: re
import re
print(re.findall(r"(?P<word>\w+)@(\w+)\.com", "a@b.com, é@ü.com"), re.sub(r"(\d+)", lambda found: str(int(found[1]) * 2), "a1b22"), re.split(r"[,;]\s*", "a, b;c"))
print(re.compile(r"(a|b)*+c", re.I | re.X), re.fullmatch(r"(?:(\d)(?!\1))+", "1234"), re.match("a", "b"), re.escape("a.b*c"), re.search(r"\bé\b", "un é"))
re.compile("a{2,1}")

# --- case: json
import json
print(json.dumps({"é": [1.0, None, True, 1e400, "\u2028\x00"], 1: {"b": (1, 2)}}, sort_keys=False, indent=1), json.dumps("é😀", ensure_ascii=False), json.loads('{"a": 1e5, "b": [NaN, -Infinity]}'))
json.dumps({1, 2})

# --- case: csv, configparser, tomllib, html, xml
import configparser, csv, html, io, tomllib, xml.etree.ElementTree as tree
out = io.StringIO(); csv.writer(out).writerows([["a,b", 'q"uote', None, 1.5], ["line\nbreak", "é"]]); print(repr(out.getvalue()))
print(list(csv.DictReader(io.StringIO("a,b\n1,2\n3"))), tomllib.loads("a = 1\n[b]\nc = 1979-05-27T07:32:00Z"), html.escape("<a&'b>"), html.unescape("&eacute;&#9731;"))
config = configparser.ConfigParser(); config.read_string("[a]\nb = 1\nc = %(b)s2"); print(dict(config["a"]))
root = tree.fromstring("<a><b x='1'>é</b><b/></a>"); print([(node.tag, node.attrib, node.text) for node in root.iter()], tree.tostring(root))
tree.fromstring("<a><b></a>")

# --- case: datetime and zoneinfo
import calendar, datetime, zoneinfo
moment = datetime.datetime(2024, 3, 31, 1, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
print(moment, moment + datetime.timedelta(hours=1), moment.astimezone(datetime.timezone.utc), moment.astimezone(zoneinfo.ZoneInfo("Asia/Kolkata")).isoformat(), moment.tzname())
print(datetime.date(2024, 2, 29).isocalendar(), datetime.datetime.strptime("Mon 05 Feb 2024", "%a %d %b %Y"), f"{moment:%A %j %U %%}", datetime.timedelta(days=-1, seconds=5), len(zoneinfo.available_timezones()) > 500)
print(calendar.month(2024, 2), datetime.datetime.fromisoformat("2024-01-01T00:00:00+05:30"))
zoneinfo.ZoneInfo("Nowhere/City")

# --- case: struct, array, ctypes, memoryview
import array, ctypes, ctypes.util, struct
print(struct.pack("<ibhq3sf?", 1, -2, 3, 2 ** 40, b"abc", 1.5, True), struct.unpack(">Hd", struct.pack(">Hd", 5, 0.1)), struct.calcsize("@iqP"), array.array("d", [1, 2.5]))
class Pair(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int8), ("b", ctypes.c_uint32)]
print(ctypes.sizeof(Pair), bytes(Pair(-1, 5)), ctypes.CDLL(None).abs(-5), ctypes.c_int32(2 ** 31).value, bytes(memoryview(b"abcdef")[::2]), memoryview(bytearray(8)).cast("I").tolist())
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
numbers = (ctypes.c_int * 4)(3, 1, 4, 1); ctypes.CDLL(None).qsort(numbers, 4, 4, compare); print(list(numbers))
ctypes.CDLL("libnothing.so")

# --- case: collections, itertools, functools, operator, heapq, bisect
import bisect, collections, functools, heapq, itertools, operator
print(collections.Counter("abracadabra").most_common(2), collections.deque(range(5), 3), collections.ChainMap({"a": 1}, {"a": 2, "b": 3})["b"], collections.OrderedDict(b=1, a=2), collections.defaultdict(list, a=[1]))
print(list(itertools.groupby("aab"))[0][0], list(itertools.accumulate([1, 2, 3], operator.mul)), list(itertools.pairwise("abc")), list(itertools.product("ab", repeat=2))[:3], list(itertools.batched("abc", 2)) if hasattr(itertools, "batched") else "no batched")
@functools.lru_cache(maxsize=None)
def fibonacci(n): return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
@functools.singledispatch
def kind(value): return "thing"
@kind.register
def _(value: int): return "int"
print(fibonacci(80), fibonacci.cache_info(), kind(1), kind("a"), functools.reduce(operator.add, [[1], [2]]), heapq.nsmallest(2, [3, 1, 2]), bisect.insort([1, 3], 2), functools.partial(pow, 2, mod=5)(exp=3))

# --- case: statistics
import statistics
data = [1.5, 2.5, 2.5, 2.75, 3.25, 4.75]
print(statistics.mean(data), statistics.median(data), statistics.stdev(data), statistics.quantiles(data), statistics.linear_regression(range(6), data), statistics.mode("aab"), statistics.NormalDist(100, 15).inv_cdf(0.975))
statistics.variance([1])

# --- case: hashlib, hmac, base64, zlib, bz2, lzma, binascii
import base64, binascii, bz2, hashlib, hmac, lzma, zlib
print(hashlib.sha256(b"a").hexdigest(), hashlib.md5(b"").hexdigest(), hashlib.blake2b(b"x", digest_size=8).hexdigest(), sorted(hashlib.algorithms_guaranteed), hmac.new(b"k", b"m", "sha1").hexdigest(), hashlib.pbkdf2_hmac("sha256", b"p", b"s", 10).hex())
print(base64.b85encode(b"hello"), zlib.crc32(b"a"), zlib.compress(b"a" * 50), bz2.compress(b"a")[:4], lzma.decompress(lzma.compress(b"x" * 9)), binascii.crc_hqx(b"a", 0), hashlib.scrypt(b"p", salt=b"s", n=2, r=1, p=1, dklen=4).hex())
base64.b64decode("abc")

# --- case: sqlite3 in memory
import sqlite3
base = sqlite3.connect(":memory:")
base.create_function("twice", 1, lambda value: value * 2)
base.executescript("create table t(a integer primary key, b text, c real); insert into t(b, c) values ('é', 1.5), (null, 2);")
print(base.execute("select *, twice(c), typeof(b) from t order by a desc").fetchall(), base.execute("select sum(c), group_concat(b) from t").fetchone(), base.total_changes)
base.execute("insert into t values (1, 'again', 0)")

# --- case: zip and tar in memory
import io, tarfile, zipfile
held = io.BytesIO()
with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(zipfile.ZipInfo("a/é.txt", (2024, 1, 2, 3, 4, 6)), "text" * 10)
print(zipfile.ZipFile(held).namelist(), zipfile.ZipFile(held).read("a/é.txt")[:8], zipfile.ZipFile(held).infolist()[0], len(held.getvalue()))
tarred = io.BytesIO()
with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
    archive.addfile(tarfile.TarInfo("empty"))
tarred.seek(0); print(tarfile.open(fileobj=tarred).getnames())
try:  # no traceback: Debian has moved lines of zipfile between its revisions of this version
    zipfile.ZipFile(io.BytesIO(b"not a zip"))
except zipfile.BadZipFile as error:
    print(error)

# --- case: inspect, ast, dis, symtable, tokenize
import ast, dis, inspect, io, symtable, tokenize
def function(a, /, b: int = 1, *, c=None) -> str:
    return f"{a}{b!r:>{c}}"
print(inspect.signature(function), inspect.getfullargspec(function), ast.unparse(ast.parse(inspect.getsource(function))))
dis.dis(function)
print(ast.dump(ast.parse("x = [i for i in y if (z := i)]"), indent=1), symtable.symtable("def f(a): global b", "<s>", "exec").get_children()[0].get_globals())
print([token.string for token in tokenize.generate_tokens(io.StringIO("a = 1 # c\n").readline)])

# --- case: weak references and finalisers
import gc, weakref
class Thing:
    def __del__(self): print("deleted")
thing = Thing(); reference = weakref.ref(thing, lambda dead: print("callback")); values = weakref.WeakValueDictionary(a=thing); keys = weakref.WeakKeyDictionary({thing: 1})
print(reference() is thing, len(values), len(keys))
del thing
print(reference(), len(values), len(keys))
class Phoenix:
    def __del__(self):
        global kept; kept = self; print("resurrected")
Phoenix(); kept = None; gc.collect()

# --- case: sys.settrace, setprofile and audit hooks
import sys
lines = []
def tracer(frame, event, argument):
    lines.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
def traced():
    value = 1
    return value
sys.settrace(tracer); traced(); sys.settrace(None)
print(lines)
events = []
sys.addaudithook(lambda event, arguments: events.append(event) if event in ("open", "compile", "exec") else None)
eval("1 + 1"); print(events)

# --- case: profiling and tracing memory
import cProfile, io, pstats, tracemalloc
tracemalloc.start(); kept = [bytes(1000) for _ in range(100)]; print(tracemalloc.get_traced_memory()[0] > 100_000); tracemalloc.stop()
profiler = cProfile.Profile(); profiler.enable(); sorted(range(10)); profiler.disable()
print([key[2] for key in pstats.Stats(profiler).stats])

# --- case: string methods and unicode data
import string, unicodedata
print("ǅ".title(), "ß".upper(), "İ".lower(), "straße".casefold(), "a\u0301" == unicodedata.normalize("NFD", "á"), unicodedata.name("☃"), unicodedata.unidata_version, "١٢".isdigit(), int("١٢"), "é".isidentifier())
print("%s" % "a".center(5, "*"), "a,b,,c".split(","), "x".join("abc"), "abc".translate({97: "é", 98: None}), string.Template("$a ${b}").substitute(a=1, b=2), "a\tb".expandtabs(4), "a\r\nb\u2028c".splitlines(), "{:{}}".format("a", ">5"))
unicodedata.lookup("NO SUCH NAME")

# --- case: bytes and codecs
import codecs
print("é☃".encode("utf-16-le"), "é".encode("idna"), codecs.encode("abc", "rot13"), b"caf\xe9".decode("latin-1"), b"\xff\xfea\x00".decode("utf-16"), "☃".encode("ascii", "namereplace"), b"a\xffb".decode("utf-8", "backslashreplace"), bytes.fromhex("00 ff"), bytearray(b"abc").hex("-"))
b"\xc3\x28".decode()

# --- case: imports that go wrong
import sys, traceback
for text in [
    'import no.such.module',
    'from math import nothing',
    'import os.path.nothing',
    'from . import sibling',
    'from .x import y',
    'import numpy.nothing',
    'from pandas import nothing',
    "__import__('')",
    "import importlib; importlib.import_module('.x')",
    'import tkinter',
    'import pip._vendor.nothing',
]:
    try:
        exec(text)
    except Exception:
        traceback.print_exc(file=sys.stdout)

# --- case: importlib and modules made by hand
import importlib, importlib.util, sys, types
module = types.ModuleType("made", "doc"); module.value = 1; sys.modules["made"] = module
from made import value
print(value, importlib.import_module("made"), importlib.util.find_spec("json").origin, importlib.util.find_spec("nothing"), importlib.reload(importlib.import_module("colorsys")).__name__)
sys.modules["blocked"] = None
import blocked

# --- case: modules shadowed and changed by the program
import sys
sys.modules["numpy"] = "mine"
import numpy
print(numpy)
del sys.modules["numpy"]
sys.modules["json"] = None
try:
    import json
except ImportError as error:
    print(error)

# --- case: exec, eval, compile and scopes
x = "global"
def scopes():
    x = "local"
    exec("x = 'changed'; y = 2")
    print(x, eval("x"), sorted(locals()))
scopes()
space = {}; exec("def f(): return __name__ if '__name__' in globals() else 'none'\nr = f()", space); print(space["r"], sorted(space))
print(eval("[y for y in range(3)]", {"__builtins__": {"range": range}}), eval(compile("1+1", "<e>", "eval")))
eval("open", {"__builtins__": {}})

# --- case: comparisons, sorting and hashing that go wrong
class Odd:
    def __init__(self, value): self.value = value
    def __lt__(self, other): return NotImplemented
    def __eq__(self, other): return self.value == other.value
    __hash__ = None
print(Odd(1) == Odd(1), sorted([3, 1, 2], key=lambda n: -n, reverse=True), min("b", "a", key=ord), sorted({"b": 1, "a": 2}.items()))
try: {Odd(1)}
except TypeError as error: print(error)
sorted([Odd(1), Odd(2)])

# --- case: urllib without a network, parsing only
import email, http.cookies, ipaddress, urllib.parse, uuid, mimetypes
print(urllib.parse.urlsplit("http://u:p@h:80/p;x?q=1&q=é#f"), urllib.parse.parse_qs("a=1&a=2&b="), urllib.parse.quote("é /"), urllib.parse.urljoin("http://a/b/c", "../d"), ipaddress.ip_network("10.0.0.0/30").num_addresses, uuid.uuid5(uuid.NAMESPACE_DNS, "a"), http.cookies.SimpleCookie("a=b")["a"].value)
print(email.message_from_string("Subject: =?utf-8?q?=C3=A9?=\n\nbody").get_payload(), ipaddress.ip_address("::1").is_loopback)
ipaddress.ip_address("300.1.1.1")

# --- case: a deep recursion allowed by the program
import sys, threading
sys.setrecursionlimit(20000)
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
print(depth(15000))
threading.stack_size(64 << 20)
thread = threading.Thread(target=lambda: print(depth(15000))); thread.start(); thread.join()

# --- case: a C stack overflow
# the limit of the main thread's stack is the same as ours
import sys
sys.setrecursionlimit(10 ** 9)
class Nested:
    def __getattr__(self, name): return getattr(self, name + "x")
def nest(n):
    value = ()
    for _ in range(n): value = (value,)
    return value
print(len(repr(nest(50))))

# --- case: sizes of objects
import sys
print([sys.getsizeof(thing) for thing in (0, 2 ** 70, 1.5, "", "é", b"abc", (), [1, 2], {}, {1}, range(3), print, type, None, lambda: 1)], sys.getrefcount([]))

# --- case: time moves on
import time
begin = time.monotonic(), time.perf_counter(), time.process_time(), time.thread_time()
time.sleep(0.01)
print(time.monotonic() > begin[0], time.perf_counter() > begin[1], time.process_time() >= begin[2], 1.7e9 < time.time() < 5e9, time.get_clock_info("monotonic").implementation)
