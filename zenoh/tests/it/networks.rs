//! Three computers.

use crate::drive::{Drive, NAME};
use crate::machines::Machines;

#[test]
#[ignore = "needs root, and network namespaces of Linux"]
fn a_value_of_one_machine_is_on_both_others() {
    let machines = Machines::connected();
    let drive = Drive::of(5);
    let publish = ["publish", drive.path(), "--loop", "--machine", "rig"];
    let _publishing = machines.start(0, &publish);
    let watching = [1, 2].map(|it| machines.start(it, &["watch", NAME]));
    for watching in &watching {
        watching.wait_for("is published by rig");
        watching.wait_for("live");
    }
    let speed = watching[0].speed(|_| true);
    // The recording is played again and again, and no copy is left out.
    assert_eq!(watching[1].speed(|it| it == speed), speed);
    for watching in &watching {
        watching.moves();
    }
    let list = machines.start(2, &["list"]);
    let row = list.wait_for("rig");
    assert!(row.contains(NAME) && row.contains("live"), "{row}");
}

#[test]
#[ignore = "needs root, and network namespaces of Linux"]
fn each_machine_has_the_regions_of_the_others() {
    let machines = Machines::connected();
    let drive = Drive::of(5);
    let names = ["a", "b", "c"];
    let publishing = [0, 1, 2].map(|it| {
        let publish = ["publish", drive.path(), "--loop", "--machine", names[it]];
        machines.start(it, &publish)
    });
    for (machine, publishing) in publishing.iter().enumerate() {
        publishing.wait_for("is published by");
        for from in names.iter().filter(|it| **it != names[machine]) {
            let watching = machines.start(machine, &["watch", NAME, "--from", from]);
            watching.wait_for(&format!("is published by {from}"));
            watching.moves();
        }
    }
}

#[test]
#[ignore = "needs root, and network namespaces of Linux"]
fn a_router_goes_and_comes_back_and_values_go_on() {
    let machines = Machines::connected();
    let drive = Drive::of(5);
    let router = Machines::address(0);
    // One that is not there yet is waited for.
    let publish = ["publish", drive.path(), "--loop", "--router", &router];
    let publishing = machines.start(1, &publish);
    publishing.wait_for("the router 10.77.0.1:7447 does not answer; trying again");
    let listen = format!("{router}:7447");
    let route = || {
        let route = machines.start(0, &["router", "--listen", &listen]);
        route.wait_for("the router listens");
        route
    };
    let routing = route();
    publishing.wait_for("is published by");
    let watching = machines.start(2, &["watch", NAME, "--router", &router]);
    watching.moves();
    drop(routing);
    watching.wait_for("nobody is connected any more");
    publishing.wait_for("nobody is connected any more");
    let _routing = route();
    watching.wait_for("connected");
    watching.forget();
    watching.moves();
}

#[test]
#[ignore = "needs root, and network namespaces of Linux"]
fn a_machine_whose_cable_is_pulled_is_told_of_and_goes_on_later() {
    let machines = Machines::connected();
    let drive = Drive::of(5);
    let publish = ["publish", drive.path(), "--loop", "--machine", "rig"];
    let _publishing = machines.start(0, &publish);
    let watching = [1, 2].map(|it| machines.start(it, &["watch", NAME]));
    watching[0].moves();
    watching[1].moves();
    machines.connect(1, false);
    watching[0].wait_for("nothing is heard from rig any more");
    watching[0].wait_for("absent");
    watching[1].forget();
    watching[1].moves();
    machines.connect(1, true);
    watching[0].wait_for("is published by rig");
    watching[0].moves();
}
