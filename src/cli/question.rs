//! A question to whoever sits at the terminal.

use std::io::{BufRead, IsTerminal, Write};

use crate::error::{Doing, Kind, Result};

/// Whether anybody can be asked.
pub fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal()
}

/// Says what it is about, and asks whether to go on.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn is_agreed(about: &str, question: &str, doing: &str) -> Result<bool> {
    let ask = || -> std::io::Result<String> {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "{}", about.trim_end())?;
        write!(stderr, "{question} [y/N] ")?;
        stderr.flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().doing(Kind::Interrupted, || doing.to_owned())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
