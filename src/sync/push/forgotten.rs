//! What stands of somebody who was forgotten among the values of others: in a list that a person added to, nothing else
//! tells which of them were ours.

use super::Push;
use super::decide::ContactDraft;
use crate::merge::{email, key};
use crate::model::{FieldSpec, Shown, Value};
use crate::plan::Fields;
use crate::state::suppressed::Sign;
use crate::sync::intake::phone_clue;

impl Push<'_> {
    /// Adds the lists that hold such a value to the fields that are written, where one of several people of a contact
    /// was forgotten.
    pub(super) fn with_lists_of_forgotten(
        &self,
        draft: &ContactDraft,
        shown: &Shown,
        mut fields: Vec<usize>,
    ) -> Vec<usize> {
        for (field, values) in &shown.lists {
            let is_theirs = |value: &String| self.is_of_forgotten(draft, *field, value);
            if self.fields == Fields::Anew && !fields.contains(field) && values.iter().any(is_theirs) {
                fields.push(*field);
            }
        }
        fields.sort_unstable();
        fields
    }

    /// Whether a value of a list is an e-mail or a phone of somebody who was forgotten, and nobody else's.
    pub(super) fn is_of_forgotten(&self, draft: &ContactDraft, field: usize, value: &str) -> bool {
        if self.fields != Fields::Anew {
            return false;
        }
        let normal = |spec: &FieldSpec, text: &str| {
            let value = Value::Text(text.to_owned());
            self.remote.normal_form(spec, &value).into_owned()
        };
        let spec = self.target.layout.contact.get(field);
        let wanted = draft.texts.get(field).map_or("", String::as_str);
        if spec.is_some_and(|spec| wanted.lines().any(|wanted| wanted == normal(spec, value))) {
            return false;
        }
        let by_email = email::normalise(value).map(|email| Sign::Email(key::hash64(&email)));
        let sign = by_email.or_else(|| phone_clue(value, "").map(Sign::Phone));
        sign.is_some_and(|sign| self.state.suppressed().has(&draft.row.group, &sign))
    }
}
