//! What changed since a moment: the lists `/api/customers/changes` and `/api/orders/changes`.
//!
//! Confirmed (OpenAPI, last customer and order changes): each record is told once, with its last
//! change; a creation is told as `edit`; 30 days are kept. How the shop refuses a moment older than
//! that is not described.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::client::Client;
use super::listing::List;
use crate::error::{Kind, Result};
use crate::source::changes::{Change, ChangeKind};
use crate::source::progress::{Progress, Unit};
use crate::source::spool::Section;

/// A list that shifts is passed over again, this often at most.
const MOST_PASSES: u32 = 4;

/// What a list told.
pub(in crate::source) enum Listed {
    /// Every record that changed, each once.
    All(Vec<Change>),
    /// The list kept shifting: some may be missing.
    Some(Vec<Change>),
    /// More than was asked for.
    TooMany,
    /// The shop does not look back as far.
    TooOld,
}

#[derive(Deserialize, Hash)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(alias = "guid")]
    code: String,
    change_time: Option<String>,
    change_type: Option<String>,
}

/// Lists what changed in a section from `from` on, `most` records at most.
pub(in crate::source) async fn list(
    client: &Client,
    section: Section,
    from: Timestamp,
    only: Option<ChangeKind>,
    most: usize,
    progress: &dyn Progress,
) -> Result<Listed> {
    let (endpoint, per_page) = match section {
        Section::Customers => ("/api/customers/changes", 20),
        Section::Orders => ("/api/orders/changes", 1_000),
    };
    let list = List {
        endpoint,
        per_page,
        from: Some(from),
        only: only.map(|kind| ("changeType", kind.as_str())),
    };
    match pass_over(client, section, &list, most, progress).await {
        Err(error) if error.kind() == Kind::Refused && list.is_refused_for_its_age::<Told>(client).await => {
            Ok(Listed::TooOld)
        }
        listed => listed,
    }
}

/// Passes over the list until it is known to be whole: as many records were met as the shop says
/// there are (none ever leaves the list, unless the number falls), one page held it all, or two
/// passes read the very same.
async fn pass_over(
    client: &Client,
    section: Section,
    list: &List,
    most: usize,
    progress: &dyn Progress,
) -> Result<Listed> {
    let phase = format!("listing changed {}", section.as_str());
    let mut met: HashMap<String, Change> = HashMap::new();
    let mut shrank = false;
    let mut earlier = None;
    for _ in 0..MOST_PASSES {
        let mut pages = list.pages::<Told>(client);
        while let Some(page) = pages.next().await? {
            if !list.looks_back_far_enough(client) {
                return Ok(Listed::TooOld);
            }
            for told in page.rows {
                keep_newest(&mut met, told);
            }
            let total = usize::try_from(page.total).unwrap_or(usize::MAX);
            if met.len() > most || total > most {
                return Ok(Listed::TooMany);
            }
            progress.report(&phase, met.len() as u64, Some(page.total), Unit::Records);
            shrank |= pages.shrank();
            if !shrank && met.len() == total {
                return Ok(Listed::All(sorted(met)));
            }
        }
        if pages.was_one_page() || earlier == Some(pages.trace()) {
            return Ok(Listed::All(sorted(met)));
        }
        earlier = Some(pages.trace());
    }
    Ok(Listed::Some(sorted(met)))
}

fn keep_newest(met: &mut HashMap<String, Change>, told: Told) {
    let change = Change {
        // A time that is not written as described is as good as none: it decides nothing alone.
        changed_at: told.change_time.and_then(|time| time.parse().ok()),
        kind: match told.change_type.as_deref() {
            Some("delete") => ChangeKind::Deleted,
            // Whatever the shop may come to call it: the detail shows what became of the record.
            _ => ChangeKind::Edited,
        },
        key: told.code,
    };
    if let Some(known) = met.get(&change.key)
        && let (Some(before), Some(now)) = (known.changed_at, change.changed_at)
        && before > now
    {
        return;
    }
    met.insert(change.key.clone(), change);
}

/// Oldest first, those without a time at the end, so that a reading that is cut short loses the
/// newest: they are told again anyway.
fn sorted(met: HashMap<String, Change>) -> Vec<Change> {
    let mut changes: Vec<Change> = met.into_values().collect();
    changes.sort_unstable_by(|a, b| {
        let time = |change: &Change| (change.changed_at.is_none(), change.changed_at);
        time(a).cmp(&time(b)).then_with(|| a.key.cmp(&b.key))
    });
    changes
}
