//! What is there, read through a hundred a request.

use std::collections::BTreeSet;

use super::cards::REFERENCE;
use super::crm::Crm;
use super::wire::{Page, id_in, text_in};
use crate::error::Result;

/// Cards that are looked at to see whether they are ours.
const LOOKED_AT: usize = 3;

impl Crm {
    /// A page of all contacts.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn page_of_contacts(&self, number: u64) -> Result<Page> {
        let query = [("UpdatedSince", "1990-01-01 00:00:00")];
        self.api
            .page(
                &["R3", "Contact"],
                &query,
                number,
                "listing the contacts of MiniCRM",
            )
            .await
    }

    /// The external ids of some cards of our product: nobody can search for those of ours.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn sample(&self) -> Result<Vec<String>> {
        let category = self.settings.category_id.to_string();
        let query = [("CategoryId", category.as_str())];
        let page = self
            .api
            .page(&["R3", "Project"], &query, 0, "looking for cards of ours")
            .await?;
        let last = page.entries.len().saturating_sub(1);
        let mut places = vec![last, 0, last / 2];
        places.dedup();
        let mut references = Vec::new();
        for (card, _) in places
            .into_iter()
            .take(LOOKED_AT)
            .filter_map(|place| page.entries.get(place))
        {
            let card = self.card(*card).await?;
            references.extend(card.map(|(_, card)| text_in(&card, REFERENCE)));
        }
        Ok(references)
    }

    /// The contacts of all cards of our product, in the order of their numbers: a hundred a request.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn listed_contacts(&self) -> Result<Vec<u64>> {
        let category = self.settings.category_id.to_string();
        let query = [("CategoryId", category.as_str())];
        let mut contacts = BTreeSet::new();
        for number in 0.. {
            let doing = "listing the cards of MiniCRM";
            let page = self.api.page(&["R3", "Project"], &query, number, doing).await?;
            for (_, card) in &page.entries {
                contacts.extend(
                    ["ContactId", "BusinessId"]
                        .iter()
                        .filter_map(|field| id_in(card, field)),
                );
            }
            if !page.is_followed(number) {
                break;
            }
        }
        Ok(contacts.into_iter().collect())
    }
}
