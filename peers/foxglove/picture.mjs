// Opens what `winshm share` serves in Foxglove Studio, in Chromium without a window, and takes docs/foxglove.png.
//
//     node peers/foxglove/picture.mjs [WINSHM]
//
// WINSHM is a `winshm` for this system with the feature `share`; without it, that of `cargo xtask test host`. It takes
// Node.js 20, npm and Chromium, which WINSHM_BROWSER may name. Besides the picture, all that it installs and writes lies
// in target/foxglove. It fails if Studio lists a problem, or shows a value that was not recorded.

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const folder = path.join(root, "target/foxglove");
const picture = path.join(root, "docs/foxglove.png");

/** How long each step may take, in milliseconds. Studio has 56 MB of code. */
const PATIENCE = 120_000;

/** How much of the drive the picture has to show, and how many copies there are in a second of it. */
const SHOWN_SECONDS = 22;
const RATE = 50;

/** The picture is part of the repository. */
const LARGEST = 200_000;

/** What is explained by its message alone. */
class Failure extends Error {}

const fail = (message) => {
  throw new Failure(message);
};

/** What is to be ended, whatever happens. */
const endings = [];

/** Installs the packages at the locked versions, unless they are there. */
function install() {
  const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
  const names = ["package.json", "package-lock.json"];
  const wanted = names.map((it) => read(path.join(here, it))).join("");
  const mark = path.join(folder, "installed");
  if (read(mark) === wanted) return;
  fs.mkdirSync(folder, { recursive: true });
  for (const name of names) fs.copyFileSync(path.join(here, name), path.join(folder, name));
  console.log("Installing Foxglove Studio into target/foxglove …");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
  if (npm.status !== 0) fail("`npm ci` failed. It takes npm, and registry.npmjs.org.");
  fs.writeFileSync(mark, wanted);
}

/** A package that was installed. */
const installed = (name) => createRequire(path.join(folder, "package.json"))(name);

/** What the game has after so many seconds. All of it repeats after a minute. */
function drive(seconds) {
  const wave = (period, low, high) => low + ((high - low) / 2) * (1 + Math.sin((2 * Math.PI * seconds) / period));
  const speed = wave(12, 62, 240);
  const gear = Math.min(6, 2 + Math.floor((speed - 60) / 40));
  return {
    gas: wave(6, 0, 1),
    brake: Math.max(0, wave(12, -1.4, 0.6)),
    fuel: wave(60, 38, 41),
    gear,
    rpm: Math.round(4200 + (((speed - 60) % 40) / 40) * 3300),
    steer: wave(7.5, -0.4, 0.4),
    speed,
    temperatures: [0, 1, 2, 3].map((wheel) => wave(15, 71 + 2 * wheel, 85 + 2 * wheel)),
  };
}

/** A minute of Assetto Corsa's page "physics", as `winshm record` writes it, but with all bytes in each message. */
async function record(winshm, file) {
  const shown = spawnSync(winshm, ["layout", "show", "assetto-corsa-physics"], { encoding: "utf8" });
  if (shown.status !== 0) fail(`${winshm} shows no layout: ${shown.error?.message ?? shown.stderr}`);
  const layout = JSON.stringify(installed("smol-toml").parse(shown.stdout));

  const { McapWriter } = installed("@mcap/core");
  const handle = await fs.promises.open(file, "w");
  let position = 0n;
  const writable = {
    position: () => position,
    write: async (bytes) => {
      await handle.writeFile(bytes);
      position += BigInt(bytes.byteLength);
    },
  };
  const writer = new McapWriter({ writable });
  await writer.start({ profile: "winshm", library: "picture.mjs" });
  const name = "Local\\acpmf_physics";
  const channelId = await writer.registerChannel({
    topic: "/Local_acpmf_physics/raw",
    schemaId: 0,
    messageEncoding: "x-winshm-delta",
    metadata: new Map([["name", name]]),
  });
  const region = new Map(Object.entries({ name, channel: String(channelId), layout }));
  await writer.addMetadata({ name: "winshm region", metadata: region });
  for (let copy = 0; copy < 60 * RATE; copy++) {
    const values = drive(copy / RATE);
    // A byte that says that all bytes of the region follow, and these.
    const message = new DataView(new ArrayBuffer(1 + 800));
    const float = (offset, value) => message.setFloat32(1 + offset, value, true);
    const int = (offset, value) => message.setInt32(1 + offset, value, true);
    int(0, copy);
    float(4, values.gas);
    float(8, values.brake);
    float(12, values.fuel);
    int(16, values.gear);
    int(20, values.rpm);
    float(24, values.steer);
    float(28, values.speed);
    values.temperatures.forEach((value, wheel) => float(152 + 4 * wheel, value));
    const time = 1_700_000_000_000_000_000n + BigInt(copy * (1_000_000_000 / RATE));
    const data = new Uint8Array(message.buffer);
    await writer.addMessage({ channelId, sequence: copy, logTime: time, publishTime: time, data });
  }
  await writer.end();
  await handle.close();
}

