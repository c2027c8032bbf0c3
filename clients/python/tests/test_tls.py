"""https: the site has to prove who it is before it is told anything."""

from __future__ import annotations

import asyncio
import pathlib
import ssl
import subprocess
from typing import Any

import pytest
from scripted_site import RUN_ID, ScriptedSite, answer, event, json_answer, output, run_json, stream

from oneshot import AsyncClient, Client, ConnectionFailed, OutputPiece

CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=site -addext subjectAltName=IP:127.0.0.1"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    made: pathlib.Path = tmp_path_factory.mktemp("tls")
    subprocess.run([*CERTIFICATE.split(), "-keyout", made / "key.pem", "-out", made / "certificate.pem"], check=True, capture_output=True)
    return made


@pytest.fixture
def secure_site(folder: pathlib.Path) -> Any:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    site = ScriptedSite(tls=tls)
    yield site
    site.close()


@pytest.fixture
def trust(folder: pathlib.Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "certificate.pem"))


def test_a_site_that_is_trusted_is_spoken_to(secure_site: ScriptedSite, trust: ssl.SSLContext) -> None:
    secure_site.script(json_answer(run_json()), answer(200, b"x" * 1_000_000))
    client = Client(secure_site.url, tls=trust, api_key="k")
    assert client.get(RUN_ID).succeeded
    assert client.output(RUN_ID) == b"x" * 1_000_000
    assert secure_site.received[0].headers["authorization"] == "Bearer k"


def test_a_task_speaks_to_a_site_that_is_trusted(secure_site: ScriptedSite, trust: ssl.SSLContext) -> None:
    secure_site.script(answer(200, b"x" * 1_000_000), stream(output("a", "1-0"), event("end", run_json())))

    async def main() -> None:
        client = AsyncClient(secure_site.url, tls=trust)
        assert await client.output(RUN_ID) == b"x" * 1_000_000
        assert [each.text async for each in client.events(RUN_ID) if isinstance(each, OutputPiece)] == ["a"]

    asyncio.run(main())


def test_a_site_that_is_not_trusted_is_told_nothing(secure_site: ScriptedSite) -> None:
    with pytest.raises(ConnectionFailed, match="certificate verify failed"):
        Client(secure_site.url, api_key="k").submit("print(1)")
    with pytest.raises(ConnectionFailed, match="certificate verify failed"):
        asyncio.run(AsyncClient(secure_site.url, api_key="k").submit("print(1)"))
    assert secure_site.received == []
