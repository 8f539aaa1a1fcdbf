"""PCs for the scripts beside this file: Wine prefixes, in a network in which this machine has the addresses of the pages.

A game can stand in on one of them, and be watched on all.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import programs
import terminals
from programs import DOCS, FOLDER, ROOT, SCRIPT, log, run

# `cargo xtask` makes both.
WINE = ROOT / "target/wine"
PROGRAMS = ROOT / "target/windows/x86_64-pc-windows-gnu/debug"
NETWORK = """
set -e
ip link set lo up
ip address add 192.168.1.4/24 dev lo
ip address add 192.168.1.2/24 dev lo
ip route add default dev lo src 192.168.1.4
exec "$@"
"""
INSIDE = "WINSHM_INSIDE_NETWORK"
GAME = r"""winshm serve assetto-corsa-physics gear=4 fuel=31.5 --rate 10 --wave 'speed_kmh=sine(60,240,6s)'
    --wave 'rpm=triangle(3200,7600,2s)' --wave 'gas=sine(0,1,6s)' --wave 'steer_angle=sine(-0.4,0.4,4s)'"""
WATCH = r"winshm watch 'Local\acpmf_physics'"
SCREEN = {"COLUMNS": 70, "LINES": 13}


def begin(*workspaces):
    """Builds winshm.exe and what is in these folders, and goes on in the network, which nobody else can reach."""
    programs.begin([programs.SELENIUM, programs.PYTE])
    if INSIDE not in os.environ:
        for it in (["--package", "winshm"], *(["--manifest-path", f"{it}/Cargo.toml"] for it in workspaces)):
            run("cargo", "--quiet", "xtask", "cargo", "build", "--quiet", *it, cwd=ROOT)
        os.environ[INSIDE] = "1"
        network = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", NETWORK, "sh"]
        os.execvp(network[0], [*network, sys.executable, str(SCRIPT)])


def blocks(page):
    """What can be copied from this page."""
    return re.findall(r"^```\w+\n(.*?)\n```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


class Pc:
    """It has a name and regions of its own. The files on its disk are those of `cargo xtask`'s prefix."""

    def __init__(self, name):
        self.name = name
        self.prefix = FOLDER / name
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.prefix.mkdir()
        for it in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
            shutil.copy(WINE / it, self.prefix)
        for it in ("dosdevices", "drive_c"):
            (self.prefix / it).symlink_to(WINE / it)

    def command(self, line, **environment):
        """What runs this line, which begins with a program of ours. Without setarch, some programs of Wine do not start."""
        program, *arguments = shlex.split(line)
        environment = {"WINEPREFIX": self.prefix, "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=", **environment}
        environment = [f"{name}={value}" for name, value in environment.items()]
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return [*named, "env", "-u", "DISPLAY", *environment, "setarch", "-R", "wine", PROGRAMS / f"{program}.exe", *arguments]

    def start(self, name, line, **environment):
        programs.start(name, *self.command(line, **environment))

    def ask(self, line):
        return subprocess.run(self.command(line), capture_output=True, text=True)

    def watch(self):
        """Watches the game's region, as lines and on a screen."""
        self.start(f"{self.name} lines", f"{WATCH} --json")
        self.start(f"{self.name} screen", f"{WATCH} --tui", **SCREEN)

    def copies(self):
        """What was seen of the game, by its own number of the copy."""
        # The last line may not be complete yet.
        lines = log(f"{self.name} lines").read_text().split("\n")[:-1]
        values = [json.loads(it)["values"] for it in lines if it.startswith("{")]
        return {it["packet_id"]: it for it in values}

    def frames(self):
        """What the screen has shown, by the same number."""
        # The last frame may not be complete yet.
        frames = log(f"{self.name} screen").read_bytes().split(b"\x1b[H")[1:-1]
        numbers = [re.search(rb"packet_id +(\d+)", re.sub(rb"\x1b\[[\d;]*[A-Za-z]", b"", it)) for it in frames]
        return {int(number[1]): frame for number, frame in zip(numbers, frames) if number}

    def screen(self, frame):
        return terminals.window(WATCH, frame, SCREEN["COLUMNS"], SCREEN["LINES"])


def compare(pcs):
    """The number of copies that all of them have seen, if they are many. Each has to be the same on each PC."""
    copies = [it.copies() for it in pcs]
    shared = set.intersection(*map(set, copies))
    for number in shared:
        if any(it[number] != copies[0][number] for it in copies):
            sys.exit(f"copy {number} differs: {[it[number] for it in copies]}")
    return len(shared) >= 100 and len(shared)


def screens(pcs):
    """The screens of these PCs, when they show the same copy."""
    frames = [it.frames() for it in pcs]
    shared = set.intersection(*map(set, frames))
    return shared and [pc.screen(it[max(shared)]) for pc, it in zip(pcs, frames)]
