"""What the scripts beside this file share: programs that are started, awaited and ended, and a browser.

A script called NAME.py has everything but its picture in target/NAME.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = Path(sys.argv[0]).resolve()
DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
FOLDER = ROOT / "target" / SCRIPT.stem
VENV = FOLDER / "venv"
SELENIUM = "selenium==4.18.1"
PYTE = "pyte==0.8.2"

running = {}


def begin(packages, python="python3"):
    """Goes on in an environment with these packages of PyPI. When the script ends, the programs end that it started."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if Path(sys.prefix) != VENV:
        run(python, "-m", "venv", VENV)
        run(VENV / "bin/pip", "install", "--quiet", "--use-pep517", *packages)
        python = str(VENV / "bin/python")
        os.execv(python, [python, str(SCRIPT), *sys.argv[1:]])
    # All that is asked from here on is on this machine.
    os.environ["no_proxy"] = "127.0.0.1,localhost,192.168.1.4"
    atexit.register(lambda: [stop(name) for name in reversed(list(running))])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


def program(name):
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return path or sys.exit(f"{name} is missing; the first lines of {SCRIPT.name} name the packages")


def run(*command, **options):
    command = [str(it) for it in command]
    if subprocess.run(command, **options).returncode != 0:
        sys.exit(f"this failed: {' '.join(command)}")


def log(name):
    return FOLDER / f"{name}.log"


def start(name, *command, **options):
    with open(log(name), "w") as file:
        running[name] = subprocess.Popen([str(it) for it in command], stdout=file, stderr=file, **options)


def stop(name, how=signal.SIGTERM):
    process = running.pop(name)
    process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(what, condition, seconds=60):
    """Asks a condition until it is true, and returns what it gives then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, process in running.items():
            if process.poll() is not None:
                sys.exit(f"{name} ended ({process.returncode}) before {what}; see {log(name)}")
        if found := condition():
            return found
        time.sleep(0.2)
    sys.exit(f"not within {seconds} seconds: {what}; the logs are in {FOLDER}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def browser(width, height):
    """Chromium without a window, which keeps nothing of the last time."""
    from selenium import webdriver

    profile = FOLDER / "chromium"
    shutil.rmtree(profile, ignore_errors=True)
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    for it in (
        "headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-sync",
        "disable-component-update", "hide-scrollbars", f"window-size={width},{height}", f"user-data-dir={profile}",
    ):
        options.add_argument(f"--{it}")
    with webdriver.Chrome(options, webdriver.ChromeService(program("chromedriver"))) as found:
        yield found
