//! [`Broker`]

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::future::{self, Either};
use hyper::Uri;
use percent_encoding::percent_decode_str;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, LastWill, MqttOptions, QoS,
};
use tokio::runtime;
use tokio::time::{MissedTickBehavior, interval, sleep};
use winshm_core::escape;
use winshm_core::share::{Message, TopicOptions, Topics};

use super::hub::Hub;

/// How many seconds connecting, and sending one message, may take.
const PATIENCE: u64 = 5;

/// How often the broker hears something at least. It takes a client for gone after half as long again.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How many messages wait to be sent. What follows waits for these, and is the latest then.
const AHEAD: usize = 16;

/// Longer messages are not sent. What [`Topics`] makes is shorter.
const LONGEST: usize = 16 << 20;

/// The broker has nothing to say that is longer.
const LONGEST_ANSWER: usize = 1024;

/// After a connection has failed, the next try comes after the first, and then twice as late each time up to the last.
const TRIES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];

/// An MQTT broker, which is told what there is of regions.
///
/// Each region has a connection of its own, since a connection has one last will: the state of its region. Nothing is
/// queued. A broker that is slow or gone is told the latest when it can take it.
pub(crate) struct Broker {
    host: String,
    port: u16,
    login: Option<(String, String)>,
    base: Option<String>,
    /// What has been told of it last.
    told: Mutex<String>,
}

impl Broker {
    /// The broker of `mqtt://USER:PASSWORD@HOST:PORT/TOPIC`, of which all but the host can be missing. `password` is for
    /// a user without one. An error does not show what was given, which may have a password in it.
    pub(crate) fn parse(url: &str, password: Option<String>) -> Result<Self, &'static str> {
        let rest = match url.split_once("://") {
            None => url,
            Some(("mqtt" | "tcp", rest)) => rest,
            Some(("mqtts" | "ssl", _)) => {
                return Err("winshm does not encrypt: use a VPN or stunnel, and mqtt:// to that");
            }
            Some(_) => return Err("it is not mqtt://USER@HOST:PORT/TOPIC"),
        };
        if rest.contains(['#', '?']) {
            return Err(
                "write %23 for # and %3F for ?, or have the password in WINSHM_MQTT_PASSWORD",
            );
        }
        let uri: Uri = format!("mqtt://{rest}").parse().map_err(
            |_| "it is not mqtt://USER@HOST:PORT/TOPIC; a password can also be in WINSHM_MQTT_PASSWORD",
        )?;
        let authority = uri.authority().ok_or("it has no host")?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| "it is not UTF-8")
        };
        let login = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((login, _)) => {
                let (user, own) = match login.split_once(':') {
                    Some((user, own)) => (user, Some(decoded(own)?)),
                    None => (login, None),
                };
                Some((decoded(user)?, own.or(password).unwrap_or_default()))
            }
        };
        let place = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = place.trim_start_matches(authority.host()).strip_prefix(':');
        let port = port.map_or(Ok(1883), str::parse);
        let base = decoded(uri.path().trim_matches('/'))?;
        if !base.is_empty() {
            TopicOptions::check_base(&base)?;
        }
        Ok(Self {
            host: authority.host().to_owned(),
            port: port.map_err(|_| "a port is a number up to 65535")?,
            login,
            base: Some(base).filter(|it| !it.is_empty()),
            told: Mutex::default(),
        })
    }

    /// What the topics begin with, if the address says so.
    pub(crate) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// Its address, without user and password.
    pub(crate) fn address(&self) -> String {
        format!("mqtt://{}:{}", escape(&self.host), self.port)
    }

    /// Tells it the regions of a hub, each this often at most, in a thread of its own, until the program ends.
    pub(crate) fn serve(
        self,
        hub: Arc<Hub>,
        topics: Vec<Topics>,
        period: Duration,
    ) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let this = Arc::new(self);
        let thread = thread::Builder::new().name("mqtt".to_owned());
        thread.spawn(move || {
            runtime.block_on(async {
                for (region, topics) in topics.into_iter().enumerate() {
                    let (this, hub) = (Arc::clone(&this), Arc::clone(&hub));
                    tokio::spawn(this.follow(hub, region, topics, period));
                }
                future::pending::<()>().await;
            });
        })?;
        Ok(())
    }

    /// Tells it a region without end, over one connection after another.
    async fn follow(
        self: Arc<Self>,
        hub: Arc<Hub>,
        region: usize,
        topics: Topics,
        period: Duration,
    ) {
        let topics = Arc::new(tokio::sync::Mutex::new(topics));
        let mut pause = TRIES[0];
        loop {
            let began = Instant::now();
            let (this, hub, topics) = (Arc::clone(&self), Arc::clone(&hub), Arc::clone(&topics));
            // A task of its own, so that a panic in it ends only this connection.
            let connection = tokio::spawn(async move {
                let mut topics = topics.lock().await;
                this.connection(&hub, region, &mut topics, period).await
            });
            let error = connection.await;
            self.say(
                error
                    .as_deref()
                    .unwrap_or("the connection is lost: a bug of winshm"),
            );
            if began.elapsed() > TRIES[1] {
                pause = TRIES[0];
            }
            sleep(pause).await;
            pause = (pause * 2).min(TRIES[1]);
        }
    }

    /// Tells it a region until the connection is lost; the text says why.
    async fn connection(
        &self,
        hub: &Hub,
        region: usize,
        topics: &mut Topics,
        period: Duration,
    ) -> String {
        let (client, mut events) = AsyncClient::new(self.options(topics), AHEAD);
        let mut network = events.network_options();
        network.set_connection_timeout(PATIENCE);
        network.set_tcp_nodelay(true);
        events.set_network_options(network);
        // The first event is that it has accepted.
        if let Err(error) = events.poll().await {
            return format!("cannot connect: {}", explained(&error));
        }
        self.say("connected");
        topics.forget();
        let lost = pin!(lost(&mut events));
        let told = pin!(tell(&client, hub, region, topics, period));
        match future::select(lost, told).await {
            Either::Left((error, _)) => format!("the connection is lost: {}", explained(&error)),
            Either::Right(_) => "the connection is lost".to_owned(),
        }
    }

    fn options(&self, topics: &Topics) -> MqttOptions {
        let mut number = [0; 8];
        // Without randomness the broker takes two of us for one.
        let _ = getrandom::fill(&mut number);
        // A broker need not take more than 23 letters and digits.
        let id = format!("winshm{:016x}", u64::from_le_bytes(number));
        let mut options = MqttOptions::new(id, &self.host, self.port);
        options.set_keep_alive(KEEP_ALIVE);
        options.set_max_packet_size(LONGEST_ANSWER, LONGEST);
        let will = LastWill::new(topics.state(), Topics::OFFLINE, QoS::AtLeastOnce, true);
        options.set_last_will(will);
        if let Some((user, password)) = &self.login {
            options.set_credentials(user, password);
        }
        options
    }

    /// Tells a person how it goes, if that is new.
    fn say(&self, what: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != what {
            what.clone_into(&mut told);
            eprintln!("winshm: {}: {what}", self.address());
        }
    }
}

