//! Records of forgotten people that the ID map leads nobody to.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::unknown::signs_of_key;
use super::who::Whom;
use crate::error::Result;
use crate::merge::{email, key};
use crate::model::{Ask, Erasure, Look};
use crate::source::settings::ShopSettings;
use crate::state::State;
use crate::state::suppressed::Sign;
use crate::sync::engine::Engine;
use crate::target::Target;

impl Engine {
    /// Empties records of people who were forgotten that the ID map knows nothing of: a target that was put
    /// back from before, say. They are told by their keys, and by the e-mails in them.
    pub(in crate::sync) async fn empty_strays(
        &self,
        state: &State,
        target: i64,
        remote: &mut dyn Target,
    ) -> Result<()> {
        if state.suppressed().is_empty() {
            return Ok(());
        }
        let suppressed = state.suppressed().clone();
        let shops = &self.setup.shops;
        let groups = groups(shops);
        let mut all = Vec::new();
        remote
            .each_record(&mut |record, email| {
                let by_email = email::normalise(email).map(|email| Sign::Email(key::hash64(&email)));
                let in_groups = |sign: &Sign| groups.iter().any(|group| suppressed.has(group, sign));
                all.push((record.to_owned(), by_email.as_ref().is_some_and(in_groups)));
                Ok(())
            })
            .await?;
        let mut found = BTreeSet::new();
        for (record, has_email) in all {
            let key = remote.key_of_record(&record).unwrap_or_default();
            let by_key = signs_of_key(shops, &key).unwrap_or_default();
            if has_email || by_key.iter().any(|(group, sign)| suppressed.has(group, sign)) {
                found.insert(record);
            }
        }
        let mut erasures = Vec::new();
        for record in found {
            if state.contact_of_record(target, &record)?.is_none() {
                erasures.push(Erasure {
                    record,
                    orders: Vec::new(),
                    gone_at: Timestamp::now(),
                });
            }
        }
        if erasures.is_empty() {
            return Ok(());
        }
        for erased in remote.erase(&erasures).await? {
            if let Err(error) = erased {
                tracing::warn!("a record of somebody who was forgotten stays: {error}");
            }
        }
        remote.leave_no_traces().await
    }
}

fn groups(shops: &[ShopSettings]) -> BTreeSet<&str> {
    shops.iter().map(|shop| shop.group.as_str()).collect()
}

/// Records that hold the e-mail that was named, and are nobody's by the ID map: those of our groups, and those that
/// were there before us.
pub async fn by_email(
    remote: &mut dyn Target,
    whom: &Whom,
    shops: &[ShopSettings],
    owner: &dyn Fn(&str) -> Result<Option<i64>>,
) -> Result<Vec<Erasure>> {
    let Some(email) = &whom.email else {
        return Ok(Vec::new());
    };
    let mut not_these = vec![String::new()];
    let mut erasures = Vec::new();
    for group in groups(shops) {
        loop {
            let ask = Ask {
                // It is not looked for by key: this one nobody has. It only says whose records are ours.
                key: format!("{group}:"),
                emails: vec![email.clone()],
                not_these: not_these.clone(),
                ..Ask::default()
            };
            let found = match remote.look(&[ask]).await?.pop() {
                Some(Ok(Look::Found(shown))) => vec![shown.remote_id],
                Some(Ok(Look::Ambiguous(several))) => several.into_iter().map(|one| one.remote_id).collect(),
                Some(Err(error)) => return Err(error),
                Some(Ok(Look::Absent | Look::Gone | Look::Perhaps(_))) | None => break,
            };
            for record in found {
                if owner(&record)?.is_none() {
                    erasures.push(Erasure {
                        record: record.clone(),
                        orders: Vec::new(),
                        gone_at: Timestamp::now(),
                    });
                }
                not_these.push(record);
            }
        }
    }
    Ok(erasures)
}
