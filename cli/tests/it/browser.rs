//! The page of `winshm share`, in a real browser.

use serde_json::json;

use crate::chromium::Browser;
use crate::race;
use crate::share::{ATTACK, Sharing, recording};

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
fn a_page_has_several_regions_and_each_goes_on_while_another_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("race.mcap");
    race::write(&path).unwrap();
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    let mut browser = Browser::start();
    browser.window([1280, 760], "dark", false);
    browser.open(&sharing.page);
    browser.wait(
        "regions.length === 2 && regions.every(it => it.state === 'live' && it.times.length > 1)",
    );
    let names = browser
        .evaluate("[...document.querySelectorAll('#regions span')].map(it => it.textContent)");
    assert_eq!(
        names,
        json!([r"Local\acpmf_physics", r"Global\HWiNFO_SENS_SM2"])
    );

    let tyre = |wheel| format!("tyre_core_temperature[{wheel}]");
    let tyres = [0, 1, 2, 3].map(tyre);
    let wanted = ["speed_kmh", "rpm"]
        .into_iter()
        .chain(tyres.iter().map(String::as_str));
    let wanted = json!(wanted.collect::<Vec<_>>());
    let drawn =
        format!("JSON.stringify(plots.flatMap(it => it.series).map(it => it.path)) === '{wanted}'");
    browser.wait("plots.length > 0");
    browser.evaluate(&format!(
        "{{
            const rows = [...document.querySelectorAll('.row')];
            for (const it of rows) if (it.getAttribute('aria-pressed') === 'true') it.click();
            const of = path => rows.find(it => it.querySelector('.path').textContent === path);
            for (const it of {wanted}) of(it).click();
        }}"
    ));
    browser.wait(&drawn);
    browser.evaluate("document.getElementById('moving').click()");
    // So that there is something to see on the pictures.
    browser.wait("regions.every(it => it.times.at(-1) - it.times[0] > 26)");
    browser.picture_of_a_document("share.png");

    let other = "document.querySelectorAll('#regions button')[1]";
    browser.window([390, 844], "light", true);
    browser.evaluate(&format!("{other}.click()"));
    browser.wait(&format!("{other}.getAttribute('aria-pressed') === 'true'"));
    browser.wait("[...document.querySelectorAll('.path')].some(it => it.textContent.includes('CPU Package'))");
    browser.wait("plots.length === 3 && plots.every(it => it.plot.width <= innerWidth)");
    browser.picture_of_a_document("share-phone.png");
    let now = browser.evaluate("[regions[0].times.length, regions[1].times.length]");
    browser.wait(&format!("regions[0].times.length > {} + 20", now[0]));
    browser.wait(&format!("regions[1].times.length > {}", now[1]));

    browser.evaluate("document.querySelectorAll('#regions button')[0].click()");
    browser.wait(&drawn);
    browser.wait("regions[0].times.every((it, at, all) => at === 0 || it - all[at - 1] < 5)");
}

#[test]
#[ignore = "needs Chromium; WINSHM_BROWSER names it"]
fn a_second_page_does_not_slow_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    let mut browser = Browser::start();
    let open = |browser: &mut Browser| {
        browser.window([1280, 800], "light", false);
        browser.open(&sharing.page);
        browser.wait("plots.length > 0");
    };
    open(&mut browser);
    let alone = part(&mut browser, &sharing);
    let first = browser.another();
    open(&mut browser);
    let second = browser.turn_to(first);
    let together = part(&mut browser, &sharing);
    assert!(together > 0.8 * alone, "{together} instead of {alone}");
    browser.turn_to(second);
    let second = part(&mut browser, &sharing);
    assert!(second > 0.8 * alone, "{second} instead of {alone}");
}

/// Which part of the values that the server tells the page gets, while another client counts them.
fn part(browser: &mut Browser, sharing: &Sharing) -> f64 {
    let told = 100;
    let mut values = sharing.events().filter(|it| it.0 == "values");
    let mut count = |browser: &mut Browser, more| {
        values.by_ref().take(more).for_each(drop);
        browser
            .evaluate("regions[0].times.length")
            .as_f64()
            .unwrap()
    };
    let begin = count(browser, 1);
    (count(browser, told) - begin) / told as f64
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
