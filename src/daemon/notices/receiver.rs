//! One `[[notify]]`: who is told, by which way.

use sha2::{Digest as _, Sha256};

use super::address::Address;
use super::command;
use super::incidents::Listener;
use super::message::Message;
use super::patience::Patience;
use crate::config::{Notice, NotifySettings, NotifyWay};
use crate::error::Result;

pub(super) struct Receiver {
    pub(super) listener: Listener,
    way: Way,
    patience: Patience,
}

enum Way {
    Webhook(Box<Address>),
    Command(Vec<String>),
}

impl Receiver {
    /// The receivers of a configuration. Sections of the same way are one receiver, lest it is told twice.
    ///
    /// # Errors
    /// When encrypted connections cannot be prepared.
    pub(super) fn all(sections: &[NotifySettings], patience: &Patience) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for section in sections {
            let id = identifier(&section.way);
            if let Some(same) = all.iter_mut().find(|known| known.listener.id == id) {
                same.listener.on.extend(&section.on);
                continue;
            }
            let on: Vec<Notice> = section.on.clone();
            all.push(Self {
                listener: Listener { id, on },
                way: match &section.way {
                    NotifyWay::Url(url) => {
                        Way::Webhook(Box::new(Address::new(url, "[[notify]]", &patience.http)?))
                    }
                    NotifyWay::Command(argv) => Way::Command(argv.clone()),
                },
                patience: patience.clone(),
            });
        }
        Ok(all)
    }

    /// # Errors
    /// When it could not be told; of the way no more is named than a host, or a program without its
    /// arguments.
    pub(super) async fn tell(&self, message: &Message) -> Result<()> {
        let json = message.to_json();
        match &self.way {
            Way::Webhook(address) => address.post(&json).await,
            Way::Command(argv) => command::tell(argv, &json, self.patience.command).await,
        }
    }
}

/// The same after a restart and wherever the section stands. A digest, for an address may hold a token
/// and this is written down.
fn identifier(way: &NotifyWay) -> String {
    let text = match way {
        NotifyWay::Url(url) => format!("url\0{url}"),
        NotifyWay::Command(argv) => format!("command\0{}", argv.join("\0")),
    };
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