/** What a promise gives, if it does so soon. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`${what} within ${PATIENCE / 1000} s.`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Shares the recording with pages of this origin. Returns the address. */
function share(winshm, file, origin) {
  const where = ["--listen", "127.0.0.1:0", "--origin", origin, "--loop"];
  const child = spawn(winshm, ["share", file, ...where], { stdio: ["ignore", "pipe", "inherit"] });
  endings.push(() => child.kill());
  const told = new Promise((resolve, reject) => {
    let text = "";
    child.on("error", (error) => reject(new Failure(`${winshm} does not start: ${error.message}`)));
    child.on("exit", (code) => reject(new Failure(`\`winshm share\` ended with ${code}.`)));
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const address = /http:\/\/([\d.]+:\d+)/.exec(text)?.[1];
      if (address) resolve(address);
    });
  });
  return within(told, "`winshm share` did not say where it listens");
}

/** Serves the page and the packages. Returns the origin. */
async function serve() {
  const packages = path.join(folder, "node_modules");
  const folders = {
    "/studio/": path.join(packages, "@foxglove/studio-base/assets"),
    "/react/": path.join(packages, "react"),
    "/react-dom/": path.join(packages, "react-dom"),
    "/": here,
  };
  const types = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
  };
  const server = http.createServer((request, answer) => {
    const wanted = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const [prefix, base] = Object.entries(folders).find(([it]) => wanted.startsWith(it));
    const file = path.join(base, wanted.slice(prefix.length) || "index.html");
    if (!file.startsWith(base) || !fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
      answer.writeHead(404).end();
      return;
    }
    answer.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
    fs.createReadStream(file).pipe(answer);
  });
  endings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

/** Where Chromium is. */
function browserPath() {
  const wanted = process.env.WINSHM_BROWSER;
  const names = wanted ? [wanted] : ["chromium", "chromium-browser", "google-chrome"];
  for (const name of names) {
    if (path.isAbsolute(name) && fs.existsSync(name)) return name;
    const folders = (process.env.PATH ?? "").split(path.delimiter);
    const found = folders.map((it) => path.join(it, name)).find((it) => fs.existsSync(it));
    if (found) return found;
  }
  return fail(`There is no ${names.join(", ")}. Install Chromium, or name it with WINSHM_BROWSER.`);
}

