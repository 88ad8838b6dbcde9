//! A program that is measured from outside while it runs (Linux).

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How often it is looked at. The kernel keeps the peak of its memory, so that a look only has to come
/// before the end, not at the very moment.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Ticks of the kernel's clock in a second, which nobody has changed for decades.
const TICKS: f64 = 100.0;

/// What a program did and what it took.
pub struct Watched {
    pub status: ExitStatus,
    pub stdout: String,
    /// From start to exit.
    #[allow(dead_code, reason = "each measurement tells what it is about")]
    pub took: Duration,
    /// Of the processor, all threads.
    #[allow(dead_code, reason = "each measurement tells what it is about")]
    pub seconds: f64,
    /// `VmHWM`
    pub peak_kib: u64,
}

/// Runs a program whose output fits into a pipe.
pub fn watch(command: &mut Command) -> Watched {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let process = format!("/proc/{}", child.id());
    let mut peak_kib = 0;
    // One that has ended stays in the list until somebody asks how; then what it took is known.
    let seconds = loop {
        peak_kib = peak_kib.max(peak_of(&process).unwrap_or(0));
        let (state, seconds) = times_of(&process).unwrap();
        if state == "Z" {
            break seconds;
        }
        thread::sleep(LOOK_EVERY);
    };
    let took = began.elapsed();
    Watched {
        status: child.wait().unwrap(),
        stdout: std::io::read_to_string(child.stdout.take().unwrap()).unwrap(),
        took,
        seconds,
        peak_kib,
    }
}

fn peak_of(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// State, and time in user and system mode: the third, fourteenth and fifteenth field, counted from behind the
/// name, which may hold anything.
fn times_of(process: &str) -> Option<(String, f64)> {
    let stat = fs::read_to_string(format!("{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((fields.first()?.to_string(), (ticks(11)? + ticks(12)?) / TICKS))
}
