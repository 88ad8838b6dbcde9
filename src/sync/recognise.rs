//! Is this the target that was delivered to before, and what has to be looked at there?

use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::target::Identity;

/// What a target is to the state.
#[derive(Debug, Clone)]
pub enum Recognised {
    /// The one delivered to before, with the same mapping: what changed since is due.
    AsBefore,
    /// The one delivered to before, but the mapping has changed: everything is due.
    NewMapping,
    /// Nothing was ever delivered there: everything is due.
    New,
    /// It was emptied or replaced, or knows more than the state: refused until a person accepts it,
    /// then everything is due and its records are linked anew.
    Strange(Error),
}

/// Compares the identity a target shows now with what the state remembers of it. Writes nothing.
///
/// # Errors
/// When the state cannot be read.
pub fn recognise(state: &State, target: &TargetInRun, there: Option<&Identity>) -> Result<Recognised> {
    let number = state.known_target(&target.settings.name)?;
    let (known_identity, known_mapping) = match number {
        Some(number) => state.target_marks(number)?,
        None => (None, None),
    };
    let was_delivered = known_identity.is_some();
    let same = was_delivered && there.map(|there| &there.id) == known_identity.as_ref();
    let holds_ours = there.is_some_and(|there| there.holds_ours);
    let emptied = same && !holds_ours && number.map_or(Ok(false), |number| state.has_links(number))?;
    Ok(if emptied {
        Recognised::Strange(not_the_same(target, true, false))
    } else if same && known_mapping.as_deref() == Some(target.mapping.fingerprint()) {
        Recognised::AsBefore
    } else if same {
        Recognised::NewMapping
    } else if was_delivered || holds_ours {
        Recognised::Strange(not_the_same(target, was_delivered, there.is_some()))
    } else {
        Recognised::New
    })
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
            Self::NewMapping | Self::New => {}
            Self::Strange(_) => state.forget_links(number)?,
        }
        state.make_all_due(number)?;
        state.retry_parked(&target.settings.name)
    }
}

fn not_the_same(target: &TargetInRun, was_delivered: bool, is_there: bool) -> Error {
    let cause = match (was_delivered, is_there) {
        (true, false) => "it was delivered to before, and is not there or is empty now",
        (true, true) => "it is another database than the one delivered to before",
        (false, _) => "it holds contacts of an earlier state that this state knows nothing of",
    };
    Error::new(Kind::Suspicious, format!("delivering to {}", target.settings.name), cause).with_hint(
        "when this is right, run again with --accept: its records are linked by key and the rest is made anew",
    )
}
