//! Computers that are network namespaces of this one, with cables (veth) to a switch (a bridge).

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::program::Program;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Three computers in a network of their own. Nothing of the network of this computer is changed.
pub(crate) struct Machines {
    /// The namespace of the switch; those of the computers have a number after it.
    switch: String,
}

impl Machines {
    pub(crate) const COUNT: usize = 3;

    pub(crate) fn connected() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let switch = format!("winshm-{}-{number}", std::process::id());
        let this = Self { switch };
        let switch = &this.switch;
        ip(&format!("netns add {switch}"));
        ip(&format!("-n {switch} link add switch type bridge"));
        ip(&format!("-n {switch} link set switch up"));
        for machine in 0..Self::COUNT {
            let name = this.name(machine);
            ip(&format!("netns add {name}"));
            let end = format!("peer name eth0 netns {name}");
            ip(&format!(
                "-n {switch} link add port{machine} type veth {end}"
            ));
            ip(&format!(
                "-n {switch} link set port{machine} master switch up"
            ));
            ip(&format!("-n {name} link set lo up"));
            let address = Self::address(machine);
            ip(&format!("-n {name} address add {address}/24 dev eth0"));
            ip(&format!("-n {name} link set eth0 up"));
        }
        this
    }

    pub(crate) fn address(machine: usize) -> String {
        format!("10.77.0.{}", machine + 1)
    }

    /// Starts a program on one of them.
    pub(crate) fn start(&self, machine: usize, arguments: &[&str]) -> Program {
        let program = env!("CARGO_BIN_EXE_winshm-zenoh");
        let mut command = Command::new("ip");
        command.args(self.on(machine)).arg(program).args(arguments);
        Program::spawn(command)
    }

    /// The arguments of `ip` that run on one of them the program that follows.
    pub(crate) fn on(&self, machine: usize) -> [String; 3] {
        ["netns".to_owned(), "exec".to_owned(), self.name(machine)]
    }

    /// Pulls the cable of one of them, or puts it back.
    pub(crate) fn connect(&self, machine: usize, is_connected: bool) {
        let how = if is_connected { "up" } else { "down" };
        ip(&format!("-n {} link set port{machine} {how}", self.switch));
    }

    fn name(&self, machine: usize) -> String {
        format!("{}-{machine}", self.switch)
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        let machines = (0..Self::COUNT).map(|it| self.name(it));
        for name in machines.chain([self.switch.clone()]) {
            Command::new("ip")
                .args(["netns", "delete", &name])
                .status()
                .ok();
        }
    }
}

#[track_caller]
fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).output();
    let done = done.expect("iproute2 is installed");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "ip {arguments}: {said}");
}
