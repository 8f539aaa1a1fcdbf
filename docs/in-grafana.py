#!/usr/bin/env python3
"""Does what in-grafana.md says, but for Grafana itself: asks Prometheus for the panel's values, and takes prometheus.png.

    python3 docs/in-grafana.py

It needs what `cargo xtask setup` installs, and Debian's python3-venv, curl, prometheus, chromium and chromium-driver. It
takes three minutes, besides the build. Everything but the picture and winshm.exe is in target/in-grafana.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

import pcs
import programs
from programs import DOCS, FOLDER, log, program, start, stop, wait_for

PROMETHEUS = "http://127.0.0.1:9090"
# The first is the page's example.
READINGS = {
    "CPU Package": ("°C", "61.5"),
    "CPU Hot Spot": ("°C", "sine(64,83,50s)"),
    "GPU Temperature": ("°C", "triangle(48,71,70s)"),
    "Drive": ("°C", "step(38,39,41,40,25s)"),
    "CPU Power": ("W", "sine(45,121,40s)"),
}
MINUTES = 2


def serve():
    """What stands in for HWiNFO."""
    line = ["winshm", "serve", "hwinfo", "--rows", f"readings={len(READINGS)}"]
    for row, (label, (unit, value)) in enumerate(READINGS.items()):
        row = f"readings[{row}]"
        line += [f"{row}.szLabelUser={label}", f"{row}.szUnit={unit}"]
        line += ["--wave", f"{row}.Value={value}"] if "(" in value else [f"{row}.Value={value}"]
    return shlex.join(line)


def ask(query):
    """Labels and values, as Prometheus has them."""
    address = f"{PROMETHEUS}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        return json.load(answer)["data"]["result"]


def is_ready():
    try:
        return urllib.request.urlopen(f"{PROMETHEUS}/-/ready", timeout=60)
    except OSError:
        return None


def scraped(query):
    """The copies that Prometheus has, by label."""
    found = ask(f"{query}[1h]")
    return {it["metric"]["readings"]: [float(value) for _, value in it["values"]] for it in found}


def compare(query):
    """Each value has to be one that the region had, exactly."""
    # The last line may not be complete yet.
    lines = [json.loads(it) for it in log("watch").read_text().split("\n")[:-1] if it.startswith("{")]
    rows = zip(*(it["values"]["readings"] for it in lines))
    had = {label: {it["Value"] for it in row} for label, row in zip(READINGS, rows)}
    found = scraped(query)
    if sorted(found) != sorted(label for label, (unit, _) in READINGS.items() if unit == "°C"):
        sys.exit(f"these are not the temperatures: {found}")
    for label, values in found.items():
        if wrong := set(values) - had[label]:
            sys.exit(f"{label} never was {wrong}")
        print(f"{label}: {len(values)} values from {min(values)} to {max(values)}")
    if min(len(set(found[label])) for label in ("CPU Hot Spot", "GPU Temperature")) < 10:
        sys.exit("the temperatures do not move")


def take_picture(query):
    graph = {"g0.expr": query, "g0.tab": 0, "g0.range_input": f"{MINUTES}m"}
    with programs.browser(1100, 1060) as browser:
        browser.get(f"{PROMETHEUS}/classic/graph?{urllib.parse.urlencode(graph)}")
        shown = "return document.querySelectorAll('.legend .line').length"
        wait_for("the graph is drawn", lambda: browser.execute_script(shown) == 4)
        browser.save_screenshot(str(DOCS / "prometheus.png"))


def main():
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    pcs.begin()
    share, configuration, told, query = pcs.blocks("in-grafana.md")
    curl = shlex.split(re.search("`(curl .*?)`", (DOCS / "in-grafana.md").read_text())[1])
    pc = pcs.Pc("pc")
    pc.start("serve", serve())
    pc.start("watch", r"winshm watch 'Global\HWiNFO_SENS_SM2' --fields readings[*].Value --json")
    pc.start("share", share)

    def metrics():
        return subprocess.run([*curl, "--silent"], capture_output=True, text=True).stdout

    wait_for("the metrics are those on the page", lambda: set(told.splitlines()) <= set(metrics().splitlines()))

    data = FOLDER / "prometheus"
    shutil.rmtree(data, ignore_errors=True)
    (FOLDER / "prometheus.yml").write_text(configuration)
    options = [f"--config.file={FOLDER}/prometheus.yml", f"--storage.tsdb.path={data}"]
    start("prometheus", program("prometheus"), *options, "--web.listen-address=127.0.0.1:9090")
    wait_for("Prometheus has started", is_ready)
    enough = MINUTES * 60 / 5
    wait_for(f"Prometheus has {enough} copies", lambda: len(scraped(query).get("CPU Package", [])) > enough, 300)
    compare(query)
    take_picture(query)

    def up():
        return [it["value"][1] for it in ask("winshm_up")]

    if up() != ["1"]:
        sys.exit(f"winshm_up is {up()}")
    stop("serve")
    # The last copy is a region that its program has left, for as long as `watch` holds it.
    stop("watch")
    wait_for("winshm_up is 0 and the temperatures have ended", lambda: up() == ["0"] and not ask(query))
    print("docs/prometheus.png is taken")


if __name__ == "__main__":
    main()
