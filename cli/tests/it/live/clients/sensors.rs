//! HWiNFO and AIDA64: the sensors of a computer.

use super::{READS, assert_has, assert_whole, client, serve};

#[test]
#[ignore = "needs the programs of peers"]
fn hwinfo_is_read_by_what_its_sample_has() {
    let values = [
        "sensors[1].szSensorNameUser=Mainboard",
        "readings[2].dwSensorIndex=1",
        "readings[2].ValueMin=650",
        "readings[2].ValueMax=1450.5",
        "readings[2].ValueAvg=900.25",
    ];
    let rows = ["--rows", "sensors=2", "--rows", "readings=60"];
    let numbers: Vec<String> = (0..60).map(|it| it.to_string()).collect();
    let moving: Vec<String> = numbers
        .iter()
        .map(|it| format!("readings[{it}].Value"))
        .collect();
    let moving: Vec<_> = moving.iter().map(String::as_str).collect();
    let _serving = serve("hwinfo", "1000", &[&values[..], &rows].concat(), &moving);

    let read = client("hwinfo_reader", &[&READS.to_string()]);
    let header = ["signature=HWiS", "version=1", "sensor[1]=Mainboard"];
    assert_has(&read[0], &header);
    let first = ["type=1", "sensor=0", "label=CPU Package", "unit=°C"];
    assert_has(&read[1], &first);
    let third = [
        "type=3",
        "sensor=1",
        "label=Fan",
        "unit=RPM",
        "least=650",
        "greatest=1450.5",
        "average=900.25",
    ];
    assert_has(&read[3], &third);
    let names: Vec<_> = numbers.iter().map(String::as_str).collect();
    assert_whole(&read[61..], &names);
}

#[test]
#[ignore = "needs the programs of peers"]
fn aida64_is_read_by_a_crate() {
    let text = "sensors=<sys><id>SCPUCLK</id><label>CPU Clock</label><value>4200</value></sys>\
                <temp><id>TCPU</id><label>CPU &amp; more</label><value>61</value></temp>";
    let _serving = serve("aida64", "1000", &[text], &[]);
    let read = client("aida64_reader_rs", &["500"]);
    assert_eq!(read.len(), 1000);
    for sensors in read.chunks(2) {
        let clock = ["id=SCPUCLK", "label=CPU Clock", "value=4200"];
        assert_has(&sensors[0], &clock);
        let temperature = ["id=TCPU", "label=CPU & more", "value=61"];
        assert_has(&sensors[1], &temperature);
    }
}
