//! JSON lines: one object a line, as the results of snapshot jobs are.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bytes::Text;
use super::found::Recipe;
use super::{Content, Fault, RECORD_CAP, Sink};
use crate::error::{Kind, Result};

/// How much is kept of a line that is too large, in bytes.
const BEGINNING: usize = 1024;

/// Hands each line to the sink.
pub(super) fn find<T>(
    text: &mut Text,
    content: Content,
    sink: &mut Sink<'_, T>,
    recipe: &'static Recipe<T>,
) -> Result<()> {
    let mut searched = 0;
    loop {
        let window = text.window();
        let end = window
            .get(searched..)
            .and_then(|fresh| memchr::memchr(b'\n', fresh))
            .map(|at| searched + at);
        let Some(length) = end else {
            searched = window.len();
            if searched > RECORD_CAP {
                skip_line(text, sink, recipe)?;
                searched = 0;
            } else if !text.fill()? {
                return last_line(text, content, sink, recipe);
            }
            continue;
        };
        searched = 0;
        one(text, length, content, sink, recipe)?;
        text.consume(length + 1);
    }
}

fn one<T>(
    text: &Text,
    length: usize,
    content: Content,
    sink: &mut Sink<'_, T>,
    recipe: &'static Recipe<T>,
) -> Result<()> {
    let line = text.window().get(..length).unwrap_or_default();
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    if sink.records == 0 {
        probe(text, line, content)?;
    }
    sink.piece(recipe, line, text.line(), 0, text.progress())
}

/// A line without an end: whole, or what is left of one.
fn last_line<T>(
    text: &mut Text,
    content: Content,
    sink: &mut Sink<'_, T>,
    recipe: &'static Recipe<T>,
) -> Result<()> {
    let line = text.window().trim_ascii();
    let cut = serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
    if !line.is_empty() && cut {
        return Err(text.ends_early("the last line is not complete", sink.records));
    }
    let length = text.window().len();
    one(text, length, content, sink, recipe)?;
    text.consume(length);
    Ok(())
}

fn skip_line<T>(text: &mut Text, sink: &mut Sink<'_, T>, recipe: &'static Recipe<T>) -> Result<()> {
    let line = text.line();
    let beginning = text.window().get(..BEGINNING).unwrap_or_default().to_vec();
    loop {
        let length = text.window().len();
        if let Some(end) = memchr::memchr(b'\n', text.window()) {
            text.consume(end + 1);
            let fault = Fault::new("the line is larger than 4 MiB");
            return sink.bad(
                (recipe.key)(&beginning),
                line,
                &beginning,
                &fault,
                text.progress(),
            );
        }
        text.consume(length);
        if !text.fill()? {
            return Err(text.ends_early("the last line is not complete", sink.records));
        }
    }
}

/// Refuses a document whose first line shows that it is something else.
fn probe(text: &Text, line: &[u8], content: Content) -> Result<()> {
    #[derive(Deserialize)]
    struct Probe {
        code: Option<IgnoredAny>,
        guid: Option<IgnoredAny>,
        items: Option<IgnoredAny>,
        accounts: Option<IgnoredAny>,
        errors: Option<IgnoredAny>,
    }
    let Ok(probe) = serde_json::from_slice::<Probe>(line) else {
        return Ok(());
    };
    let is_order = probe.code.is_some() && probe.items.is_some() && probe.accounts.is_none();
    let is_customer = probe.accounts.is_some() && probe.code.is_none();
    match content {
        Content::Orders if is_customer => Err(content.is_other(text)),
        Content::Customers if is_order => Err(content.is_other(text)),
        _ if probe.code.is_none() && probe.guid.is_none() && probe.errors.is_some() => Err(text.error(
            Kind::NotData,
            "this is an answer of the API to a request, not a snapshot",
        )),
        _ => Ok(()),
    }
}
