#!/usr/bin/env python3
"""Does what in-home-assistant.md says, with a real broker and a real Home Assistant, and takes home-assistant.png.

    python3 docs/in-home-assistant.py                       builds winshm and the recording
    python3 docs/in-home-assistant.py WINSHM RACE.mcap      takes these

It needs Debian 12's python3-venv, mosquitto, mosquitto-clients, chromium and chromium-driver. Home Assistant comes from
PyPI, which takes some minutes the first time. Everything but the picture is in target/in-home-assistant.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from getpass import getuser
from pathlib import Path

import programs
from programs import DOCS, FOLDER, ROOT, VENV, free_port, listens, program, run, start, stop, wait_for

# The last version for Debian's Python, its page, its client of MQTT, the josepy of its time, and a driver of browsers.
PACKAGES = [
    "homeassistant==2024.3.3", "home-assistant-frontend==20240307.0", "paho-mqtt==1.6.1", "josepy<2", programs.SELENIUM,
]
PASSWORD = "the password"
DEVICE = r"Global\HWiNFO_SENS_SM2 (rig)"
TOPIC = "winshm/rig/Global_HWiNFO_SENS_SM2/values"
# Label, unit, class, least and greatest value: core/examples/race.rs has them.
READINGS = [
    ("CPU Package", "°C", "temperature", 52, 78),
    ("CPU Power", "W", "power", 45, 121),
    ("GPU Temperature", "°C", "temperature", 61, 70),
    ("GPU Clock", "MHz", "frequency", 1830, 1905),
    ("Fan #1", "RPM", None, 890, 1240),
    ("Memory Used", "MB", "data_size", 9800, 10400),
]
# What can be read on Home Assistant's page: its elements have shadow roots within each other.
TEXT = """
const text = (node) => node.nodeName === "STYLE" ? "" : node.nodeType === Node.TEXT_NODE ? node.data
    : [...(node.shadowRoot ?? node).childNodes, ...(node.assignedNodes?.() ?? [])].map(text).join(" ");
