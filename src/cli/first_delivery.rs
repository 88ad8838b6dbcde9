//! The first delivery into a CRM that has contacts already: a person sees what it would do, and agrees or not.

use super::output::{Stdout, printed};
use super::plan::target_in_words;
use super::question;
use crate::error::Result;
use crate::source::Progress;
use crate::sync::deliver::DeliveryOptions;
use crate::sync::engine::Engine;
use crate::sync::plan::plan;
use crate::sync::report::Report;

/// Shows what would be done in the targets that wait for it, and delivers where somebody agrees.
///
/// `can_ask` is whether the question is for the terminal of this process.
///
/// # Errors
/// When the state cannot be read, the terminal is gone, or the order to stop was given.
pub async fn show_and_ask(
    options: &DeliveryOptions,
    engine: &Engine,
    progress: &dyn Progress,
    can_ask: bool,
    out: Stdout<'_>,
    report: &mut Report,
) -> Result<()> {
    let planned = plan(&engine.setup, &mut |_, _| Ok(()), progress).await?;
    let waiting = planned
        .targets
        .iter()
        .filter(|target| report.to_agree.contains(&target.target));
    let mut about = Vec::new();
    for target in waiting {
        printed(target_in_words(target, &mut about))?;
    }
    let about = String::from_utf8_lossy(&about).into_owned();
    let is_shown = planned.targets.iter().all(|target| target.failure.is_none());
    if !is_shown || !can_ask || !question::somebody_is_there() {
        return printed(write!(out, "{about}"));
    }
    let names = report.to_agree.join(" and ");
    progress.tell("contacts stand there already; this is what a delivery would do:");
    let question = format!("Deliver to {names}?");
    if question::is_agreed(&about, &question, "agreeing to a first delivery")? {
        let options = DeliveryOptions {
            agreed: true,
            ..options.clone()
        };
        engine.deliver_agreed(&options, progress, report).await?;
    }
    Ok(())
}
