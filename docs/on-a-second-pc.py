#!/usr/bin/env python3
"""Does what on-a-second-pc.md says, with two Wine prefixes for the two PCs, and takes on-a-second-pc.png.

    python3 docs/on-a-second-pc.py

It needs what `cargo xtask setup` installs, and Debian's python3-venv, fonts-dejavu-core, chromium and chromium-driver.
Everything but the picture and winshm.exe is in target/on-a-second-pc.
"""

import re
import signal
import sys

import pcs
import terminals
from programs import DOCS, log, stop, wait_for


def take_picture(share, mirror, screens):
    # Without the QR code, which takes a screen of its own.
    shared = f"> {share}\n".encode() + log("share").read_bytes().split(b"\n")[0]
    mirrored = f"> {mirror}\n".encode() + log("mirror").read_bytes()
    windows = [terminals.window("winshm share", shared, 70, 5), terminals.window("winshm mirror", mirrored, 70, 5)]
    terminals.take(DOCS / "on-a-second-pc.png", [*windows, *screens], ["The PC with the game", "The second PC"])


def main():
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    pcs.begin()
    share, mirror, *_ = pcs.blocks("on-a-second-pc.md")
    both = first, second = pcs.Pc("first"), pcs.Pc("second")

    first.start("game", pcs.GAME)
    first.start("share", share)
    told = wait_for("the address is printed", lambda: re.search(r"http://\S+", log("share").read_text()))[0]
    address, token = told.split("?token=")
    if f"'{address}?token=TOKEN'" not in mirror:
        sys.exit(f"the page has another address than {told}")
    mirror = mirror.replace("TOKEN", token)
    second.start("mirror", mirror)
    wait_for("the region is mirrored", lambda: "is mirrored as" in log("mirror").read_text())

    for it in both:
        it.watch()
    same = wait_for("both PCs have seen many copies", lambda: pcs.compare(both))
    take_picture(share, mirror, wait_for("both screens have shown a copy", lambda: pcs.screens(both)))

    wrong = second.ask(mirror.replace(token, "a-wrong-word"))
    print(f"with a wrong token: {wrong.stderr.strip()}")
    if wrong.returncode != 4:
        sys.exit(f"and it ends with {wrong.returncode}")

    stop("share", signal.SIGKILL)
    wait_for("the region is frozen", lambda: "frozen" in log("second lines").read_text())
    wait_for("the region has gone", lambda: "is gone" in log("mirror").read_text())
    last = max(second.copies())
    first.start("share", f"{share} {token}")
    wait_for("the mirror goes on", lambda: max(second.copies()) > last)
    stop("game")
    wait_for("the region goes with the game's own", lambda: log("mirror").read_text().count("is gone") == 2)
    print(f"{same} copies were the same on both PCs; docs/on-a-second-pc.png is taken")


if __name__ == "__main__":
    main()
