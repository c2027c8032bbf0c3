"""What the API tells, as values. `raw` is the JSON object as it came, with the fields that this version does not know."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Dict, Literal, Mapping, Optional, Sequence, Tuple, Union

from oneshot.core.fields import Fields, JsonObject
from oneshot.errors import UnreadableAnswer

StreamName = Literal["stdout", "stderr"]
STREAMS: Tuple[StreamName, StreamName] = ("stdout", "stderr")
FINAL = frozenset({"succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "error"})


@dataclass(frozen=True)
class Limits:
    """In a submission, None leaves a limit to the installation; in an answer, it means that the limit is unknown."""

    wall_seconds: Optional[float] = None  # counted from the start of the program
    cpu_seconds: Optional[float] = None
    memory_mib: Optional[int] = None
    output_bytes: Optional[int] = None  # of stdout and stderr together; more is counted and dropped
    scratch_mib: Optional[int] = None  # of writable memory in the program's folder

    @classmethod
    def of(cls, source: Fields) -> Limits:
        return cls(
            source.maybe_number("wall_seconds"),
            source.maybe_number("cpu_seconds"),
            source.maybe_whole("memory_mib"),
            source.maybe_whole("output_bytes"),
            source.maybe_whole("scratch_mib"),
        )

    def to_json(self) -> JsonObject:
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


@dataclass(frozen=True)
class Submission:
    """What is submitted. It can be submitted again: `client.submit(**submission.arguments())`."""

    source: str
    args: Tuple[str, ...] = ()
    stdin: Optional[str] = None
    limits: Limits = Limits()
    display: Union[bool, float] = False
    files: Mapping[str, Union[str, bytes]] = field(default_factory=dict)
    stdin_open: bool = False  # more input may follow: `client.send`
    outputs: Tuple[str, ...] = ()  # patterns of the files that come back
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def build(
        cls,
        source: str,
        args: Sequence[str],
        stdin: Union[str, bytes, None],
        stdin_open: bool,
        limits: Optional[Limits],
        display: Union[bool, float],
        files: Optional[Mapping[str, Union[str, bytes]]],
        outputs: Sequence[str],
    ) -> Submission:
        """From the arguments of `submit` and `run`."""
        for name, texts in (("args", args), ("outputs", outputs)):
            if isinstance(texts, str):
                raise ValueError(f"{name} is a list of texts, not a text")
        # The API takes text: a program that needs other bytes can read them from a file.
        text = stdin.decode("utf-8") if isinstance(stdin, bytes) else stdin
        return cls(source, tuple(args), text, limits or Limits(), display, dict(files or {}), stdin_open, tuple(outputs))

    @classmethod
    def of(cls, source: Fields) -> Submission:
        display = source.json.get("display")
        return cls(
            source=source.text("source"),
            args=source.texts("args"),
            stdin=source.maybe_text("stdin"),
            limits=Limits.of(source.child("limits")),
            display=display if isinstance(display, (bool, float, int)) else False,
            files={each.text("path"): _content(each) for each in source.children("files")},
            stdin_open=source.flag("stdin_open"),
            outputs=source.texts("outputs"),
            raw=source.json,
        )

    def to_json(self) -> JsonObject:
        """Only what differs from the defaults, so that older servers understand it."""
        body: JsonObject = {"source": self.source}
        if self.args:
            body["args"] = list(self.args)
        if self.stdin is not None:
            body["stdin"] = self.stdin
        if self.stdin_open:
            body["stdin_open"] = True
        if self.display is not False:
            body["display"] = self.display
        if limits := self.limits.to_json():
            body["limits"] = limits
        if self.files:
            body["files"] = [_file(path, content) for path, content in self.files.items()]
        if self.outputs:
            body["outputs"] = list(self.outputs)
        return body

    def arguments(self) -> Dict[str, Any]:
        """The arguments of `submit` and `run`."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "raw"}


