//! Orders by the API: its list of changes with their details.

use std::pin::pin;

use futures_util::StreamExt as _;

use super::{Follow, TOGETHER};
use crate::error::Result;
use crate::source::settings::Mode;
use crate::source::{Changed, Changes, Section};
use crate::sync::pull::ReadFile;
use crate::sync::report::Report;
use crate::sync::whole;

const SECTION: Section = Section::Orders;

impl Follow<'_> {
    pub(super) async fn orders_by_api(&mut self, report: &mut Report) -> Result<()> {
        if let Some(cursor) = self.cursor(SECTION)? {
            let asked = self
                .source
                .changes(SECTION, cursor.read_to, self.spool, self.progress);
            match self.stop.or(asked).await? {
                Changes::Since(changed) => return self.changed_orders(changed, report).await,
                Changes::ReadAll(why) => self.tell_why(SECTION, why),
            }
        }
        self.whole_orders(report).await
    }

    pub(super) async fn whole_orders(&mut self, report: &mut Report) -> Result<()> {
        self.state.intend_to_read(self.shop.id, SECTION.as_str())?;
        let download = self.source.download_orders(self.spool, self.progress);
        let file = self.read_anew(self.stop.or(download).await?)?;
        self.listed_orders(&file, report)
    }

    pub(super) fn listed_orders(&mut self, file: &ReadFile, report: &mut Report) -> Result<()> {
        let mut apply = self.apply(report);
        let applied =
            tokio::task::block_in_place(|| whole::orders(&mut apply, file, self.accept, self.progress));
        self.settle().orders(report)?;
        self.done_with_whole(SECTION, applied)
    }

    async fn changed_orders(&mut self, changed: Changed, report: &mut Report) -> Result<()> {
        if let Some(download) = changed.download {
            let file = ReadFile::of(download);
            let applied =
                tokio::task::block_in_place(|| self.apply(report).some_orders(&file, self.progress));
            self.done_with(SECTION, applied)?;
        }
        let mut asked = Vec::with_capacity(changed.listed.len());
        for change in changed.listed {
            // What was known before is not followed: its detail would be read for nothing.
            let is_followed = self.shop.settings.orders.mode == Mode::NewAndUpdated
                || self.state.order(self.shop.id, &change.key)?.is_none();
            if is_followed {
                asked.push(change.key);
            }
        }
        let locale = self.shop.locale.clone();
        let details = self.source.order_details(asked, &locale)?;
        let mut details = pin!(details.ready_chunks(TOGETHER));
        while let Some(answers) = self.stop.or(async { Ok(details.next().await) }).await? {
            let mut apply = self.apply(report);
            self.state.transaction(|_| {
                answers
                    .into_iter()
                    .try_for_each(|answer| apply.order_told(answer?))
            })?;
        }
        self.settle().orders(report)?;
        if let Some(read_to) = changed.cursor {
            self.commit(SECTION, read_to)?;
        }
        Ok(())
    }
}
