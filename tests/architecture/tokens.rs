//! Just enough of a lexer to see paths: words, `::`, and the signs that open and close.
//!
//! Comments, texts and characters are passed over, so that what is only talked about is not used.

/// A piece of code and the line it stands in, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// Cuts code into tokens.
pub fn tokens(code: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = code;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = length(rest);
        let text = &rest[..length];
        let passed_over =
            first.is_whitespace() || text.starts_with("//") || text.starts_with("/*") || text.contains('"');
        if !passed_over && first != '\'' {
            found.push(Token {
                text: text.to_owned(),
                line,
            });
        }
        line += text.matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// How long the token at the start of `rest` is, in bytes.
fn length(rest: &str) -> usize {
    let until = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return until("\n", 0);
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    if let Some(end) = raw_text(rest) {
        return until(&end, rest.find('"').unwrap_or_default() + 1);
    }
    let quote = rest.strip_prefix('b').unwrap_or(rest);
    if quote.starts_with('"') {
        return rest.len() - quote.len() + text_length(quote);
    }
    if rest.starts_with('\'') {
        return character_or_lifetime(rest);
    }
    if rest.starts_with("::") {
        return 2;
    }
    let word = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    word.max(rest.chars().next().map_or(1, char::len_utf8))
}

/// What ends a raw text that begins here.
fn raw_text(rest: &str) -> Option<String> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let signs = after.len() - after.trim_start_matches('#').len();
    after[signs..]
        .starts_with('"')
        .then(|| format!("\"{}", "#".repeat(signs)))
}

fn text_length(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, c) in quoted.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut after = rest.char_indices().skip(1);
    match (after.next(), after.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            from + rest[from..].find('\'').map_or(0, |end| end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        // A lifetime: the sign alone is passed over, its name is a word.
        _ => 1,
    }
}