def _file(path: str, content: Union[str, bytes]) -> JsonObject:
    if isinstance(content, str):
        return {"path": path, "content": content}
    return {"path": path, "content_b64": base64.b64encode(content).decode("ascii")}


def _content(source: Fields) -> Union[str, bytes]:
    encoded = source.maybe_text("content_b64")
    if encoded is None:
        return source.text("content")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableAnswer(f"{source.what}: content_b64 is not Base64") from None


@dataclass(frozen=True)
class FileInfo:
    """A file that a submission brought, without its content (`client.submission`)."""

    path: str
    bytes: int

    @classmethod
    def of(cls, source: Fields) -> FileInfo:
        return cls(source.text("path"), source.whole("bytes"))


@dataclass(frozen=True)
class Display:
    """A figure or table that a program has shown, without its bytes (`client.display`)."""

    number: int
    mime: str
    width: Optional[int]  # of an image, in pixels of a page
    height: Optional[int]
    alt: str
    bytes: int

    @classmethod
    def of(cls, source: Fields) -> Display:
        return cls(
            source.whole("number"),
            source.text("mime"),
            source.maybe_whole("width"),
            source.maybe_whole("height"),
            source.maybe_text("alt") or "",
            source.maybe_whole("bytes") or 0,
        )


@dataclass(frozen=True)
class OutputFile:
    """A file that came back from a program, without its bytes (`client.output_file`)."""

    number: int
    path: str  # chosen by the program: it names no place to write to
    bytes: int

    @classmethod
    def of(cls, source: Fields) -> OutputFile:
        return cls(source.whole("number"), source.text("path"), source.whole("bytes"))


@dataclass(frozen=True)
class Interruption:
    """An attempt that the infrastructure ended although the program may have begun."""

    attempt: int
    reason: str
    message: Optional[str]
    node: Optional[str]
    at: Optional[datetime]

    @classmethod
    def of(cls, source: Fields) -> Interruption:
        return cls(
            source.whole("attempt"), source.text("reason"), source.maybe_text("message"), source.maybe_text("node"), source.maybe_time("at")
        )


@dataclass(frozen=True)
class OutputBytes:
    """How much the program wrote, and how much of that was not kept."""

    stdout_bytes: Optional[int]
    stderr_bytes: Optional[int]
    stdout_dropped_bytes: Optional[int]
    stderr_dropped_bytes: Optional[int]

    @classmethod
    def of(cls, source: Fields) -> OutputBytes:
        return cls(*(source.maybe_whole(each.name) for each in fields(cls)))


@dataclass(frozen=True)
class Timings:
    queued_ms: Optional[int]  # from the submission until the run had a Job
    startup_ms: Optional[int]  # from then until the program began
    wall_ms: Optional[int]  # from then until it ended
    cpu_ms: Optional[int]

    @classmethod
    def of(cls, source: Fields) -> Timings:
        return cls(*(source.maybe_whole(each.name) for each in fields(cls)))


@dataclass(frozen=True)
class Sandbox:
    """What held the program besides its pod. `landlock` is the version of the kernel's Landlock, 0 where it has none."""

    landlock: int
    seccomp: bool
    user_namespace: bool

    @classmethod
    def of(cls, source: Fields) -> Sandbox:
        return cls(source.whole("landlock"), source.flag("seccomp"), source.flag("user_namespace"))


@dataclass(frozen=True)
class Job:
    """The Kubernetes Job of a run."""

    namespace: Optional[str]
    name: Optional[str]
    pod: Optional[str]
    node: Optional[str]
    image: Optional[str]
    snapshot: Optional[str]
    sandbox: Optional[Sandbox]

    @classmethod
    def of(cls, source: Fields) -> Job:
        return cls(
            namespace=source.maybe_text("namespace"),
            name=source.maybe_text("name"),
            pod=source.maybe_text("pod"),
            node=source.maybe_text("node"),
            image=source.maybe_text("image"),
            snapshot=source.maybe_text("snapshot"),
            sandbox=Sandbox.of(source.child("sandbox")) if source.json.get("sandbox") else None,
        )


