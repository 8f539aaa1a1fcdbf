//! `winshm share`

#[cfg(feature = "mqtt")]
mod mqtt;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Args;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use crate::feed::{Feed, Pace, Seen};
use crate::fields::{Fields, Unknown};
use crate::share::{Guard, Hub, Listener};
use crate::{sources, stop, units};

/// The port, which is also that of Foxglove.
const PORT: u16 = 8765;

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// Show regions in a browser, on a phone, in Foxglove, and to Prometheus and other programs
///
/// A page with charts that move is at /, all values as JSON at /json, as server-sent events at /events, and as metrics
/// at /metrics. Foxglove connects to ws://127.0.0.1:8765. Nothing can be changed from there. Other computers get in with
/// --listen, and then a token keeps strangers out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm share 'Global\\HWiNFO_SENS_SM2'
  winshm share 'Local\\acpmf_physics' MumbleLink --listen 0.0.0.0 --token
  winshm share race.mcap --loop
  curl http://127.0.0.1:8765/json
  winshm share CoreTemp --mqtt mqtt://winshm@192.168.1.2 --home-assistant

Connections are not encrypted: across the internet use a VPN, or a reverse proxy with HTTPS and --host NAME.")]
pub(crate) struct Share {
    /// The regions, or recordings (FILE.mcap) to play
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The address to listen at: 0.0.0.0 for all of this computer; a port alone, or with it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1", value_parser = address)]
    listen: SocketAddr,
    #[command(flatten)]
    fields: Fields,
    /// Require a token of clients: this one, or a random one if none is given
    #[arg(long, value_name = "TOKEN", num_args = 0..=1, default_missing_value = "", value_parser = token)]
    token: Option<String>,
    /// A name of this computer that clients ask for, besides its addresses
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Another site whose pages may read, such as https://app.foxglove.dev
    #[arg(long, value_name = "SITE")]
    origin: Vec<String>,
    /// How often the page gets values per second, at most
    #[arg(long, value_name = "HZ", default_value = "20", value_parser = units::period)]
    rate: Duration,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Begin again when recordings have been played
    #[arg(long = "loop")]
    is_endless: bool,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    #[cfg(feature = "mqtt")]
    #[command(flatten)]
    mqtt: mqtt::Mqtt,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let alone = |address| SocketAddr::new(address, PORT);
    let port = |port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    text.parse()
        .or_else(|_| text.parse().map(alone))
        .or_else(|_| text.parse().map(port))
        .map_err(|_| "write for example 0.0.0.0, 192.168.1.4:8080, [::]:8080 or 8080".to_owned())
}

/// A token that can stand in an address as it is.
fn token(text: &str) -> Result<String, String> {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    if text.is_empty() {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes.iter().map(|it| format!("{it:02x}")).collect())
    } else if text.len() < 8 || !text.bytes().all(is_plain) {
        Err("a token has at least 8 letters, digits, - _ or .".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

impl Share {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        #[cfg(feature = "mqtt")]
        let broker = self.mqtt.broker()?;
        let mut feed = Some(self.feed()?);
        let names = feed.iter().flat_map(Feed::names).cloned();
        let names: Vec<_> = names.collect();
        let listener = Listener::bind(self.listen).map_err(|error| {
            let advice = match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "; a program has it already, --listen names another"
                }
                _ => "",
            };
            let message = format_args!("cannot listen at {}: {error}{advice}", self.listen);
            Failure::new(Code::of(&error), message)
        })?;
        let address = listener.address()?;
        let selection = self.fields.selection();
        let hub = Arc::new(Hub::new(&names, selection.clone()));
        listener.serve(Arc::clone(&hub), self.guard())?;
        self.tell(&names, address, out)?;
        #[cfg(feature = "mqtt")]
        if let Some(broker) = broker {
            let hub = Arc::clone(&hub);
            let place = self.mqtt.publish(broker, &names, &selection, hub)?;
            writeln!(out, "and at {place}")?;
        }
        writeln!(out, "Ctrl-C ends it")?;
        out.flush()?;

        let mut unknown = Unknown::new(&selection, names.len());
        let began = Instant::now();
        let mut due = began;
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            due += self.rate;
            if due <= Instant::now() {
                due = Instant::now() + self.rate;
            }
            self.take(&mut feed, due, &hub, &mut unknown)?;
            hub.tell();
        }
        Ok(())
    }

    /// Passes on to the hub what happens until then.
    fn take(
        &self,
        feed: &mut Option<Feed>,
        until: Instant,
        hub: &Hub,
        unknown: &mut Unknown,
    ) -> Result<()> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || stop::is_requested() {
                return Ok(());
            }
            match feed.as_ref().map(|it| it.next(left.min(LOOK))) {
                Some(Ok(Some(message))) => {
                    if let Seen::Copy(bytes, plan) = &message.seen {
                        unknown.tell(message.region, plan.as_deref(), bytes);
                    }
                    hub.take(message);
                }
                Some(Ok(None)) => {}
                // The page keeps showing the last values.
                None => std::thread::sleep(left.min(LOOK)),
                Some(Err(_)) if self.is_endless => *feed = Some(self.feed()?),
                Some(Err(_)) => *feed = None,
            }
        }
    }

    fn feed(&self) -> Result<Feed> {
        let sources = sources::open(&self.names, self.layout.as_deref())?;
        Ok(Feed::new(sources, Pace::Changes))
    }

    fn guard(&self) -> Guard {
        let mut hosts: Vec<_> = self.host.iter().map(|it| it.to_ascii_lowercase()).collect();
        if let Ok(name) = std::env::var("COMPUTERNAME") {
            let name = name.to_ascii_lowercase();
            hosts.extend([format!("{name}.local"), name]);
        }
        Guard {
            hosts,
            origins: self.origin.clone(),
            token: self.token.clone(),
            refused: Mutex::default(),
        }
    }

    fn tell(&self, names: &[String], address: SocketAddr, out: &mut impl Write) -> Result<()> {
        let names: Vec<_> = names.iter().map(|it| escape(it).to_string()).collect();
        let reached = SocketAddr::new(reached(address.ip()), address.port());
        let query = self.token.as_ref().map(|it| format!("?token={it}"));
        let page = format!("http://{reached}/{}", query.unwrap_or_default());
        writeln!(out, "{} at {page}", names.join(", "))?;
        if !address.ip().is_loopback() {
            if self.token.is_none() {
                writeln!(
                    out,
                    "Everybody who reaches this address can read it; --token asks them for a token."
                )?;
            }
            if let Ok(code) = QrCode::new(&page) {
                // Light on dark, as most terminals are.
                let code = code
                    .render::<Dense1x2>()
                    .dark_color(Dense1x2::Light)
                    .light_color(Dense1x2::Dark)
                    .build();
                writeln!(out, "{code}")?;
            }
        }
        Ok(())
    }
}

/// The address by which others reach this computer.
fn reached(listens: IpAddr) -> IpAddr {
    if !listens.is_unspecified() {
        return listens;
    }
    // Nothing is sent: a socket of datagrams is asked which address it would send from (RFC 5737 and 3849 name those to).
    let (from, to) = match listens {
        IpAddr::V4(_) => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), "192.0.2.1:9"),
        IpAddr::V6(_) => (IpAddr::V6(Ipv6Addr::UNSPECIFIED), "[2001:db8::1]:9"),
    };
    let found = UdpSocket::bind((from, 0)).and_then(|socket| {
        socket.connect(to)?;
        Ok(socket.local_addr()?.ip())
    });
    found.unwrap_or(match listens {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    })
}
