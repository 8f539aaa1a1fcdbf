//! [`Network`]

use std::collections::HashSet;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Code, Failure, Result, stop};
use winshm_core::escape;
use zenoh::session::ZenohId;
use zenoh::{Config, Session, Wait};

/// The name of this program in its messages.
pub(crate) const PROGRAM: &str = "winshm-zenoh";

/// The port of routers.
pub(crate) const PORT: u16 = 7447;

/// No region is larger than 64 MiB, and no message larger than this is accepted.
const LONGEST: usize = 65 << 20;

/// The pauses after a router has not answered: the first is this long, and each is twice the one before, up to the last.
const TRIES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(4)];

/// How often it checks the connections, and whether to end.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Network {
    /// Connect only to this router: HOST, or HOST:PORT
    #[arg(long, value_name = "HOST", value_parser = endpoint)]
    router: Vec<String>,
    /// Also connect to this computer, which multicast does not reach: HOST:PORT as in --listen there
    #[arg(long, value_name = "HOST", value_parser = endpoint, conflicts_with = "router")]
    peer: Vec<String>,
    /// Accept connections at ADDR:PORT; by default at a free port of all addresses
    #[arg(long, value_name = "ADDR", value_parser = endpoint, conflicts_with = "router")]
    listen: Vec<String>,
    /// Do not look for other computers by multicast
    #[arg(long)]
    no_multicast: bool,
    /// A Zenoh configuration file (JSON5), for settings that have no option here
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// An address as Zenoh writes it. TCP is the only transport here.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    let address = text.strip_prefix("tcp/").unwrap_or(text);
    if address.is_empty() || address.contains(['/', ' ']) {
        return Err("write for example 192.168.1.4, rig.local:7447 or [::]:7447".to_owned());
    }
    let after = address.rsplit(']').next().unwrap_or_default();
    let has_port = after.contains(':') && (address.starts_with('[') || !is_ipv6(address));
    Ok(match (has_port, is_ipv6(address)) {
        (true, _) => format!("tcp/{address}"),
        (false, true) => format!("tcp/[{address}]:{PORT}"),
        (false, false) => format!("tcp/{address}:{PORT}"),
    })
}

/// This port at all addresses of this computer. On Windows, a socket of IPv6 takes no connections of IPv4; elsewhere it does,
/// and one of IPv4 cannot be there as well.
pub(crate) fn everywhere(port: u16) -> Vec<String> {
    let all: &[&str] = if cfg!(windows) {
        &["0.0.0.0", "[::]"]
    } else {
        &["[::]"]
    };
    all.iter().map(|it| format!("tcp/{it}:{port}")).collect()
}

fn is_ipv6(address: &str) -> bool {
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

impl Network {
    /// Joins the network. Tries a router that does not answer again and again; `None` if the program is to end first.
    pub(crate) fn join(&self) -> Result<Option<Joined>> {
        let mode = if self.router.is_empty() {
            "peer"
        } else {
            "client"
        };
        let mut config = self.config(mode)?;
        if !self.router.is_empty() {
            set(&mut config, "connect/endpoints", &list(&self.router))?;
        }
        if !self.peer.is_empty() {
            set(&mut config, "connect/endpoints", &list(&self.peer))?;
        }
        if !self.listen.is_empty() {
            set(&mut config, "listen/endpoints", &list(&self.listen))?;
        } else if self.router.is_empty() && self.config.is_none() {
            set(&mut config, "listen/endpoints", &list(&everywhere(0)))?;
        }
        if self.no_multicast || !self.router.is_empty() {
            set(&mut config, "scouting/multicast/enabled", "false")?;
        }
        let mut pause = TRIES[0];
        loop {
            match zenoh::open(config.clone()).wait() {
                Ok(session) => return Ok(Some(Joined::new(session))),
                Err(error) if self.router.is_empty() => return Err(failed(&error)),
                Err(_) => {
                    let routers = self.router.join(" or ").replace("tcp/", "");
                    let routers = escape(&routers);
                    eprintln!("{PROGRAM}: the router {routers} does not answer; trying again");
                }
            }
            let until = Instant::now() + pause;
            while Instant::now() < until {
                if stop::is_requested() {
                    return Ok(None);
                }
                thread::sleep(LOOK);
            }
            pause = (pause * 2).min(TRIES[1]);
        }
    }

    fn config(&self, mode: &str) -> Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::from_file(path).map_err(|error| {
                let path = path.to_string_lossy();
                let message = format_args!("{}: {error}", escape(&path));
                Failure::new(Code::Failed, message)
            })?,
            None => Config::default(),
        };
        set(&mut config, "mode", &format!("\"{mode}\""))?;
        let most = LONGEST.to_string();
        set(&mut config, "transport/link/rx/max_message_size", &most)?;
        let [first, last] = TRIES.map(|it| it.as_millis());
        let retry = format!("{{ period_init_ms: {first}, period_max_ms: {last} }}");
        set(&mut config, "connect/retry", &retry)?;
        Ok(config)
    }
}

