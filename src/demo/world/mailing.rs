//! Who wants the newsletter.

use jiff::Timestamp;

use super::records::Customer;

/// The mailing list `newsletters` and those who unsubscribed.
#[derive(Debug, Clone)]
pub struct Mailing {
    /// Whether the shop has the module that mailing lists need.
    pub module: bool,
    /// Who agreed, and when.
    pub subscribers: Vec<(String, Timestamp)>,
    /// Who was on the list and is not any more, and since when.
    pub left: Vec<(String, Timestamp)>,
    /// Who unsubscribed, and when.
    pub unsubscribed: Vec<(String, Timestamp)>,
}

impl Mailing {
    /// The customers who agreed, since their registration.
    pub(in crate::demo) fn of(customers: &[Customer]) -> Self {
        let agreed = customers.iter().filter(|customer| customer.newsletter);
        Self {
            module: true,
            subscribers: agreed
                .filter_map(|customer| Some((customer.accounts.first()?.email.clone(), customer.created)))
                .collect(),
            left: Vec::new(),
            unsubscribed: Vec::new(),
        }
    }

    /// Puts an e-mail on the list.
    pub fn add(&mut self, email: &str, at: Timestamp) {
        self.take(email);
        self.left.retain(|(other, _)| other != email);
        self.unsubscribed.retain(|(other, _)| other != email);
        self.subscribers.push((email.to_owned(), at));
    }

    /// Takes an e-mail from the list, as someone does who unsubscribes.
    pub fn unsubscribe(&mut self, email: &str, at: Timestamp) {
        if self.take(email) {
            self.left.push((email.to_owned(), at));
        }
        self.unsubscribed.retain(|(other, _)| other != email);
        self.unsubscribed.push((email.to_owned(), at));
    }

    fn take(&mut self, email: &str) -> bool {
        let before = self.subscribers.len();
        self.subscribers.retain(|(other, _)| other != email);
        self.subscribers.len() < before
    }
}