/** A page in a browser, and what Studio lists as problems. */
async function open() {
  const browser = await installed("puppeteer-core").launch({
    executablePath: browserPath(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--lang=en"],
    defaultViewport: { width: 1280, height: 760 },
    timeout: PATIENCE,
    protocolTimeout: PATIENCE,
  });
  endings.push(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const problems = [];
  page.on("pageerror", (error) => problems.push(`the page: ${error.message}`));
  page.on("console", async (it) => {
    if (it.type() === "error" || it.text().startsWith("Player problem")) {
      const parts = it.args().map((part) => part.evaluate((it) => it?.message ?? String(it)).catch(() => ""));
      problems.push((await Promise.all(parts)).join(" ") || it.text());
    }
  });
  return { page, problems };
}

/** What Studio shows, as it is in the page now: texts, and the numbers of the message by their names. */
function shown() {
  const text = document.body.innerText;
  const duration = /DURATION\s+(\d+):(\d+):(\d+)/.exec(text);
  const rows = [...document.querySelectorAll("li > label")];
  const numbers = rows.map((it) => [it.textContent.trim(), Number(it.nextElementSibling?.textContent)]);
  return {
    seconds: duration ? 3600 * duration[1] + 60 * duration[2] + Number(duration[3]) : 0,
    hasTopic: text.includes("/Local_acpmf_physics\nwinshm.PageFilePhysics"),
    numbers: Object.fromEntries(numbers.filter(([, number]) => Number.isFinite(number))),
  };
}

/** Waits until what is shown is as wanted. A problem ends the waiting. */
async function until({ page, problems }, what, wanted) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const now = await page.evaluate(shown);
    if (problems.length > 0) fail(`Studio lists a problem: ${problems.join("; ")}`);
    if (wanted(now)) return now;
    if (Date.now() > end) fail(`Studio did not show ${what} within ${PATIENCE / 1000} s.`);
    // Until the next picture of the page.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** Compares what is shown of one message with what was recorded. */
function compare({ packet_id: copy, gas, brake, fuel, gear, rpm, steer_angle: steer, speed_kmh: speed }) {
  const { temperatures, ...recorded } = drive(copy / RATE);
  for (const [name, number] of Object.entries({ gas, brake, fuel, gear, rpm, steer, speed })) {
    const wanted = Math.fround(recorded[name]);
    if (number !== wanted) fail(`Studio shows ${name} as ${number} in copy ${copy}, of which ${wanted} was recorded.`);
  }
}

async function main() {
  const winshm = path.resolve(process.argv[2] ?? path.join(root, "target/host/debug/winshm"));
  if (!fs.existsSync(winshm)) fail(`There is no ${winshm}. Build it, or name another.`);
  install();
  const file = path.join(folder, "drive.mcap");
  await record(winshm, file);
  const origin = await serve();
  const address = await share(winshm, file, origin);

  const studio = await open();
  const query = { ds: "foxglove-websocket", "ds.url": `ws://${address}`, layoutId: "winshm" };
  await studio.page.goto(`${origin}/?${new URLSearchParams(query)}`);
  const has = (it) => it.hasTopic && "packet_id" in it.numbers;
  const first = await until(studio, "the topic and a message", has);
  // The lists of a message come first, and would fill the panel.
  await studio.page.evaluate(() => {
    const rows = [...document.querySelectorAll("li > label")];
    rows.find((it) => it.textContent.trim() === "packet_id").scrollIntoView();
  });
  const copies = new Set([first.numbers.packet_id]);
  await until(studio, `${SHOWN_SECONDS} s of the drive`, (now) => {
    compare(now.numbers);
    copies.add(now.numbers.packet_id);
    return now.seconds >= SHOWN_SECONDS;
  });
  // A panel shows as many as the machine can.
  if (copies.size < SHOWN_SECONDS) fail(`Studio showed ${copies.size} copies only.`);
  const taken = await studio.page.screenshot();
  if (taken.length > LARGEST) fail(`The picture has ${taken.length} bytes, which is too much.`);
  fs.writeFileSync(picture, taken);
  console.log(`${copies.size} copies were shown as they were recorded; ${path.relative(root, picture)} is written.`);
}

main()
  .catch((error) => {
    console.error(error instanceof Failure ? error.message : error);
    process.exitCode = 1;
  })
  .finally(async () => {
    for (const end of endings.reverse()) await end();
  });
