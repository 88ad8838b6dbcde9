//! What may stand between the shop and whoever asks it: something that sends a request again, or
//! keeps an answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::answer::Answer;
use crate::demo::faults::FaultKind;

/// Answers that are given once more.
#[derive(Default)]
pub(super) struct Proxy(Mutex<HashMap<String, Answer>>);

impl Proxy {
    /// The answer to a request to `path`, which `ask` gets from the shop.
    pub(super) fn answer(&self, path: &str, fault: Option<&FaultKind>, ask: impl Fn() -> Answer) -> Answer {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = kept.remove(path) {
            return answer;
        }
        match fault {
            Some(FaultKind::CarriedOutTwice) => {
                // The first answer is whole before the request comes again.
                drop(ask().twin());
                ask()
            }
            Some(FaultKind::AnsweredAgain) => {
                let mut answer = ask();
                kept.insert(path.to_owned(), answer.twin());
                answer
            }
            _ => ask(),
        }
    }
}
