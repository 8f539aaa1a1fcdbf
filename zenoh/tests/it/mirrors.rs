//! Three computers with Windows, each with a mirror. A network namespace and a Wine prefix stand for a computer.
//!
//! `WINSHM_EXE` and `WINSHM_ZENOH_EXE` are the programs for Windows.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::machines::Machines;
use crate::prefix::{Prefix, variable};
use crate::program::{Program, WATCHDOG};

/// A region that has a layout by its name, and another.
const TEMPERATURES: &str = "CoreTempMappingObjectEx";
const OTHER: &str = "Other";

struct Computers {
    machines: Machines,
    prefixes: [Prefix; Machines::COUNT],
}

impl Computers {
    fn connected() -> Self {
        Self {
            machines: Machines::connected(),
            prefixes: std::array::from_fn(|_| Prefix::new()),
        }
    }

    fn command(&self, machine: usize, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.prefixes[machine].command("ip", &[]);
        command.args(self.machines.on(machine)).arg("wine");
        command.arg(variable(program)).args(arguments);
        command
    }

    fn start(&self, machine: usize, program: &str, arguments: &[&str]) -> Program {
        Program::spawn(self.command(machine, program, arguments))
    }

    /// Makes a region on one of them, and publishes it. Multicast finds nobody under Wine 8, so the others are told where.
    fn publish(&self, machine: usize, name: &str, value: &str) -> [Program; 2] {
        let create = [
            "create",
            name,
            "--layout",
            "core-temp",
            "uiCoreCnt=1",
            value,
        ];
        let created = self.start(machine, "WINSHM_EXE", &create);
        created.wait_for("is there");
        let publish = ["publish", name, "--layout", "core-temp", "--machine"];
        let (address, number) = (Machines::address(machine), machine.to_string());
        let network = [&number, "--listen", &address, "--no-multicast"];
        let publishing = self.start(
            machine,
            "WINSHM_ZENOH_EXE",
            &[&publish[..], &network].concat(),
        );
        publishing.wait_for("is published by");
        [created, publishing]
    }

    fn mirror(&self, machine: usize, name: &str, from: usize) -> Program {
        let address = Machines::address(from);
        let network = ["--peer", &address, "--no-multicast"];
        let mirror = [&["mirror", name, "--gone", "10min"], &network[..]].concat();
        let mirroring = self.start(machine, "WINSHM_ZENOH_EXE", &mirror);
        mirroring.wait_for("is mirrored");
        mirroring
    }

    /// Waits until programs on one of them read this.
    #[track_caller]
    fn wait_for(&self, machine: usize, name: &str, value: &str) {
        let begun = Instant::now();
        let read = ["read", name, "fTemp[0]", "--layout", "core-temp"];
        loop {
            let read = self.command(machine, "WINSHM_EXE", &read).output().unwrap();
            let read = String::from_utf8_lossy(&read.stdout).into_owned();
            if read.trim_end() == value {
                return;
            }
            assert!(begun.elapsed() < WATCHDOG, "{machine} has {read:?}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn write(&self, machine: usize, name: &str, value: &str) {
        let write = ["write", name, value, "--layout", "core-temp"];
        let written = self.command(machine, "WINSHM_EXE", &write).status();
        assert!(written.unwrap().success());
    }
}

#[test]
#[ignore = "needs root, network namespaces of Linux, Wine, and programs for Windows"]
fn a_value_written_on_one_machine_is_in_the_regions_of_both_others() {
    let computers = Computers::connected();
    let _published = [
        computers.publish(0, TEMPERATURES, "fTemp[0]=40"),
        computers.publish(1, OTHER, "fTemp[0]=70"),
    ];
    let _mirroring = [
        computers.mirror(1, TEMPERATURES, 0),
        computers.mirror(2, TEMPERATURES, 0),
        computers.mirror(0, OTHER, 1),
    ];
    for machine in [1, 2] {
        computers.wait_for(machine, TEMPERATURES, "fTemp[0] = 40");
    }
    computers.wait_for(0, OTHER, "fTemp[0] = 70");
    computers.write(0, TEMPERATURES, "fTemp[0]=55.5");
    for machine in [1, 2] {
        computers.wait_for(machine, TEMPERATURES, "fTemp[0] = 55.5");
    }
    // A cable is pulled, and what was written meanwhile is there afterwards.
    computers.machines.connect(2, false);
    computers.write(0, TEMPERATURES, "fTemp[0]=61");
    computers.wait_for(1, TEMPERATURES, "fTemp[0] = 61");
    computers.wait_for(2, TEMPERATURES, "fTemp[0] = 55.5");
    computers.machines.connect(2, true);
    computers.wait_for(2, TEMPERATURES, "fTemp[0] = 61");
}
