//! E-mail addresses: one spelling per mailbox, and which of them identify nobody.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Trimmed, lower case, Unicode NFC; `None` when it cannot identify anyone: not exactly one `@`,
/// no dot inside the domain, or spaces and control characters inside.
///
/// Nothing provider-specific is done (dots, `+tags`): the shop treats such addresses as different.
pub fn normalise(raw: &str) -> Option<Cow<'_, str>> {
    let trimmed = raw.trim();
    if !trimmed.is_ascii() {
        return normalise_unicode(trimmed);
    }
    if !is_address(trimmed) || !trimmed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    Some(if trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(trimmed.to_ascii_lowercase())
    } else {
        Cow::Borrowed(trimmed)
    })
}

fn normalise_unicode(trimmed: &str) -> Option<Cow<'_, str>> {
    // Lower case can leave letters decomposed (İ), and some letters only have one after composing.
    let composed: String = trimmed.nfc().collect();
    let normal: String = composed.to_lowercase().nfc().collect();
    let clean = normal.chars().all(|c| {
        let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
        !c.is_whitespace() && !c.is_control() && !invisible
    });
    (clean && is_address(&normal)).then_some(Cow::Owned(normal))
}

/// One `@` with something before it, and a domain with a dot that neither begins nor ends it.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// Addresses that are no person's: marketplaces (`*@market.example`) and the shop's own.
#[derive(Debug, Clone, Default)]
pub struct NotPeople {
    patterns: Vec<Pattern>,
}

/// The parts between the stars, in normal form; one part is an exact address.
#[derive(Debug, Clone)]
struct Pattern(Vec<String>);

impl NotPeople {
    /// Takes patterns with `*` anywhere, and exact addresses; case and outer spaces do not matter.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let patterns = patterns
            .into_iter()
            .map(|pattern| pattern.trim().nfc().collect::<String>().to_lowercase())
            .filter(|pattern| !pattern.is_empty())
            .map(|pattern| Pattern(pattern.split('*').map(|part| part.nfc().collect()).collect()))
            .collect();
        Self { patterns }
    }

    /// The address in its one spelling, when it identifies a person.
    pub fn identify<'a>(&self, raw: &'a str) -> Option<Cow<'a, str>> {
        normalise(raw).filter(|address| !self.contains(address))
    }

    /// Whether a normalised address belongs to nobody.
    pub fn contains(&self, normalised: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(normalised))
    }
}

impl Pattern {
    /// The first part begins the address, the last one ends it, the others follow one another.
    fn matches(&self, address: &str) -> bool {
        let Some((first, others)) = self.0.split_first() else {
            return false;
        };
        let Some((last, middle)) = others.split_last() else {
            return address == first;
        };
        let Some(mut rest) = address.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in middle {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
