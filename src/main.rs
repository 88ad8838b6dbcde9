//! The program: arguments, logging, exit code.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use shoptet_sync::cli::{self, Cli, LogFormat};
use tracing_subscriber::EnvFilter;

/// A third of an import is spent on short-lived texts that one thread makes and another drops; this
/// allocator takes a tenth less of the processor for that than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long threads that still wait for something may take once everything is done.
const LAST_THREADS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("error: starting: {cause}");
            return ExitCode::from(1);
        }
    };
    let mut stdout = std::io::stdout();
    let done = runtime.block_on(cli::run(&cli, &mut stdout));
    // What is left is given up, such as a question to a name server that does not answer.
    runtime.shutdown_timeout(LAST_THREADS);
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!(
                "error: {}: {}\n hint: {}",
                error.doing(),
                error.cause(),
                error.hint()
            );
            ExitCode::from(error.exit_code())
        }
    }
}

/// What is logged unless `RUST_LOG` says otherwise; the scheduler tells of itself what concerns nobody.
const LOGGED: &str = "info,tokio_cron_scheduler=warn";

/// Log lines go to stderr; `RUST_LOG` chooses which.
fn start_logging(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Auto => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .without_time()
            .init(),
        LogFormat::Json => builder.json().init(),
    }
}
