//! Orders by the API: its list of changes with their details.

use super::Follow;
use crate::error::Result;
use crate::source::{Changed, Changes, Section};
use crate::sync::pull::ReadFile;
use crate::sync::report::Report;

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
        self.listed_orders(&file, report).await
    }

    pub(super) async fn listed_orders(&mut self, file: &ReadFile, report: &mut Report) -> Result<()> {
        let turn = self.settled.to_change().await;
        let mut apply = self.apply(report);
        let applied = apply.orders(file, self.accept, self.progress).await;
        self.settle().orders(report).await?;
        drop(turn);
        self.done_with_whole(SECTION, applied)
    }

    async fn changed_orders(&mut self, changed: Changed, report: &mut Report) -> Result<()> {
        if let Some(download) = changed.download {
            let file = ReadFile::of(download);
            let turn = self.settled.to_change().await;
            let applied = self.apply(report).some_orders(&file, self.progress).await;
            drop(turn);
            self.done_with(SECTION, applied)?;
        }
        let (state, shop) = (self.state, self.shop.id);
        let mode = self.shop.settings.orders.mode;
        let asked = self.followed(mode, changed.listed, |key| Ok(state.order(shop, key)?.is_some()))?;
        let locale = self.shop.locale.clone();
        let details = self.source.order_details(asked, &locale)?;
        self.take_details(details, report, |apply, detail| apply.order_told(detail))
            .await?;
        let _turn = self.settled.to_change().await;
        self.settle().orders(report).await?;
        if let Some(read_to) = changed.cursor {
            self.commit(SECTION, read_to)?;
        }
        Ok(())
    }
}
