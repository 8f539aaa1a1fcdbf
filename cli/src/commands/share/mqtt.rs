//! `winshm share --mqtt`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use winshm_core::share::{Shape, TopicOptions, Topics};
use winshm_core::{Selection, escape};

use crate::failure::{Code, Failure, Result};
use crate::share::{Broker, Hub};
use crate::units;

/// Where a password may be that is not to be seen in the list of processes.
const PASSWORD: &str = "WINSHM_MQTT_PASSWORD";

#[derive(Args)]
#[command(next_help_heading = "MQTT")]
pub(super) struct Mqtt {
    /// Publish to a broker as well: mqtt://USER@HOST:PORT/TOPIC
    ///
    /// The state of a region goes to TOPIC/REGION/state, and is `offline` however winshm ends; its values go
    /// to TOPIC/REGION/values. All messages are retained, and sent only if they are others than before. TOPIC is
    /// winshm/COMPUTER if it is missing. The password is in the environment variable WINSHM_MQTT_PASSWORD, in a file, or in
    /// the address, after USER and a colon.
    #[arg(long = "mqtt", value_name = "URL")]
    url: Option<String>,
    /// A file with the password for the broker
    #[arg(long = "mqtt-password-file", value_name = "FILE", requires = "url")]
    password: Option<PathBuf>,
    /// What has a topic: the region, with all its values as JSON, or each value
    #[arg(
        long = "mqtt-topics",
        value_name = "WHICH",
        default_value = "region",
        requires = "url"
    )]
    which: Which,
    /// How often a message is sent per second, at most
    #[arg(long = "mqtt-rate", value_name = "HZ", default_value = "1", value_parser = units::period, requires = "url")]
    period: Duration,
    /// Tell Home Assistant, which then shows the values as sensors
    #[arg(
        long,
        value_name = "TOPIC",
        num_args = 0..=1,
        default_missing_value = "homeassistant",
        requires = "url"
    )]
    home_assistant: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    Region,
    Value,
}

/// It may have a password in it.
impl std::fmt::Debug for Mqtt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mqtt").finish_non_exhaustive()
    }
}

impl Mqtt {
    /// The broker, if there is to be one.
    pub(super) fn broker(&self) -> Result<Option<Broker>> {
        let Some(url) = &self.url else {
            return Ok(None);
        };
        let failed = |error: &str| Failure::new(Code::Failed, format_args!("--mqtt: {error}"));
        let broker = Broker::parse(url, self.password()?).map_err(failed)?;
        if let Some(topic) = &self.home_assistant {
            let topic = TopicOptions::check_base(topic);
            topic.map_err(|error| {
                Failure::new(Code::Failed, format_args!("--home-assistant: {error}"))
            })?;
        }
        Ok(Some(broker))
    }

    fn password(&self) -> Result<Option<String>> {
        let Some(path) = &self.password else {
            return Ok(std::env::var(PASSWORD).ok());
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let path = path.display().to_string();
            Failure::new(Code::of(&error), format_args!("{}: {error}", escape(&path)))
        })?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Begins to publish, and says where.
    pub(super) fn publish(
        &self,
        broker: Broker,
        names: &[String],
        selection: &Selection,
        hub: Arc<Hub>,
    ) -> Result<String> {
        let options = TopicOptions {
            base: broker.base().map_or_else(own_base, str::to_owned),
            shape: match self.which {
                Which::Region => Shape::Region,
                Which::Value => Shape::Value,
            },
            home_assistant: self.home_assistant.clone(),
        };
        let said = format!("{}, topic {}", broker.address(), escape(&options.base));
        let topics = Topics::of(names, selection, &options);
        broker.serve(hub, topics, self.period)?;
        Ok(said)
    }
}

/// The topic of this computer.
fn own_base() -> String {
    let names = ["COMPUTERNAME", "HOSTNAME"];
    let name = names.iter().find_map(|it| std::env::var(it).ok());
    let base = format!("winshm/{}", name.unwrap_or_default().to_lowercase());
    match TopicOptions::check_base(&base) {
        Ok(()) if !base.ends_with('/') => base,
        _ => "winshm".to_owned(),
    }
}
