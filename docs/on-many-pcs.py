#!/usr/bin/env python3
"""Does what on-many-pcs.md says of a router, with Wine prefixes for a server and three PCs, and takes on-many-pcs.png.

    python3 docs/on-many-pcs.py

It needs what `cargo xtask setup` installs, and Debian's python3-venv, fonts-dejavu-core, chromium and chromium-driver.
Everything but the picture and the programs is in target/on-many-pcs. The first build takes ten minutes or more.
"""

import sys

import pcs
import terminals
from programs import DOCS, log, stop, wait_for


def main():
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    pcs.begin("zenoh")
    *_, listing, _, router, routed = (it.removeprefix("> ") for it in pcs.blocks("on-many-pcs.md"))
    publish, mirror = routed.splitlines()
    listing = f"{listing.splitlines()[0]} {publish[publish.index('--router'):]}"
    server, rig, *others = (pcs.Pc(it) for it in ("server", "rig", "left", "right"))

    def says(name, text):
        wait_for(f"{name}: {text}", lambda: text in log(name).read_text())

    server.start("router", router)
    says("router", "listens")
    rig.start("game", pcs.GAME)
    rig.start("publish", publish)
    says("publish", "connected")
    for it in others:
        it.start(it.name, mirror)
        says(it.name, "is mirrored as")
    for it in (rig, *others):
        it.watch()
    same = wait_for("all PCs have seen many copies", lambda: pcs.compare([rig, *others]))
    listed = server.ask(listing).stdout
    if not all(it in listed for it in ("rig ", "acpmf_physics ", " live")):
        sys.exit(f"this is not what is published: {listed}")

    def window(pc, *texts):
        return terminals.window(pc, "\n".join(texts).encode(), 70, 6)

    windows = [
        window("server", f"> {router}", log("router").read_text() + f"> {listing}", listed),
        window("rig", f"> {publish}", log("publish").read_text()),
        *(window(it.name, f"> {mirror}", log(it.name).read_text()) for it in others),
    ]
    screens = wait_for("both screens have shown a copy", lambda: pcs.screens(others))
    terminals.take(DOCS / "on-many-pcs.png", windows + screens)

    stop("publish")
    for it in others:
        says(it.name, "rig does not publish it any more")
        says(it.name, "is gone")
    print(f"{same} copies were the same on three PCs; docs/on-many-pcs.png is taken")


if __name__ == "__main__":
    main()
