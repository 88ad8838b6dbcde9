//! What fails at the moment, and who knows. Pure; the daemon remembers it across restarts.
//!
//! An incident begins with the first failure of a part and ends with its next success. Every receiver
//! is told of its beginning once and of its end once. What could not be told stays owed: also the end
//! of an incident of whose beginning nobody could be told, as when the network was down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::{Failure, Outcome, Part};
use crate::config::Notice;

/// Every incident that is open or has not been told to its end. As JSON it is what is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incidents(BTreeMap<Part, Incident>);

/// A part that fails, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) since: Timestamp,
    /// Of the first failure; later ones of the same incident change nothing here.
    #[serde(flatten)]
    pub(super) failure: Failure,
    pub(super) ended_at: Option<Timestamp>,
    /// Of the run in which it began, and then of the one in which it ended.
    pub(super) counts: Value,
    /// Receivers that take the part for failing.
    told: BTreeSet<String>,
    /// Receivers that have to hear of the end.
    owed_the_end: BTreeSet<String>,
}

/// Somebody who is told, by an identifier that a restart does not change.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) id: String,
    pub(super) on: Vec<Notice>,
}

impl Listener {
    pub(super) fn wants(&self, notice: Notice) -> bool {
        self.on.contains(&notice)
    }
}

impl Incidents {
    /// What fails at the moment: the part, since when, and why.
    pub fn open(&self) -> impl Iterator<Item = (&Part, Timestamp, &Failure)> {
        let open = self.0.iter().filter(|(_, incident)| incident.ended_at.is_none());
        open.map(|(part, incident)| (part, incident.since, &incident.failure))
    }

    /// Forgets parts and receivers that are no longer configured: nobody waits for news of them.
    pub(super) fn keep_configured(&mut self, is_configured: impl Fn(&Part) -> bool, listeners: &[Listener]) {
        let is_known = |id: &String| listeners.iter().any(|listener| listener.id == *id);
        self.0.retain(|part, incident| {
            incident.told.retain(is_known);
            incident.owed_the_end.retain(is_known);
            is_configured(part) && !incident.is_over()
        });
    }

    /// Takes note of a run; tells whether anything is different now.
    pub(super) fn note<'l>(
        &mut self,
        outcome: &Outcome,
        listeners: impl Iterator<Item = &'l Listener> + Clone,
    ) -> bool {
        let mut differs = false;
        for (part, failure) in &outcome.parts {
            differs |= match failure {
                Some(failure) => self.fails(part, failure, outcome),
                None => self.is_well(part, outcome, listeners.clone()),
            };
        }
        differs
    }

    fn fails(&mut self, part: &Part, failure: &Failure, outcome: &Outcome) -> bool {
        let known = self.0.get(part);
        if known.is_some_and(|incident| incident.ended_at.is_none()) {
            return false;
        }
        // Whoever was not yet told that it had recovered still takes it for failing, which it is.
        let told = known.map(|incident| incident.told.clone()).unwrap_or_default();
        let incident = Incident {
            since: outcome.ended_at,
            failure: failure.clone(),
            ended_at: None,
            counts: outcome.counts.clone(),
            told,
            owed_the_end: BTreeSet::new(),
        };
        self.0.insert(part.clone(), incident);
        true
    }

    fn is_well<'l>(
        &mut self,
        part: &Part,
        outcome: &Outcome,
        listeners: impl Iterator<Item = &'l Listener>,
    ) -> bool {
        let Some(incident) = self.0.get_mut(part) else {
            return false;
        };
        if incident.ended_at.is_some() {
            return false;
        }
        incident.ended_at = Some(outcome.ended_at);
        incident.counts = outcome.counts.clone();
        let to_be_told = listeners.filter(|listener| listener.wants(Notice::Recovery));
        incident.owed_the_end = to_be_told.map(|listener| listener.id.clone()).collect();
        self.remove_if_over(part);
        true
    }

    /// The next thing that a receiver has to be told.
    pub(super) fn owed(&self, listener: &Listener) -> Option<(&Part, &Incident, Notice)> {
        self.0.iter().find_map(|(part, incident)| {
            let is_failing = incident.ended_at.is_none();
            if is_failing && listener.wants(Notice::Failure) && !incident.told.contains(&listener.id) {
                Some((part, incident, Notice::Failure))
            } else if incident.owed_the_end.contains(&listener.id) {
                Some((part, incident, Notice::Recovery))
            } else {
                None
            }
        })
    }

    /// Takes note that a receiver has been told. The part may have changed since: then that is owed now.
    pub(super) fn told(&mut self, listener: &Listener, part: &Part, notice: Notice) {
        let Some(incident) = self.0.get_mut(part) else {
            return;
        };
        match notice {
            Notice::Failure => {
                incident.told.insert(listener.id.clone());
            }
            Notice::Recovery => {
                incident.told.remove(&listener.id);
                incident.owed_the_end.remove(&listener.id);
                self.remove_if_over(part);
            }
            Notice::Run => {}
        }
    }

    fn remove_if_over(&mut self, part: &Part) {
        if self.0.get(part).is_some_and(Incident::is_over) {
            self.0.remove(part);
        }
    }
}