/// A router that listens at these addresses, such as `tcp/[::]:7447`.
///
/// # Errors
///
/// Zenoh refuses, because an address is in use or is not one of this computer.
pub fn route(listen: &[String]) -> Result<Session> {
    let mut config = Config::default();
    set(&mut config, "mode", "\"router\"")?;
    set(&mut config, "listen/endpoints", &list(listen))?;
    let most = LONGEST.to_string();
    set(&mut config, "transport/link/rx/max_message_size", &most)?;
    zenoh::open(config).wait().map_err(|error| failed(&error))
}

fn list(texts: &[String]) -> String {
    serde_json::Value::from(texts.to_vec()).to_string()
}

fn set(config: &mut Config, key: &str, value: &str) -> Result<()> {
    let set = config.insert_json5(key, value);
    set.map_err(|error| Failure::new(Code::Failed, format_args!("{key}: {error}")))
}

/// The failure for an error of Zenoh's.
pub(crate) fn failed(error: &zenoh::Error) -> Failure {
    Failure::new(Code::Failed, format_args!("Zenoh: {error}"))
}

/// A connection to the network.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) session: Session,
    others: HashSet<ZenohId>,
    looked: Instant,
}

impl Joined {
    fn new(session: Session) -> Self {
        let mut this = Self {
            session,
            others: HashSet::new(),
            looked: Instant::now(),
        };
        // Otherwise a router that is lost before the first look would never be reported.
        this.look();
        this
    }

    /// Prints when the first other program is connected, and when the last one is gone.
    pub(crate) fn tell(&mut self) {
        if self.looked.elapsed() > LOOK {
            self.look();
        }
    }

    fn look(&mut self) {
        self.looked = Instant::now();
        let info = self.session.info();
        let others: HashSet<_> = info
            .routers_zid()
            .wait()
            .chain(info.peers_zid().wait())
            .collect();
        match (self.others.is_empty(), others.is_empty()) {
            (true, false) => eprintln!("{PROGRAM}: connected"),
            (false, true) => eprintln!("{PROGRAM}: nobody is connected any more; trying again"),
            _ => {}
        }
        self.others = others;
    }
}

/// The name of this computer.
pub(crate) fn own_name() -> String {
    let told = ["COMPUTERNAME", "HOSTNAME"]
        .iter()
        .find_map(|it| std::env::var(it).ok())
        .or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    told.unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn an_address_is_one_with_or_without_a_port() {
        for (text, address) in [
            ("rig", "tcp/rig:7447"),
            ("rig:8", "tcp/rig:8"),
            ("tcp/rig:8", "tcp/rig:8"),
            ("192.168.1.4", "tcp/192.168.1.4:7447"),
            ("::1", "tcp/[::1]:7447"),
            ("[::]:0", "tcp/[::]:0"),
            ("[::1]", "tcp/[::1]:7447"),
        ] {
            assert_eq!(endpoint(text).as_deref(), Ok(address));
        }
        assert!(endpoint("udp/rig:8").is_err() && endpoint("").is_err());
    }
}
