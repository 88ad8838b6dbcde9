//! Reading who wants the newsletter, for the targets whose mapping names it.
//!
//! Both lists are read whole where everything is (an import, a reconcile) and where nothing is known yet:
//! 500 and 1,000 e-mails a request, each list of several pages twice, as long as it shifts (see
//! [`crate::source`]). In between one request asks what changed on the first list since, which the shop
//! keeps for 30 days, and one who unsubscribed since: two requests a run, however long the lists are. What
//! only a whole reading shows is who was taken from the second list again; who agreed anew is on the first
//! one with a later date, so nothing waits for that.
//!
//! A shop that does not tell, because it lacks the module or the token the right, is no failure: the
//! value is unknown, which is said once.

use jiff::Timestamp;

use super::incremental::How;
use super::read::Read;
use super::report::Report;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::Result;
use crate::merge::{email, key};
use crate::source::{Consent, ConsentPages, Consents, Shop};
use crate::state::State;
use crate::state::consents::{ConsentList, ConsentTold, ListKnown};

/// Those who agreed come first: who unsubscribed in between shows on the second list at the latest.
const LISTS: [ConsentList; 2] = [ConsentList::Agreed, ConsentList::Unsubscribed];

/// The lists of one shop on their way into the state.
pub(super) struct Newsletter<'a> {
    pub state: &'a State,
    pub source: &'a Shop,
    pub shop: &'a ShopInRun,
    /// Numbers of the targets that have to hear of changes.
    pub targets: &'a [i64],
    pub stop: &'a Stop,
}

/// Whom a reading makes due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Those of whom something else is known now.
    WhoChanges,
    /// Nobody: the state is being built, and everybody in it is delivered afterwards.
    Nobody,
}

/// The targets whose mapping names who wants the newsletter, of those a shop is delivered to.
pub(super) fn named_by<'a>(
    targets: &'a [TargetInRun],
    shop: &'a ShopInRun,
) -> impl Iterator<Item = &'a TargetInRun> {
    let names = |target: &&TargetInRun| {
        target
            .mapping
            .needs()
            .and(target.mapping.order_needs())
            .newsletter
    };
    targets.iter().filter(names).filter(|target| target.takes(shop))
}

/// Reads the lists of a shop whole, where it was asked itself and a target wants to know.
///
/// # Errors
/// As [`Newsletter::read`].
pub(super) async fn whole(
    state: &State,
    read: &Read<'_>,
    targets: &[TargetInRun],
    due: Due,
    stop: &Stop,
    report: &mut Report,
) -> Result<()> {
    let Some(door) = read.door else { return Ok(()) };
    let mut numbers = Vec::new();
    for target in named_by(targets, &read.shop) {
        numbers.push(target.numbers(state)?.target);
    }
    if numbers.is_empty() {
        return Ok(());
    }
    let newsletter = Newsletter {
        state,
        source: &door.source,
        shop: &read.shop,
        targets: match due {
            Due::WhoChanges => &numbers,
            Due::Nobody => &[],
        },
        stop,
    };
    newsletter.read(How::Everything, report).await
}

impl Newsletter<'_> {
    /// Reads both lists as far as the shop tells them.
    ///
    /// # Errors
    /// When the API does not answer with data; a list that was read by then stays read.
    pub async fn read(&self, how: How, report: &mut Report) -> Result<()> {
        for list in LISTS {
            self.read_list(list, how, report).await?;
        }
        Ok(())
    }

    async fn read_list(&self, list: ConsentList, how: How, report: &mut Report) -> Result<()> {
        let known = self.state.consent_list(self.shop.id, list)?;
        let since = match (how, known) {
            (How::Changes, ListKnown::ReadTo(read_to)) => Some(read_to),
            _ => None,
        };
        let mut since = since;
        let mut consents = self.open(list, since).await?;
        if since.is_some() && matches!(consents, Consents::TooOld) {
            since = None;
            consents = self.open(list, None).await?;
        }
        match consents {
            Consents::Told(pages) => self.told(list, known, since.is_none(), *pages).await,
            Consents::Unknown | Consents::TooOld => self.untold(list, known, report),
        }
    }

    async fn open(&self, list: ConsentList, since: Option<Timestamp>) -> Result<Consents<'_>> {
        match list {
            ConsentList::Agreed => self.stop.or(self.source.newsletter(since)).await,
            ConsentList::Unsubscribed => self.stop.or(self.source.unsubscribed(since)).await,
        }
    }

    async fn told(
        &self,
        list: ConsentList,
        known: ListKnown,
        is_all: bool,
        mut pages: ConsentPages<'_>,
    ) -> Result<()> {
        let (state, shop) = (self.state, self.shop.id);
        state.begin_consents(shop, list)?;
        while let Some(page) = self.stop.or(pages.next()).await? {
            let told: Vec<ConsentTold> = page.iter().filter_map(|consent| told(list, consent)).collect();
            state.transaction(|state| state.gather_consents(shop, &self.shop.settings.group, list, &told))?;
        }
        // A list that kept shifting may lack somebody: what it told is worth storing, and no more.
        let read_to = pages.cursor();
        state.transaction(|state| {
            let different = state.take_consents(shop, list, is_all && read_to.is_some())?;
            if let Some(read_to) = read_to {
                state.consents_are_read(shop, list, read_to)?;
            }
            if read_to.is_some() && !matches!(known, ListKnown::ReadTo(_)) {
                // Who is not on it is known now, too.
                return state.make_contacts_of_shop_due(self.targets, shop);
            }
            self.make_due(&different)
        })
    }

    fn untold(&self, list: ConsentList, known: ListKnown, report: &mut Report) -> Result<()> {
        if known == ListKnown::Untold {
            return Ok(());
        }
        let (state, shop) = (self.state, self.shop.id);
        // A shop without an API was never asked, and its customers export may tell.
        if self.shop.settings.api.is_some() {
            let who = match list {
                ConsentList::Agreed => "agreed to the newsletter",
                ConsentList::Unsubscribed => "unsubscribed from it",
            };
            report.notes.push(format!(
                "shop {} does not tell who {who}: give the token the rights to mailing lists and unsubscribed e-mails; \
                 without the module there are none. Until then `contact.newsletter` has what else is known",
                self.shop.settings.name
            ));
        }
        state.transaction(|state| {
            state.consents_are_untold(shop, list)?;
            match known {
                ListKnown::ReadTo(_) => state.make_contacts_of_shop_due(self.targets, shop),
                ListKnown::Never | ListKnown::Untold => Ok(()),
            }
        })
    }

    fn make_due(&self, emails: &[u64]) -> Result<()> {
        if self.targets.is_empty() {
            return Ok(());
        }
        let (state, group) = (self.state, &self.shop.settings.group);
        for email in emails {
            for row in state.email_evidence(group, *email)? {
                state.make_due(self.targets, row.contact, None)?;
            }
        }
        Ok(())
    }
}

/// What a list says of an e-mail, as it is stored; `None` for what is no e-mail.
fn told(list: ConsentList, consent: &Consent) -> Option<ConsentTold> {
    Some(ConsentTold {
        email: key::hash64(&email::normalise(&consent.email)?),
        at: consent.at,
        is_on: consent.agreed || list == ConsentList::Unsubscribed,
    })
}
