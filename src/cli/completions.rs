//! `completions` and `man`: what a shell and `man` need, made from the arguments themselves.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::output::{Stdout, printed};
use crate::error::Result;

/// The arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the completions of a shell.
///
/// # Errors
/// When stdout cannot be written.
pub fn completions(arguments: &CompletionsArguments, stdout: Stdout<'_>) -> Result<()> {
    // The generator itself gives up on a reader that has seen enough, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "shoptet-sync", &mut script);
    printed(stdout.write_all(&script))
}

/// Prints the manual page: the program, then each command.
///
/// # Errors
/// When stdout cannot be written.
pub fn man(stdout: Stdout<'_>) -> Result<()> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .and_then(|()| {
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let of_command = clap_mangen::Man::new(sub.clone());
                writeln!(page, ".SH \"{}\"", sub.get_name().to_uppercase())?;
                of_command.render_description_section(&mut page)?;
                of_command.render_options_section(&mut page)?;
            }
            Ok(())
        });
    printed(made.and_then(|()| stdout.write_all(&page)))
}
