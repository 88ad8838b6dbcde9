//! Contacts uploaded: those that a system is filled with, and whoever was perhaps uploaded before.

use jiff::Timestamp;

use super::addresses;
use super::crm::Crm;
use super::feed::{self, Project, number_of_contact};
use super::parts::{self, ContactParts};
use super::record_id::RecordId;
use super::wire::Record;
use crate::error::Result;
use crate::model::{ContactWrite, Written};

impl Crm {
    /// Uploads those contacts that are made, or were perhaps uploaded before; `None` for those that go by requests.
    ///
    /// # Errors
    /// When the first ones do not arrive.
    pub async fn upload_contacts(
        &self,
        writes: &[ContactWrite],
        is_filling: bool,
    ) -> Result<Vec<Option<Result<Written>>>> {
        let goes = |write: &ContactWrite| {
            let was_uploaded = || parts::of::<ContactParts>(&write.parts).uploaded_at.is_some();
            let is_new = write.remote_id.is_none() && self.settings.sync_feed_id.is_some();
            is_new && (is_filling || was_uploaded() || self.filling.is_perhaps(&write.key))
        };
        let mut written: Vec<Option<Result<Written>>> = writes.iter().map(|_| None).collect();
        let mut places = Vec::new();
        let mut projects = Vec::new();
        for (place, write) in writes.iter().enumerate().filter(|(_, write)| goes(write)) {
            match self.project_of(write) {
                Ok(project) => {
                    places.push(place);
                    projects.push(project);
                }
                Err(error) => {
                    if let Some(slot) = written.get_mut(place) {
                        *slot = Some(Err(error));
                    }
                }
            }
        }
        let numbers: Vec<u64> = places
            .iter()
            .filter_map(|place| writes.get(*place))
            .map(|write| number_of_contact(&write.key))
            .collect();
        for (place, uploaded) in places
            .into_iter()
            .zip(self.upload_first(&projects, &numbers).await?)
        {
            if let Some((write, slot)) = writes.get(place).zip(written.get_mut(place)) {
                *slot = Some(
                    self.outcome(&write.key, uploaded)
                        .map(|()| self.uploaded_contact(write)),
                );
            }
        }
        Ok(written)
    }

    fn uploaded_contact(&self, write: &ContactWrite) -> Written {
        let number = number_of_contact(&write.key);
        Written {
            remote_id: RecordId::Xml(number).text(),
            parts: Some(parts::text(&ContactParts {
                kind: Some(self.kind_wanted(&write.set)),
                uploaded_as: Some(number),
                uploaded_at: Some(Timestamp::now()),
                ..ContactParts::default()
            })),
            ..Written::default()
        }
    }

    /// A contact as a piece of a document.
    fn project_of(&self, write: &ContactWrite) -> Result<String> {
        let kind = self.kind_wanted(&write.set);
        let sorted = self.sorted(write, kind)?;
        let mut card = Record::new();
        card.insert("CategoryId".to_owned(), self.settings.category_id.into());
        card.insert("Name".to_owned(), write.key.as_str().into());
        // A feed tells labels.
        if let Some((_, label)) = self.first_status() {
            card.insert("StatusId".to_owned(), label.into());
        }
        let owner = self.owner.map(|owner| owner.to_string());
        let users = self.schemas.choices("UserId").iter();
        for (_, label) in users.filter(|(id, _)| Some(id) == owner.as_ref()) {
            card.insert("UserId".to_owned(), label.as_str().into());
        }
        card.extend(sorted.card.clone());
        Ok(feed::project(&Project {
            number: number_of_contact(&write.key),
            kind,
            own: &sorted.own,
            address: &addresses::first(&sorted.address),
            card: &card,
        }))
    }
}
