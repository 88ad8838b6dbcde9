//! Customers: by the API's list of changes with their details, or by the export that is compared as a whole.

use std::pin::pin;

use futures_util::StreamExt as _;

use super::{Follow, TOGETHER};
use crate::error::Result;
use crate::source::settings::{CustomersSource, Mode};
use crate::source::{Changed, Changes, Section};
use crate::sync::incremental::How;
use crate::sync::pull::ReadFile;
use crate::sync::report::Report;
use crate::sync::whole;

const SECTION: Section = Section::Customers;

impl Follow<'_> {
    pub(super) async fn customers(&mut self, how: How, report: &mut Report) -> Result<()> {
        if let Some(file) = self.believed(SECTION)? {
            return self.listed_customers(file, report).await;
        }
        let by_changes = how == How::Changes && self.shop.settings.customers.source == CustomersSource::Api;
        if let (true, Some(cursor)) = (by_changes, self.cursor(SECTION)?) {
            let asked = self
                .source
                .changes(SECTION, cursor.read_to, self.spool, self.progress);
            match self.stop.or(asked).await? {
                Changes::Since(changed) => return self.changed_customers(changed, report).await,
                Changes::ReadAll(why) => self.tell_why(SECTION, why),
            }
        }
        self.whole_customers(report).await
    }

    async fn whole_customers(&mut self, report: &mut Report) -> Result<()> {
        let download = self.source.download_customers(self.spool, self.progress);
        let file = self.read_anew(self.stop.or(download).await?)?;
        self.listed_customers(file, report).await
    }

    async fn listed_customers(&mut self, file: ReadFile, report: &mut Report) -> Result<()> {
        let by_api = self.shop.settings.customers.source == CustomersSource::Api;
        let source = by_api.then_some(self.source);
        let mut apply = self.apply(report);
        let applied = whole::customers(&mut apply, &file, source, self.accept, self.progress).await;
        self.settle().customers(report)?;
        self.done_with_whole(SECTION, applied)
    }

    async fn changed_customers(&mut self, changed: Changed, report: &mut Report) -> Result<()> {
        if let Some(download) = changed.download {
            let file = ReadFile::of(download);
            let applied =
                tokio::task::block_in_place(|| self.apply(report).some_customers(&file, self.progress));
            self.done_with(SECTION, applied)?;
        }
        let mut asked = Vec::with_capacity(changed.listed.len());
        for change in changed.listed {
            // What was known before is not followed: its detail would be read for nothing.
            let is_followed = self.shop.settings.customers.mode == Mode::NewAndUpdated
                || self.state.customer(self.shop.id, &change.key)?.is_none();
            if is_followed {
                asked.push(change.key);
            }
        }
        let locale = self.shop.locale.clone();
        let details = self.source.customer_details(asked, &locale)?;
        let mut details = pin!(details.ready_chunks(TOGETHER));
        while let Some(answers) = self.stop.or(async { Ok(details.next().await) }).await? {
            let mut apply = self.apply(report);
            self.state.transaction(|_| {
                answers
                    .into_iter()
                    .try_for_each(|answer| apply.customer_told(answer?, changed.requested_at))
            })?;
        }
        self.settle().customers(report)?;
        if let Some(read_to) = changed.cursor {
            self.commit(SECTION, read_to)?;
        }
        Ok(())
    }
}
