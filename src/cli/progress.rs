//! Progress for a person at a terminal, and a line now and then for everybody else.

use std::collections::HashMap;
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::source::{Progress, Unit};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how far a run has come, on stderr.
pub struct Shown {
    bars: Option<MultiProgress>,
    phases: Mutex<HashMap<String, Phase>>,
}

struct Phase {
    bar: Option<ProgressBar>,
    began: Instant,
    told: Instant,
}

impl Shown {
    /// Bars when stderr is a terminal, else lines.
    pub fn new() -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self {
            bars,
            phases: Mutex::new(HashMap::new()),
        }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, phase) in phases.drain() {
            if let Some(bar) = phase.bar {
                bar.finish_and_clear();
            }
        }
    }

    fn begin(&self, name: &str, unit: Unit) -> Phase {
        let bar = self.bars.as_ref().map(|bars| {
            let counts = match unit {
                Unit::Bytes => "{bytes}/{total_bytes} {bytes_per_sec}",
                Unit::Records => "{human_pos}/{human_len} {rate}",
                Unit::Seconds => "{pos} s",
            };
            let template = format!("{{msg:32}} {{bar:24}} {counts} {{eta}}");
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                    // What cannot be shown is not shown.
                    let _ = out.write_str(&rate(state.per_sec()));
                });
            bars.add(
                ProgressBar::new(0)
                    .with_style(style)
                    .with_message(name.to_owned()),
            )
        });
        let now = Instant::now();
        Phase {
            bar,
            began: now,
            told: now,
        }
    }
}

impl Progress for Shown {
    fn report(&self, phase: &str, done: u64, total: Option<u64>, unit: Unit) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = phases
            .entry(phase.to_owned())
            .or_insert_with(|| self.begin(phase, unit));
        if let Some(bar) = &shown.bar {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
            if total.is_some_and(|total| done >= total) {
                bar.finish_and_clear();
            }
        } else if shown.told.elapsed() >= LINE_EVERY {
            shown.told = Instant::now();
            tracing::info!("{phase}: {}", in_words(done, total, unit, shown.began.elapsed()));
        }
    }

    fn tell(&self, words: &str) {
        match &self.bars {
            // Above the bars, so that they do not tear it apart.
            Some(bars) if bars.println(words).is_ok() => {}
            _ => tracing::info!("{words}"),
        }
    }
}

/// `4000/s`, `2.5/s`: whole numbers, but for the slow.
fn rate(per_second: f64) -> String {
    match per_second {
        slow if slow < 9.95 => format!("{slow:.1}/s"),
        fast => format!("{fast:.0}/s"),
    }
}

/// `12 000 of about 300 000, 4 000 a second, about 72 s left`
fn in_words(done: u64, total: Option<u64>, unit: Unit, elapsed: Duration) -> String {
    let name = match unit {
        Unit::Bytes => " bytes",
        Unit::Records => "",
        Unit::Seconds => return format!("{done} s"),
    };
    let rate = u64::try_from(u128::from(done) * 1000 / elapsed.as_millis().max(1)).unwrap_or(u64::MAX);
    let mut words = format!("{done}{name}");
    if let Some(total) = total {
        words.push_str(&format!(" of about {total}"));
    }
    words.push_str(&format!(", {rate}{name} a second"));
    if let Some(total) = total
        && rate > 0
    {
        words.push_str(&format!(", about {} s left", total.saturating_sub(done) / rate));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_rate_has_no_more_digits_than_anybody_reads() {
        let told = [0.0, 2.4567, 9.96, 1234.5678].map(rate);
        assert_eq!(told, ["0.0/s", "2.5/s", "10/s", "1235/s"]);
    }
}