return text(document.body);
"""


def start_broker(port):
    passwords, configuration = FOLDER / "passwords", FOLDER / "mosquitto.conf"
    run(program("mosquitto_passwd"), "-b", "-c", passwords, "winshm", PASSWORD)
    # Without a user, root's Mosquitto becomes one who may not read the file.
    configuration.write_text(f"user {getuser()}\nlistener {port} 127.0.0.1\npassword_file {passwords}\n")
    start("mosquitto", program("mosquitto"), "-c", configuration)
    wait_for("Mosquitto listens", lambda: listens(port))


class HomeAssistant:
    def __init__(self):
        port = free_port()
        self.url, self.tokens = f"http://127.0.0.1:{port}", {}
        self.folder = FOLDER / "configuration"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / ".storage").mkdir(parents=True)
        http = f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\n"
        (self.folder / "configuration.yaml").write_text(f"homeassistant:\n  name: Home\n{http}frontend:\n")
        # These questions to a new user are answered: they are about the place, its weather and statistics.
        done = {"done": ["core_config", "analytics", "integration"]}
        onboarding = {"version": 4, "minor_version": 1, "key": "onboarding", "data": done}
        (self.folder / ".storage/onboarding").write_text(json.dumps(onboarding))
        start("hass", VENV / "bin/hass", "--config", self.folder)
        wait_for("Home Assistant has started", self.has_started, 600)

    def ask(self, path, body=None):
        head = {"Content-Type": "application/json"}
        if self.tokens:
            head["Authorization"] = f"Bearer {self.tokens['access_token']}"
        request = urllib.request.Request(self.url + path, body and json.dumps(body).encode(), head)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def has_started(self):
        try:
            return self.ask("/api/onboarding")
        except OSError:
            return None

    def log_in(self):
        client = {"client_id": f"{self.url}/"}
        user = {"name": "Ann", "username": "ann", "password": PASSWORD, "language": "en"}
        code = self.ask("/api/onboarding/users", {**user, **client})["auth_code"]
        form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, **client})
        with urllib.request.urlopen(f"{self.url}/auth/token", form.encode(), timeout=60) as answer:
            self.tokens = json.load(answer)

    def add_mqtt(self, port):
        """Settings, Devices & services, Add integration, MQTT."""
        flows = "/api/config/config_entries/flow"
        flow = self.ask(flows, {"handler": "mqtt", "show_advanced_options": False})["flow_id"]
        broker = {"broker": "127.0.0.1", "port": port, "username": "winshm", "password": PASSWORD}
        answer = self.ask(f"{flows}/{flow}", broker)
        if answer["type"] != "create_entry":
            sys.exit(f"Home Assistant does not accept the broker: {answer}")

    def sensors(self):
        """The sensors of our device, by their labels."""
        states = {it["attributes"].get("friendly_name"): it for it in self.ask("/api/states")}
        names = {label: f"{DEVICE} {label} Value" for label, *_ in READINGS}
        return {label: states[name] for label, name in names.items() if name in states}

    def are_right(self, port):
        """The sensors, if all of them have the values of the broker."""
        broker = ["-h", "127.0.0.1", "-p", str(port), "-u", "winshm", "-P", PASSWORD]
        command = [program("mosquitto_sub"), *broker, "-t", TOPIC, "-C", "1", "-W", "10"]
        told = json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout or "{}")
        values = {label: told.get(f'readings["{label}"].Value') for label, *_ in READINGS}
        sensors = self.sensors()
        # Values change once a second, so one of the two can be a moment older.
        if {label: number(it["state"]) for label, it in sensors.items()} != values:
            return None
        for label, unit, kind, least, greatest in READINGS:
            has = sensors[label]["attributes"]
            has = [has.get(it) for it in ("unit_of_measurement", "device_class", "state_class")]
            if has != [unit, kind, "measurement"] or not least <= values[label] <= greatest:
                sys.exit(f"{label} is wrong: {sensors[label]}")
        return sensors

    def are_unavailable(self):
        return [it["state"] for it in self.sensors().values()] == ["unavailable"] * len(READINGS)


def number(text):
    return float(text) if re.fullmatch(r"[\d.]+", text) else text


def share(winshm, recording, port):
    environment = {**os.environ, "COMPUTERNAME": "RIG", "WINSHM_MQTT_PASSWORD": PASSWORD}
    broker = ["--mqtt", f"mqtt://winshm@127.0.0.1:{port}", "--home-assistant"]
    options = ["--loop", "--listen", "127.0.0.1:0", "--fields", "readings[*].Value", *broker]
    start("winshm", winshm, "share", recording, *options, env=environment)


def take_picture(home):
    with programs.browser(1000, 700) as browser:
        # Any page of this origin, so that the tokens are there for the next one. The menu is narrow.
        browser.get(f"{home.url}/manifest.json")
        expires = 1000 * (time.time() + home.tokens["expires_in"])
        tokens = {**home.tokens, "hassUrl": home.url, "clientId": f"{home.url}/", "expires": expires}
        script = "localStorage.hassTokens = arguments[0]; localStorage.dockedSidebar = arguments[1]"
        browser.execute_script(script, json.dumps(tokens), '"auto"')
        browser.get(f"{home.url}/lovelace/0")

        def is_drawn():
            text = " ".join(browser.execute_script(TEXT).split())
            return all(re.search(rf"{label} Value [\d.,]+ {unit}", text) for label, unit, *_ in READINGS)

        wait_for("the page shows all sensors with values and units", is_drawn)
        browser.save_screenshot(str(DOCS / "home-assistant.png"))


def main():
    if len(sys.argv) not in (1, 3) or not all(Path(it).is_file() for it in sys.argv[1:]):
        sys.exit(__doc__)
    programs.begin(PACKAGES, shutil.which("python3.11") or program("python3.12"))
    if len(sys.argv) == 3:
        winshm, recording = (Path(it).resolve() for it in sys.argv[1:])
    else:
        target = FOLDER / "cargo"
        winshm, recording = target / "debug/winshm", FOLDER / "race.mcap"
        cargo = ["cargo", "--quiet", "--config", f"build.target-dir='{target}'"]
        run(*cargo, "build", "--package", "winshm", "--features", "mqtt", cwd=ROOT)
        run(*cargo, "run", "--package", "winshm-core", "--example", "race", "--", recording, cwd=ROOT)

    port = free_port()
    start_broker(port)
    home = HomeAssistant()
    home.log_in()
    home.add_mqtt(port)

    share(winshm, recording, port)
    sensors = wait_for("the sensors have the values of the broker", lambda: home.are_right(port))
    for it in sensors.values():
        print(it["entity_id"], it["state"], it["attributes"]["unit_of_measurement"])
    take_picture(home)
    stop("winshm", signal.SIGKILL)
    wait_for("the sensors are unavailable after winshm was killed", home.are_unavailable)
    share(winshm, recording, port)
    again = wait_for("the sensors are back", lambda: home.are_right(port))
    stop("winshm")
    wait_for("the sensors are unavailable after winshm has ended", home.are_unavailable)
    if [it["entity_id"] for it in sensors.values()] != [it["entity_id"] for it in again.values()]:
        sys.exit(f"the sensors have other ids than before: {again}")

    log = (home.folder / "home-assistant.log").read_text()
    if complaints := re.findall(r".* (?:WARNING|ERROR) .*(?:mqtt|sensor).*", log):
        sys.exit("Home Assistant complains:\n" + "\n".join(complaints))
    print("docs/home-assistant.png is taken; the sensors were unavailable while winshm did not run")


if __name__ == "__main__":
    main()