@dataclass(frozen=True)
class Run:
    """A run as it was when the site answered. `stdout` and `stderr` are text, at most 256 KiB; `client.output` has every byte."""

    id: str
    status: str
    exit_code: Optional[int]
    signal: Optional[int]
    reason: Optional[str]
    message: Optional[str]
    stdout: Optional[str]  # None where the answer has no output, as in lists
    stderr: Optional[str]
    stdout_cut: bool
    stderr_cut: bool
    truncated: bool
    output: OutputBytes
    displays: Tuple[Display, ...]
    dropped_displays: int
    output_files: Tuple[OutputFile, ...]  # empty in lists
    dropped_output_files: int
    timings: Timings
    peak_memory_bytes: Optional[int]
    attempt: int
    interruptions: Tuple[Interruption, ...]
    job: Optional[Job]
    created_at: Optional[datetime]
    started_at: Optional[datetime]
    finished_at: Optional[datetime]
    queue_position: Optional[int]
    starts_in_ms: Optional[int]
    limits: Limits
    files: Tuple[FileInfo, ...]  # empty in lists
    stdin_open: bool  # it takes input now: `client.send`
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def ended(self) -> bool:
        return self.status in FINAL or self.finished_at is not None

    @property
    def succeeded(self) -> bool:
        return self.status == "succeeded"

    @classmethod
    def of(cls, source: Fields) -> Run:
        return cls(
            id=source.text("id"),
            status=source.text("status"),
            exit_code=source.maybe_whole("exit_code"),
            signal=source.maybe_whole("signal"),
            reason=source.maybe_text("reason"),
            message=source.maybe_text("message"),
            stdout=source.maybe_text("stdout"),
            stderr=source.maybe_text("stderr"),
            stdout_cut=source.flag("stdout_cut"),
            stderr_cut=source.flag("stderr_cut"),
            truncated=source.flag("truncated"),
            output=OutputBytes.of(source.child("output")),
            displays=tuple(Display.of(each) for each in source.children("displays")),
            dropped_displays=source.maybe_whole("dropped_displays") or 0,
            output_files=tuple(OutputFile.of(each) for each in source.children("output_files")),
            dropped_output_files=source.maybe_whole("dropped_output_files") or 0,
            timings=Timings.of(source.child("timings")),
            peak_memory_bytes=source.maybe_whole("peak_memory_bytes"),
            attempt=source.maybe_whole("attempt") or 0,
            interruptions=tuple(Interruption.of(each) for each in source.children("interruptions")),
            job=Job.of(source.child("job")) if source.json.get("job") else None,
            created_at=source.maybe_time("created_at"),
            started_at=source.maybe_time("started_at"),
            finished_at=source.maybe_time("finished_at"),
            queue_position=source.maybe_whole("queue_position"),
            starts_in_ms=source.maybe_whole("starts_in_ms"),
            limits=Limits.of(source.child("limits")),
            files=tuple(FileInfo.of(each) for each in source.children("files")),
            stdin_open=source.flag("stdin_open"),
            raw=source.json,
        )


@dataclass(frozen=True)
class Environment:
    """What the installation offers."""

    python: Optional[str]
    image: Optional[str]
    packages: Mapping[str, str]  # name and version
    defaults: Limits
    maxima: Limits
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)  # `limits` has more

    @classmethod
    def of(cls, source: Fields) -> Environment:
        limits = source.child("limits")
        return cls(
            python=source.maybe_text("python"),
            image=source.maybe_text("image"),
            packages={each.text("name"): each.text("version") for each in source.children("packages")},
            defaults=Limits.of(limits.child("defaults")),
            maxima=Limits.of(limits.child("maxima")),
            raw=source.json,
        )
