//! What fails at the moment, as the state remembers it.

use super::notices::Incidents;
use crate::error::{Doing, Kind};
use crate::state::State;

/// The note of the state that holds it.
const NOTE: &str = "incidents";

/// What fails, or failed when the daemon ended last. A note that cannot be read costs a notice that is told
/// twice.
pub fn remembered(state: &State) -> Incidents {
    let note = state.note(NOTE).ok().flatten();
    note.and_then(|note| serde_json::from_str(&note).ok())
        .unwrap_or_default()
}

/// Remembers it, once there is a state.
pub(super) fn remember(state: Option<&State>, incidents: &Incidents) {
    let Some(state) = state else { return };
    let noted = serde_json::to_string(incidents)
        .doing(Kind::Database, || "remembering what fails".to_owned())
        .and_then(|note| state.put_note(NOTE, &note));
    if let Err(error) = noted {
        tracing::warn!("{error}");
    }
}
