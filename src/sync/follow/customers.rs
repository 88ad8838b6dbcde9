//! Customers: by the API's list of changes with their details, or by the export that is compared as a whole.

use super::Follow;
use crate::error::Result;
use crate::source::settings::CustomersSource;
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
        let applied = whole::customers(
            &mut apply,
            &file,
            source,
            self.accept,
            self.settled,
            self.progress,
        )
        .await;
        let turn = self.settled.to_change().await;
        self.settle().customers(report).await?;
        drop(turn);
        self.done_with_whole(SECTION, applied)
    }

    async fn changed_customers(&mut self, changed: Changed, report: &mut Report) -> Result<()> {
        if let Some(download) = changed.download {
            let file = ReadFile::of(download);
            let turn = self.settled.to_change().await;
            let applied = self.apply(report).some_customers(&file, self.progress).await;
            drop(turn);
            self.done_with(SECTION, applied)?;
        }
        let (state, shop) = (self.state, self.shop.id);
        let mode = self.shop.settings.customers.mode;
        let asked = self.followed(mode, changed.listed, |key| {
            Ok(state.customer(shop, key)?.is_some())
        })?;
        let locale = self.shop.locale.clone();
        let details = self.source.customer_details(asked, &locale)?;
        self.take_details(details, report, |apply, detail| {
            apply.customer_told(detail, changed.requested_at)
        })
        .await?;
        let _turn = self.settled.to_change().await;
        self.settle().customers(report).await?;
        if let Some(read_to) = changed.cursor {
            self.commit(SECTION, read_to)?;
        }
        Ok(())
    }
}
