"""The command `armsflow-app`: the pages, served to a browser on this machine."""

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..cli.messages import print_ending, print_error
from ..ensemble.interrupts import endings_found, terminations_raised
from ..ensemble.job import ENGINES
from ..scenario.files import local_path
from ..scenario.problems import brief, nearest

HELP = """\
armsflow-app: explore worlds and step through them, in a browser.

  armsflow-app
  armsflow-app port=8090 show=false
  armsflow-app host=0.0.0.0 data=results/app

keys
  host=127.0.0.1    the address on which it listens. As it is, only this machine can open the pages.
                    host=0.0.0.0: everybody who can reach this machine can; there is no password
  port=8080         the port; 0 for any that is free
  data=results/app  the folder of what is kept while pages are open
  show=true         whether to open a browser
  engine=auto       compiled (pip install 'armsflow[fast]') where it is installed, else reference

Nothing is loaded from elsewhere: no network is needed. Ctrl-C ends it.

Exit codes: 1 it could not be served, 2 bad input, 130 interrupted, 143 terminated.
"""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LARGEST_PORT = 65_535
RECONNECT = 30.0
"""Seconds that a page waits for a browser whose network went away."""
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self'"
    " 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What a browser may load: from this server alone. NiceGUI makes functions of text, hence eval."""


@dataclass(frozen=True)
class Options:
    """How the pages are served: as the keys of the command."""

    host: str = "127.0.0.1"
    port: int = 8080
    data: Path = Path("results", "app")
    show: bool = True
    engine: str = "auto"

    @property
    def local(self) -> bool:
        """Return whether this machine alone can open the pages."""
        return self.host in LOOPBACK


class OptionsError(ValueError):
    """Keys that cannot be used: a line for each problem."""


def parse_options(arguments: Sequence[str]) -> Options:
    """Return what some keys say.

    Args:
        arguments: `key=value` each.

    Raises:
        OptionsError: With a line for each problem.
    """
    chosen: dict[str, Any] = {}
    problems = []
    for argument in arguments:
        key, equals, text = argument.partition("=")
        if key not in READERS:
            problems.append(f"{brief(key)}: no such key{nearest(key, READERS)}")
        elif not equals:
            problems.append(f"{key}: not of the form key=value")
        elif key in chosen:
            problems.append(f"{key}: stands twice")
        else:
            try:
                chosen[key] = READERS[key](text)
            except ValueError as error:
                chosen[key] = None
                problems.append(f"{key}: {error}")
    if problems:
        raise OptionsError("\n".join(map(brief, problems)))
    return Options(**chosen)


def _host(text: str) -> str:
    try:
        socket.getaddrinfo(text or ".", None)
    except (OSError, UnicodeError):
        raise ValueError(f"{text!r} is not an address of this machine") from None
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= LARGEST_PORT):
        raise ValueError(f"{text!r} is not a whole number from 0 to {LARGEST_PORT}")
    return int(text)


def _data(text: str) -> Path:
    if not text:
        raise ValueError("'' is not a folder")
    path = local_path(text)
    if path.exists() and not path.is_dir():
        raise ValueError(f"{text} is not a folder")
    return path


def _show(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _engine(text: str) -> str:
    if text not in ENGINES:
        raise ValueError(f"{text!r} is none of {', '.join(ENGINES)}")
    if text == "compiled" and find_spec("jax") is None:
        raise ValueError("compiled needs JAX: pip install 'armsflow[fast]'")
    return text


READERS = {"host": _host, "port": _port, "data": _data, "show": _show, "engine": _engine}
"""How the value of each key is read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: Those of the command line; the process's own if None.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if {"-h", "--help"} & set(given):
        print(HELP, end="")
        return 0
    problems = []
    try:
        options = parse_options(given)
    except OptionsError as error:
        problems += str(error).splitlines()
    if find_spec("nicegui") is None:
        problems.append("armsflow-app needs NiceGUI: pip install 'armsflow[app]'")
    if not problems:
        try:
            port = _free_port(options.host, options.port)
            options.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            place = f"data: {options.data}" if error.filename else f"port: {options.port}"
            problems.append(f"{place} cannot be used: {error.strerror}")
    if problems:
        return print_error("\n".join(problems), 2)
    try:
        with terminations_raised(), endings_found():
            serve(options, port)
    except KeyboardInterrupt as error:
        return print_ending(error)
    except SystemExit:  # uvicorn has said why it cannot listen
        return 1
    return 0


def _free_port(host: str, port: int) -> int:
    """Return a port on which nobody listens yet.

    Raises:
        OSError: Somebody does, or this is not an address of this machine.
    """
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)
        return int(tried.getsockname()[1])


def serve(options: Options, port: int) -> None:
    """Serve the pages until the process is interrupted or terminated.

    Args:
        options: How.
        port: The port, which is free.
    """
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(options.data / "storage"))
    from nicegui import ui

    add_pages(options)
    who = (
        "only this machine can open it"
        if options.local
        else "everybody who can reach this machine can open it and let it simulate: there is no"
        " password"
    )
    shown = f"[{options.host}]" if ":" in options.host else options.host
    print(f"armsflow-app on http://{shown}:{port}/: {who}. Ctrl-C ends it.", flush=True)
    ui.run(
        host=options.host,
        port=port,
        title="armsflow",
        language="en-US",
        favicon=ICON,
        show=options.show,
        reload=False,
        reconnect_timeout=RECONNECT,
        show_welcome_message=False,
        tailwind=False,
        dark=False,
    )


ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 8h11M8 3l5 5-5 5"'
    ' fill="none" stroke="#00568a" stroke-width="3"/></svg>'
)


def add_pages(options: Options) -> None:
    """Add all pages to the server.

    Args:
        options: How they are served.
    """
    from nicegui import app
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from .explore import add_explore
    from .seminar.pages import add_pages as add_seminar
    from .step import add_step

    add_explore(options.data, options.engine)
    add_step()
    add_seminar(options.data / "seminar")
    app.add_middleware(_OnlyFromHere)
    if options.local and options.host != "::1":  # a foreign name for this machine is no visitor
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"])


class _OnlyFromHere:
    """Tells browsers to load from this server alone, in each answer's head."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self._application(scope, receive, sent)