impl Incident {
    /// It ended, and everybody knows.
    fn is_over(&self) -> bool {
        self.ended_at.is_some() && self.owed_the_end.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::outcome::Outcome;
    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Event {
        Fails,
        IsWell,
        /// This receiver is told whatever is owed to it.
        Tells(usize),
        /// The program ends and begins again.
        Restarts,
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Fails),
            Just(Event::IsWell),
            (0..3_usize).prop_map(Event::Tells),
            Just(Event::Restarts),
        ]
    }

    fn listener(id: &str, on: &[Notice]) -> Listener {
        Listener {
            id: id.to_owned(),
            on: on.to_vec(),
        }
    }

    fn outcome(part: &Part, fails: bool) -> Outcome {
        let failure = fails.then(|| Failure {
            cause: "reading: no answer".to_owned(),
            hint: "wait".to_owned(),
            needs_person: false,
        });
        let outcome = Outcome::new("sync main", Timestamp::UNIX_EPOCH, Value::Null);
        outcome.with_failure(part.clone(), failure)
    }

    proptest! {
        #[test]
        fn nobody_hears_twice_and_everybody_ends_with_the_truth(events in prop::collection::vec(event(), 0..40)) {
            let part = Part::Shop("main".to_owned());
            let listeners = [
                listener("both", &[Notice::Failure, Notice::Recovery]),
                listener("failures", &[Notice::Failure]),
                listener("recoveries", &[Notice::Recovery, Notice::Run]),
            ];
            let mut incidents = Incidents::default();
            let mut heard: [Vec<Notice>; 3] = Default::default();
            let mut fails = None;
            let at_last = (0..3).map(Event::Tells);
            for event in events.into_iter().chain(at_last) {
                match event {
                    Event::Fails | Event::IsWell => {
                        let failing = matches!(event, Event::Fails);
                        let was = fails.replace(failing);
                        let differs = incidents.note(&outcome(&part, failing), listeners.iter());
                        prop_assert_eq!(differs, was.unwrap_or_default() != failing);
                    }
                    Event::Tells(number) => {
                        while let Some((part, _, notice)) = incidents.owed(&listeners[number]) {
                            let part = part.clone();
                            heard[number].push(notice);
                            incidents.told(&listeners[number], &part, notice);
                        }
                    }
                    Event::Restarts => {
                        let remembered = serde_json::to_string(&incidents).unwrap();
                        let mut again: Incidents = serde_json::from_str(&remembered).unwrap();
                        prop_assert_eq!(&again, &incidents);
                        again.keep_configured(|_| true, &listeners);
                        prop_assert_eq!(&again, &incidents);
                        incidents = again;
                    }
                }
            }
            for (listener, heard) in listeners.iter().zip(&heard) {
                prop_assert!(heard.iter().all(|notice| listener.wants(*notice)));
            }
            let [both, failures, _] = &heard;
            let twice = |pair: &[Notice]| pair == [Notice::Failure, Notice::Failure];
            prop_assert!(!both.windows(2).any(twice), "{:?}", both);
            match fails {
                Some(true) => {
                    prop_assert_eq!(both.last(), Some(&Notice::Failure));
                    prop_assert_eq!(failures.last(), Some(&Notice::Failure));
                    prop_assert_eq!(incidents.open().count(), 1);
                }
                _ => {
                    prop_assert_ne!(both.last(), Some(&Notice::Failure));
                    prop_assert_eq!(&incidents, &Incidents::default(), "nothing is kept for ever");
                }
            }
        }
    }

    #[test]
    fn what_is_no_longer_configured_is_forgotten() {
        let listeners = [
            listener("one", &[Notice::Failure]),
            listener("two", &[Notice::Failure]),
        ];
        let mut incidents = Incidents::default();
        for part in [Part::Shop("main".to_owned()), Part::Target("crm".to_owned())] {
            incidents.note(&outcome(&part, true), listeners.iter());
            incidents.told(&listeners[0], &part, Notice::Failure);
            incidents.told(&listeners[1], &part, Notice::Failure);
        }
        incidents.keep_configured(|part| *part != Part::Target("crm".to_owned()), &listeners[..1]);
        assert_eq!(incidents.open().count(), 1);
        assert!(incidents.owed(&listeners[0]).is_none(), "it knows");
        assert!(
            incidents.owed(&listeners[1]).is_some(),
            "configured anew, it has not been told"
        );
    }
}
