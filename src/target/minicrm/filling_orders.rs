//! Orders uploaded: behind contacts that were, and for life those that came so.

use super::crm::Crm;
use super::feed::{self, UploadedOrder, number_of_order, reached};
use super::filling::UPLOADING;
use super::items::lines;
use super::orders_there::subject;
use super::parts::{self, ContactParts, OrderParts};
use super::record_id::RecordId;
use super::transitions::Stage;
use crate::error::{Error, Kind, Result};
use crate::model::{OrderWrite, Value, Written};

impl Crm {
    /// Uploads those orders that came by XML, or go there with a contact that did; `None` for those that go by
    /// requests.
    ///
    /// # Errors
    /// When the first contacts do not arrive.
    pub async fn upload_orders(
        &self,
        writes: &[OrderWrite],
        is_filling: bool,
    ) -> Result<Vec<Option<Result<Written>>>> {
        let mut written: Vec<Option<Result<Written>>> = writes.iter().map(|_| None).collect();
        let mut places = Vec::new();
        let mut uploaded = Vec::new();
        for (place, write) in writes.iter().enumerate() {
            let prepared = match self.project_of_order(write, is_filling).await {
                Ok(None) => continue,
                Ok(Some(project)) => self.uploadable(write, project),
                Err(error) => Err(error),
            };
            match prepared {
                Ok(order) => {
                    places.push(place);
                    uploaded.push(order);
                }
                Err(error) => {
                    if let Some(slot) = written.get_mut(place) {
                        *slot = Some(Err(error));
                    }
                }
            }
        }
        let pieces: Vec<String> = uploaded
            .iter()
            .map(|order| feed::orders(order.project, &[order]))
            .collect();
        let done = match pieces.is_empty() {
            true => Vec::new(),
            false => {
                self.look_at_first_upload().await?;
                self.upload(&pieces).await
            }
        };
        for ((place, order), done) in places.into_iter().zip(&uploaded).zip(done) {
            if let Some((write, slot)) = writes.get(place).zip(written.get_mut(place)) {
                *slot = Some(
                    self.outcome(&write.key, done)
                        .map(|()| self.uploaded_order(write, order)),
                );
            }
        }
        Ok(written)
    }

    /// The number of the contact that an order goes with by XML; `None` where it goes by requests.
    ///
    /// A contact that was uploaded and is there by now takes new orders by requests: a feed has no word for one that
    /// is paid.
    async fn project_of_order(&self, write: &OrderWrite, is_filling: bool) -> Result<Option<u64>> {
        let host: ContactParts = parts::of(&write.contact_parts);
        let of_host = match RecordId::of(&write.contact) {
            Some(RecordId::Xml(number)) => Some(number),
            _ => None,
        };
        let project = of_host.or(host.uploaded_as);
        if let Some(RecordId::Xml(_)) = write.remote_id.as_deref().and_then(RecordId::of) {
            if self.settings.sync_feed_id.is_none() {
                let cause = "it came by an XML feed and is told of by one for life; set `sync_feed_id` again";
                return Err(Error::new(Kind::BadRecord, UPLOADING, cause));
            }
            let own: OrderParts = parts::of(&write.parts);
            return Ok(own.project.or(project));
        }
        let (Some(project), None, Some(_)) = (project, &write.remote_id, self.settings.sync_feed_id) else {
            return Ok(None);
        };
        let goes = match of_host {
            _ if self.filling.is_perhaps(&write.key) => true,
            Some(number) => is_filling || self.resolved(number).await?.is_none(),
            None if host.was_known => match write.contact.parse() {
                // An earlier state may have uploaded it: then it is changed now, and not made again.
                Ok(contact) => self.forgotten_order(&write.key, contact).await?.is_none(),
                Err(_) => false,
            },
            None => false,
        };
        Ok(goes.then_some(project))
    }

    fn uploadable<'w>(&self, write: &'w OrderWrite, project: u64) -> Result<UploadedOrder<'w>> {
        let own: OrderParts = parts::of(&write.parts);
        let wanted = self.stage_wanted(write)?;
        let Some(facts) = &write.facts else {
            // The rest of it has to be told with what changed.
            return Err(Error::new(
                Kind::BadRecord,
                UPLOADING,
                "what the shop says of it is not at hand",
            ));
        };
        let left = Stage::of_word(&own.stage);
        Ok(UploadedOrder {
            project,
            number: number_of_order(&write.key),
            subject: subject(&facts.shop, &facts.code, self.settings.has_several_shops),
            facts,
            lines: lines(facts),
            stage: wanted.or(left).unwrap_or(Stage::Draft),
            custom: self.custom_fields(write)?,
        })
    }

    fn uploaded_order(&self, write: &OrderWrite, order: &UploadedOrder<'_>) -> Written {
        let stage = reached(order.stage);
        let told = (stage != order.stage).then(|| {
            format!(
                "order {} stays {} in MiniCRM: it came by XML, which has no word for {}",
                order.facts.code,
                stage.word(),
                order.stage.word()
            )
        });
        let shown = |(place, value): &(usize, Value)| {
            let text = match self.order_fields.get(*place).and_then(Option::as_ref) {
                _ if *place == 0 => stage.word().to_owned(),
                Some(field) => field.kind.normal_value(value).into_owned(),
                None => value.canonical().into_owned(),
            };
            (*place, text)
        };
        Written {
            remote_id: RecordId::Xml(order.number).text(),
            shown: Some(write.set.iter().map(shown).collect()),
            parts: Some(parts::text(&OrderParts {
                stage: stage.word().to_owned(),
                card: None,
                project: Some(order.project),
            })),
            told: told.into_iter().collect(),
            ..Written::default()
        }
    }
}
