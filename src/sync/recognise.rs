//! Is this the target that was delivered to before, and what has to be looked at there?

use super::fingerprint::fingerprint;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::state::targets::TargetMarks;
use crate::target::{Identity, Target};

/// What a target is to the state.
#[derive(Debug, Clone)]
pub enum Recognised {
    /// The one delivered to before, with the same configuration: what changed since is due.
    AsBefore,
    /// The one delivered to before, but what its contents depend on has changed: everything is due.
    Reconfigured,
    /// Nothing was ever delivered there: everything is due.
    New,
    /// It was emptied or replaced, or knows more than the state: refused until a person accepts it,
    /// then everything is due and its records are linked anew.
    Strange(Error),
}

/// Compares the identity a target shows now with what the state remembers of it. Writes nothing. `shops` are
/// those the state remembers.
///
/// # Errors
/// When the state cannot be read, or the target does not answer.
pub async fn recognise(
    state: &State,
    target: &TargetInRun,
    shops: &[ShopInRun],
    there: Option<&Identity>,
    remote: &mut dyn Target,
) -> Result<Recognised> {
    let number = state.known_target(&target.settings.name)?;
    let known = number.map_or_else(|| Ok(TargetMarks::default()), |number| state.target_marks(number))?;
    let has_links = number.map_or(Ok(false), |number| state.has_links(number))?;
    let Some(identity) = &known.identity else {
        let ours = match there.is_some_and(|there| there.holds_ours) {
            true => remote.holds_contacts_of(&groups(target, shops)).await?,
            false => false,
        };
        return Ok(match ours {
            true => Recognised::Strange(strange(target, UNKNOWN)),
            false => Recognised::New,
        });
    };
    if let Some(cause) = strangeness(identity, &known, has_links, there) {
        return Ok(Recognised::Strange(strange(target, cause)));
    }
    Ok(match known.fingerprint == Some(fingerprint(target, shops)) {
        true => Recognised::AsBefore,
        false => Recognised::Reconfigured,
    })
}

/// The groups whose people go to a target.
fn groups(target: &TargetInRun, shops: &[ShopInRun]) -> Vec<String> {
    let taken = shops.iter().filter(|shop| target.takes(shop));
    taken.map(|shop| shop.settings.group.clone()).collect()
}

const UNKNOWN: &str = "it holds contacts of an earlier state that this state knows nothing of";

/// What is wrong with a target that was of this identity when it was delivered to, if anything is.
fn strangeness(
    identity: &str,
    known: &TargetMarks,
    has_links: bool,
    there: Option<&Identity>,
) -> Option<&'static str> {
    let gone = "it was delivered to before, and is not there or is empty now";
    let Some(there) = there else { return Some(gone) };
    if there.id != identity {
        return Some("it is another database than the one delivered to before");
    }
    // A service keeps no number of deliveries, and all that was delivered may be records that were there before.
    let is_database = there.delivery.is_some();
    if is_database && has_links && !there.holds_ours {
        return Some(gone);
    }
    match there.delivery? {
        older if older < known.delivery => Some(
            "it is an older copy of the one delivered to before: what was written since is missing there",
        ),
        newer if newer > known.begun => {
            Some("it was delivered to after this state was saved: the state is an older copy")
        }
        _ => None,
    }
}

impl Recognised {
    /// Notes what is due because of it. What was parked is due with everything else, and shows
    /// whether it still has to be.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn make_due(&self, state: &State, target: &TargetInRun, number: i64) -> Result<()> {
        match self {
            Self::AsBefore => return Ok(()),
            Self::Reconfigured | Self::New => {}
            Self::Strange(_) => state.forget_links(number)?,
        }
        state.make_all_due(number)?;
        state.retry_parked(&target.settings.name)
    }
}

fn strange(target: &TargetInRun, cause: &str) -> Error {
    Error::new(Kind::Suspicious, format!("delivering to {}", target.settings.name), cause).with_hint(
        "when this is right, run again with --accept: its records are linked by key and the rest is made anew",
    )
}
