//! Who of those that are due comes next.

use jiff::Timestamp;

use super::Selection;
use super::trials::Trials;
use crate::error::Result;
use crate::state::State;
use crate::state::due::DueContact;
use crate::target::Ways;

/// So many show whether a target works that failed often in a row: few, for each may take all its patience.
const OTHERS: usize = 4;

/// Contacts in the order in which a target wants them: a database by number, which is how they lie on the disk; a
/// service by what cannot wait.
pub struct Queue<'a> {
    target: i64,
    ways: Ways,
    selection: &'a Selection,
    /// Of a database: the last number that was looked at.
    after: i64,
    /// Of a service with a selection: those still to come.
    chosen: Option<Vec<i64>>,
    /// Who came last: the same again would come for ever.
    last: Vec<DueContact>,
}

/// The next contacts.
pub struct Batch {
    /// Those that are delivered.
    pub chosen: Vec<DueContact>,
    /// How many were looked at to choose them.
    pub looked_at: u64,
}

impl<'a> Queue<'a> {
    /// Everybody who is due in a target, as far as selected.
    pub fn new(target: i64, ways: Ways, selection: &'a Selection) -> Self {
        Self {
            target,
            ways,
            selection,
            after: 0,
            chosen: selection.only.clone().filter(|_| ways.is_service),
            last: Vec::new(),
        }
    }

    /// The next ones, at most so many; `None` at the end. `done` were delivered before.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn next(
        &mut self,
        state: &State,
        size: usize,
        done: u64,
        now: Timestamp,
        trials: &Trials,
    ) -> Result<Option<Batch>> {
        let left = self.selection.limit.map(|limit| limit.saturating_sub(done));
        let most = left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(None);
        }
        let due = match (&mut self.chosen, self.ways.is_service) {
            (Some(chosen), _) => {
                let few = chosen.split_off(chosen.len().saturating_sub(self.ways.at_once));
                few.iter()
                    .filter_map(|contact| state.due_contact(self.target, *contact).transpose())
                    .collect::<Result<Vec<_>>>()?
            }
            (None, true) => {
                let size = size.min(most);
                let size = match trials.asks_others() {
                    true => size.min(OTHERS),
                    false => size,
                };
                let many = size + trials.held();
                let mut due = match trials.asks_others() {
                    true => state.due_last(self.target, now, many)?,
                    false => state.due_first(self.target, now, many)?,
                };
                due.retain(|due| !trials.holds(due.id));
                due.truncate(size);
                due
            }
            (None, false) => state.due_contacts(self.target, self.after, size)?,
        };
        let is_end = due.is_empty() && self.chosen.as_ref().is_none_or(Vec::is_empty);
        if is_end || (due == self.last && !due.is_empty()) {
            return Ok(None);
        }
        self.last.clone_from(&due);
        let looked_at = due.len() as u64;
        self.after = due.last().map_or(self.after, |last| last.id);
        let is_chosen = |due: &DueContact| {
            self.selection
                .only
                .as_ref()
                .is_none_or(|only| only.contains(&due.id))
        };
        let chosen = due.into_iter().filter(is_chosen).take(most).collect();
        Ok(Some(Batch { chosen, looked_at }))
    }
}