/// Works for a connection until it is lost.
async fn lost(events: &mut EventLoop) -> ConnectionError {
    loop {
        if let Err(error) = events.poll().await {
            return error;
        }
    }
}

/// Tells what is new of a region, at most once in each period, until the connection takes no more.
async fn tell(
    client: &AsyncClient,
    hub: &Hub,
    region: usize,
    topics: &mut Topics,
    period: Duration,
) -> Option<()> {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (state, copy) = hub.latest(region);
        let copy = copy
            .as_ref()
            .map(|it| (it.plan.as_ref(), it.bytes.as_slice()));
        for Message { topic, payload } in topics.news(state, copy) {
            let published = client.publish(topic, QoS::AtMostOnce, true, payload);
            published.await.ok()?;
        }
        if let Some(problem) = topics.take_problem() {
            eprintln!("winshm: {problem}");
        }
    }
}

/// What has gone wrong, for a person.
fn explained(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => "the broker refuses this user and password".to_owned(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            format!("the broker has not answered for {PATIENCE} seconds")
        }
        ConnectionError::Io(error) => escape(&error.to_string()).to_string(),
        error => escape(&error.to_string()).to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use winshm_core::Selection;
    use winshm_core::share::{TopicOptions, Topics};

    use super::Broker;
    use crate::share::Hub;

    #[test]
    fn a_panic_ends_a_connection_and_not_the_region() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let broker = Broker::parse(&listener.local_addr().unwrap().to_string(), None).unwrap();
        // It has no region, so asking for the first one panics.
        let hub = Arc::new(Hub::new(&[], Selection::default()));
        let topics = Topics::of(
            &["R".to_owned()],
            &Selection::default(),
            &TopicOptions::default(),
        );
        broker.serve(hub, topics, Duration::from_millis(1)).unwrap();
        let (sender, streams) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                sender.send(stream.unwrap()).ok();
            }
        });
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = streams.recv_timeout(Duration::from_secs(60)).unwrap();
            let is_connect = stream.read(&mut [0; 1024]).unwrap() > 0;
            assert!(is_connect);
            // CONNACK: MQTT 3.1.1, section 3.2.
            stream.write_all(&[0x20, 2, 0, 0]).unwrap();
            // Only a panic ends a connection that stays open here.
            open.push(stream);
        }
    }

    fn parts(url: &str) -> (String, Option<(String, String)>, Option<String>) {
        let broker = Broker::parse(url, Some("kept".to_owned())).unwrap();
        (broker.address(), broker.login, broker.base)
    }

    #[test]
    fn an_address_has_a_host_and_may_have_more() {
        let login = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        let base = |base: &str| Some(base.to_owned());
        for (url, address, login, base) in [
            ("broker", "mqtt://broker:1883", None, None),
            ("mqtt://broker:1884/", "mqtt://broker:1884", None, None),
            ("[::1]", "mqtt://[::1]:1883", None, None),
            (
                "mqtt://ann@broker",
                "mqtt://broker:1883",
                login("ann", "kept"),
                None,
            ),
            (
                "tcp://ann:a%40b:c@broker/sim/rig",
                "mqtt://broker:1883",
                login("ann", "a@b:c"),
                base("sim/rig"),
            ),
            (
                "broker/sim/f%C3%BCnf/",
                "mqtt://broker:1883",
                None,
                base("sim/fünf"),
            ),
        ] {
            assert_eq!(parts(url), (address.to_owned(), login, base), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        for url in [
            "",
            "mqtts://ann:secret@broker",
            "http://ann:secret@broker",
            "mqtt://ann:secret@",
            "mqtt://ann:sec#ret@broker",
            "mqtt://ann:secret@broker:65536",
            "mqtt://broker/%ff",
            "mqtt://broker/a+b",
            "mqtt://broker/%23",
            "mqtt://broker/$SYS",
            "mqtt://broker/%00",
        ] {
            let error = Broker::parse(url, None)
                .err()
                .unwrap_or_else(|| panic!("{url}"));
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
