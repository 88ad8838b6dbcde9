//! A full listing of customers, compared with the state: what is new, changed, or no longer there.

use std::pin::pin;

use futures_util::StreamExt as _;

use super::apply::Apply;
use super::pull::ReadFile;
use super::settled::Settled;
use crate::error::Result;
use crate::source::{Progress, Shop};

/// Applies a full listing of customers. Of those that are missing in it, `source` is asked one by one
/// where there is one to ask.
///
/// # Errors
/// When the document cannot be trusted or the shop does not answer.
pub async fn customers(
    apply: &mut Apply<'_>,
    file: &ReadFile,
    source: Option<&Shop>,
    accept: bool,
    settled: &Settled,
    progress: &dyn Progress,
) -> Result<()> {
    let turn = settled.to_change().await;
    let ask = apply.customers(file, source.is_some(), accept, progress).await?;
    drop(turn);
    let Some(source) = source else { return Ok(()) };
    let (state, stop, locale) = (apply.state, apply.stop, &apply.shop.locale);
    let mut details = pin!(source.customer_details(ask, locale)?);
    while let Some(detail) = stop.or(async { Ok(details.next().await) }).await? {
        let detail = detail?;
        let _turn = settled.to_change().await;
        state.transaction(|_| apply.customer_told(detail, file.read_at))?;
    }
    Ok(())
}
