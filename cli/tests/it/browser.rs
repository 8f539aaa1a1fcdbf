//! The page of `winshm share`, in a real browser.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::share::{ATTACK, Sharing, recording};
use crate::tool::WATCHDOG;

/// A browser with one page, driven by its DevTools protocol.
struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    count: u64,
    /// That of the page.
    session: Option<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        let program = std::env::var("WINSHM_BROWSER").unwrap_or_else(|_| "chromium".to_owned());
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu"])
            // A container or a chroot may have none.
            .arg("--disable-dev-shm-usage")
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.by_ref().map(Result::unwrap).find_map(|it| {
            it.strip_prefix("DevTools listening on ")
                .map(|it| it.trim().to_owned())
        });
        let url = url.expect("the browser says where it listens");
        // What else it has to say must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        let (socket, _) = tungstenite::client(url.as_str(), stream).unwrap();
        let mut this = Self {
            child,
            socket,
            count: 0,
            session: None,
            _profile: profile,
        };
        let targets = this.call("Target.getTargets", json!({}));
        let targets = targets["targetInfos"].as_array().unwrap();
        let page = &targets.iter().find(|it| it["type"] == "page").unwrap()["targetId"];
        let attached = this.call(
            "Target.attachToTarget",
            json!({ "targetId": page, "flatten": true }),
        );
        this.session = Some(attached["sessionId"].clone());
        this
    }

    /// Calls a method, and waits for what it gives.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.count += 1;
        let mut call = json!({ "id": self.count, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            call["sessionId"] = session.clone();
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let Message::Text(answer) = self.socket.read().unwrap() else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&answer).unwrap();
            if answer["id"] == self.count {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// A window of this size, of a phone or not.
    fn window(&mut self, [width, height]: [u32; 2], scheme: &str, is_phone: bool) {
        let scale = if is_phone { 2 } else { 1 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme }));
    }

    fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    /// What an expression is in the page.
    fn evaluate(&mut self, expression: &str) -> Value {
        let what = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", what)["result"]["value"].take()
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    fn wait(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.evaluate(expression) != true {
            assert!(begun.elapsed() < WATCHDOG, "it is not so: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn mouse(&mut self, kind: &str, [x, y]: [f64; 2]) {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Keeps a picture, if somebody wants to look at it.
    fn picture(&mut self, name: &str) {
        let taken = self.call("Page.captureScreenshot", json!({}));
        let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        if let Some(folder) = std::env::var_os("WINSHM_SCREENSHOTS") {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(Path::new(&folder).join(name), picture).unwrap();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
#[ignore = "needs Chromium; WINSHM_BROWSER names it"]
fn values_move_and_charts_zoom_and_names_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--token"]);
    let mut browser = Browser::start();
    browser.window([1280, 800], "light", false);
    browser.open(&sharing.page);

    browser.wait("document.querySelectorAll('.row').length === 6");
    browser.wait("plots.length > 0 && regions[0].times.length > 40");
    let now = browser.evaluate("document.querySelector('.now').textContent");
    browser.wait(&format!(
        "document.querySelector('.now').textContent !== {now}"
    ));
    browser.wait("regions[0].series[0].min < regions[0].series[0].now");
    browser.picture("wide-light.png");

    let attack = json!(ATTACK);
    browser.wait(&format!(
        "document.querySelector('#regions span').textContent === {attack}"
    ));
    let row = format!(
        "[...document.querySelectorAll('.path')].some(it => it.textContent.includes({attack}.slice(0, 20)))"
    );
    browser.wait(&row);
    browser.wait("document.scripts.length === 2 && document.title !== 'owned'");
    browser.wait("performance.getEntriesByType('resource').every(it => it.name.startsWith(location.origin) || it.name.startsWith('data:'))");

    // A drag over the chart zooms, and holds the picture; a button goes back.
    let edge = browser.evaluate(
        "(it => [it.left, it.top, it.width, it.height])(document.querySelector('.u-over').getBoundingClientRect())",
    );
    let at = |part: f64| {
        let [left, top, width, height] = [0, 1, 2, 3].map(|it| edge[it].as_f64().unwrap());
        [left + part * width, top + height / 2.0]
    };
    browser.mouse("mouseMoved", at(0.4));
    browser.mouse("mousePressed", at(0.4));
    browser.mouse("mouseMoved", at(0.5));
    browser.mouse("mouseMoved", at(0.6));
    browser.mouse("mouseReleased", at(0.6));
    browser.wait("view !== null && document.getElementById('pause').textContent === 'Live'");
    browser.wait("(it => it.max - it.min < 0.25 * (regions[0].times.at(-1) - regions[0].times[0]))(plots[0].plot.scales.x)");
    let kept = browser.evaluate("regions[0].times.length");
    browser.wait(&format!("regions[0].times.length > {kept} + 5"));
    browser.wait("view.max < regions[0].times.at(-1)");
    browser.evaluate("document.getElementById('pause').click()");
    browser.wait("view === null && plots[0].plot.scales.x.max === regions[0].times.at(-1)");

    // Values are chosen by a click, and found by a word.
    let lines = browser.evaluate("plots.flatMap(it => it.series).length");
    browser.evaluate("[...document.querySelectorAll('.row')].find(it => it.textContent.startsWith('count')).click()");
    browser.wait(&format!(
        "plots.flatMap(it => it.series).length === {lines} + 1"
    ));
    browser.evaluate("filterBy('driv')");
    browser.wait("[...document.querySelectorAll('.row')].filter(it => !it.hidden).length === 1");
    browser.evaluate("filterBy('')");
    sizes(&mut browser);
}

/// Other windows, down to that of a phone.
fn sizes(browser: &mut Browser) {
    for (name, size, scheme, is_phone) in [
        ("wide-dark.png", [1280, 800], "dark", false),
        ("phone-light.png", [390, 844], "light", true),
        ("phone-dark.png", [390, 844], "dark", true),
    ] {
        browser.window(size, scheme, is_phone);
        browser.wait(&format!("innerWidth === {}", size[0]));
        browser.wait("document.documentElement.scrollWidth <= innerWidth");
        browser.wait("plots.every(it => it.plot.width <= innerWidth)");
        browser.picture(name);
    }
}

#[test]
#[ignore = "needs Chromium; WINSHM_BROWSER names it"]
fn a_page_of_another_site_reads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 60);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    let other = Sharing::start(&[path.to_str().unwrap()]);
    let mut browser = Browser::start();
    // A page of another origin, with a policy that would let it.
    browser.open(&other.page);
    browser.wait("regions.length === 1");
    browser.call("Page.setBypassCSP", json!({ "enabled": true }));
    browser.open(&format!("{}?again", other.page));
    browser.wait("location.search === '?again' && regions.length === 1");
    let attempt = format!(
        "(async () => {{ let all = []; for (const mode of ['cors', 'no-cors']) try {{ const it = await fetch('{}json', {{ mode }});          all.push(await it.text()); }} catch (error) {{ all.push('refused'); }} window.told = all.join(' '); }})()",
        sharing.page
    );
    browser.evaluate(&attempt);
    browser.wait("window.told !== undefined");
    let told = browser.evaluate("told");
    assert!(!told.as_str().unwrap().contains("speed"), "{told}");
}
