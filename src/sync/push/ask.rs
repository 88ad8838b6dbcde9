//! What a target is asked about a contact or an order, with all that the ID map knows of it.

use super::Push;
use super::decide::ContactDraft;
use crate::error::Result;
use crate::model::{Ask, Candidate, FieldSpec, Look, OnEmpty, Shown, WritePolicy};
use crate::plan::hash;
use crate::state::links::{Link, Linked};

impl Push<'_> {
    pub(super) fn ask(&self, draft: &ContactDraft) -> Result<Ask> {
        let ask = self.ask_with(&draft.row.key, draft.link.as_ref(), Linked::Contact(draft.row.id))?;
        let ask = match self.remote.ways().is_service {
            true => Ask {
                wanted: draft.texts.clone(),
                settled: settled(&self.target.layout.contact, &draft.texts, draft.link.as_ref(), 0),
                ..ask
            },
            false => ask,
        };
        let answered = self.state.answered(self.numbers.target, draft.row.id)?;
        if ask.remote_id.is_some() {
            // Where that one is gone, a service looks for it again, if it is to.
            let looks_again = self.remote.ways().is_service && answered != Some(None);
            return Ok(match looks_again {
                true => Ask {
                    emails: draft.contact.emails.clone(),
                    ..ask
                },
                false => ask,
            });
        }
        Ok(match answered {
            // "None of them": by key alone, and nothing is looked for that may have been made.
            Some(None) => Ask {
                perhaps_made: None,
                ..ask
            },
            Some(record) => Ask {
                remote_id: record,
                ..ask
            },
            None => Ask {
                emails: draft.contact.emails.clone(),
                ..ask
            },
        })
    }

    /// What the ID map knows of a record, as a question.
    pub(super) fn ask_with(&self, key: &str, link: Option<&Link>, of: Linked) -> Result<Ask> {
        let Some(link) = link else {
            return Ok(Ask {
                key: key.to_owned(),
                ..Ask::default()
            });
        };
        let is_open = link.remote_id.is_none() && link.intended.is_some();
        Ok(Ask {
            key: key.to_owned(),
            remote_id: link.remote_id.clone(),
            parts: link.parts.clone(),
            perhaps_made: match is_open {
                true => self.state.written_at(self.numbers.target, of)?,
                false => None,
            },
            ..Ask::default()
        })
    }

    /// Of the records that may be one of ours, made by a write whose answer never came, that one is it in which
    /// everything that stands there is just what we meant to write: the rest of it may not have been written any more.
    /// Where none is so nobody can say.
    pub(super) fn recognise_made(&self, draft: &ContactDraft, look: Result<Look>) -> Result<Result<Look>> {
        let Ok(Look::Perhaps(records)) = look else {
            return Ok(look);
        };
        let intended = draft.link.as_ref().and_then(|link| link.intended.as_deref());
        let holds_it = |shown: &Shown| {
            let meant = intended.unwrap_or_default().iter().zip(&shown.values);
            let mut there = meant
                .filter(|(meant, there)| **meant != 0 && !there.is_empty())
                .peekable();
            there.peek().is_some() && there.all(|(meant, there)| *meant == hash(there))
        };
        let mut free = Vec::with_capacity(records.len());
        for shown in records {
            if !self.belongs_to_another(draft, &shown.remote_id)? {
                free.push(shown);
            }
        }
        let of_ours = free.iter().position(holds_it);
        Ok(Ok(match of_ours {
            // Those that are all the same are twins of somebody else's making, or a person of the same name: any is it.
            Some(place) => Look::Found(free.swap_remove(place)),
            None if free.is_empty() => Look::Absent,
            None => Look::Ambiguous(free.into_iter().map(perhaps).collect()),
        }))
    }
}

/// Which fields were written as they are wanted, so that nobody has to look. `ahead` hashes of the link stand before
/// those of the fields.
pub(super) fn settled(
    specs: &[FieldSpec],
    wanted: &[String],
    link: Option<&Link>,
    ahead: usize,
) -> Vec<bool> {
    let written = link.filter(|link| link.intended.is_none() && link.remote_id.is_some());
    let of_field = |field: usize| written.and_then(|link| link.written.get(field + ahead).copied());
    let is_settled = |(field, (spec, wanted)): (usize, (&FieldSpec, &String))| {
        let is_skipped = wanted.is_empty() && spec.on_empty == OnEmpty::Keep;
        let is_written = of_field(field) == Some(hash(wanted)) && spec.write != WritePolicy::Always;
        written.is_some() && (is_skipped || is_written || spec.write == WritePolicy::CreateOnly)
    };
    specs.iter().zip(wanted).enumerate().map(is_settled).collect()
}

fn perhaps(shown: Shown) -> Candidate {
    Candidate {
        remote_id: shown.remote_id,
        found_by: "what was written".to_owned(),
    }
}
