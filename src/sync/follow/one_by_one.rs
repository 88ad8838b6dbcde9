//! Records that the shop lists as changed, asked for one by one.

use std::pin::pin;

use futures_util::{Stream, StreamExt as _};

use super::Follow;
use crate::error::Result;
use crate::source::settings::Mode;
use crate::source::{Change, Detail};
use crate::sync::apply::Apply;
use crate::sync::report::Report;

/// Answers that are stored together: what has arrived meanwhile, but no more than this.
const TOGETHER: usize = 50;

impl Follow<'_> {
    /// The keys of those that are followed: with `new` what was known before is not, and its detail would be
    /// read for nothing.
    pub(super) fn followed(
        &self,
        mode: Mode,
        listed: Vec<Change>,
        is_known: impl Fn(&str) -> Result<bool>,
    ) -> Result<Vec<String>> {
        let mut followed = Vec::with_capacity(listed.len());
        for change in listed {
            if mode == Mode::NewAndUpdated || !is_known(&change.key)? {
                followed.push(change.key);
            }
        }
        Ok(followed)
    }

    /// Applies the details as they arrive.
    pub(super) async fn take_details<T>(
        &self,
        details: impl Stream<Item = Result<Detail<T>>>,
        report: &mut Report,
        take: impl Fn(&mut Apply<'_>, Detail<T>) -> Result<()>,
    ) -> Result<()> {
        let mut details = pin!(details.ready_chunks(TOGETHER));
        while let Some(answers) = self.stop.or(async { Ok(details.next().await) }).await? {
            let _turn = self.settled.to_change().await;
            let mut apply = self.apply(report);
            self.state.transaction(|_| {
                answers
                    .into_iter()
                    .try_for_each(|answer| take(&mut apply, answer?))
            })?;
        }
        Ok(())
    }
}
