//! A status by both its names: exports tell the name alone, and the configuration may name it by its id.

use super::shop::ShopInRun;
use crate::mapping::Mapping;
use crate::model::OrderStatus;

impl ShopInRun {
    /// A status with both its id and its name, as far as exactly one status of the shop fits.
    pub fn whole(&self, status: &OrderStatus) -> OrderStatus {
        let is_whole = |known: &&OrderStatus| known.id.is_some() && !known.name.is_empty();
        let mut fitting = self
            .statuses
            .iter()
            .filter(is_whole)
            .filter(|known| match status.id {
                None => known.name == status.name,
                Some(_) => status.name.is_empty() && known.id == status.id,
            });
        match fitting.next() {
            Some(first) if fitting.all(|other| other == first) => first.clone(),
            _ => status.clone(),
        }
    }

    /// The statuses whose half alone means something else to a target than both halves together.
    pub(super) fn told_apart_by_halves(&self, mapping: &Mapping) -> impl Iterator<Item = &OrderStatus> {
        let means = move |status: &OrderStatus| {
            let stage = mapping.stage(&self.settings.name, status);
            (stage, self.names_as_cancelled(status))
        };
        self.statuses.iter().filter(move |known| {
            let half = match known.id {
                // One that was seen without a name is called by its id.
                Some(_) if known.name.is_empty() => return self.whole(known) != **known,
                _ => OrderStatus {
                    id: None,
                    name: known.name.clone(),
                },
            };
            let whole = self.whole(&half);
            known.id.is_some() && whole == **known && means(&half) != means(&whole)
        })
    }
}
