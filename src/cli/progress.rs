//! Progress for a person at a terminal, and a line now and then for everybody else.

use std::collections::HashMap;
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::speed::{self, Speed};
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
    speed: Speed,
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

    fn begin(&self, name: &str, done: u64, unit: Unit) -> Phase {
        let bar = self.bars.as_ref().map(|bars| {
            let counts = match unit {
                Unit::Bytes => "{bytes}/{total_bytes} {byte_rate}",
                Unit::Records => "{human_pos}/{human_len} {rate}",
                Unit::Seconds => "{pos} s",
            };
            let template = format!("{{msg:32}} {{bar:24}} {counts} {{left}}");
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .with_key("rate", shown(|state| rate(state.per_sec())))
                .with_key(
                    "byte_rate",
                    shown(|state| format!("{}/s", HumanBytes(state.per_sec() as u64))),
                )
                .with_key("left", shown(|state| format!("{:#}", HumanDuration(state.eta()))));
            bars.add(
                ProgressBar::new(0)
                    .with_style(style)
                    .with_message(name.to_owned()),
            )
        });
        let now = Instant::now();
        Phase {
            bar,
            speed: Speed::new(now, done),
            told: now,
        }
    }
}

impl Progress for Shown {
    fn report(&self, phase: &str, done: u64, total: Option<u64>, unit: Unit) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = phases
            .entry(phase.to_owned())
            .or_insert_with(|| self.begin(phase, done, unit));
        let begins = shown.speed.note(Instant::now(), done, unit);
        if let Some(bar) = &shown.bar {
            if begins {
                bar.reset_eta();
                bar.reset_elapsed();
            }
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
            if total.is_some_and(|total| done >= total) {
                bar.finish_and_clear();
            }
        } else if shown.told.elapsed() >= LINE_EVERY {
            shown.told = Instant::now();
            tracing::info!("{phase}: {}", in_words(done, total, unit, shown.speed.rate()));
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

/// Shows what follows from the speed, once that is known; what cannot be shown is not shown.
fn shown(
    words: impl Fn(&ProgressState) -> String + Clone + Send + Sync + 'static,
) -> impl Fn(&ProgressState, &mut dyn fmt::Write) + Clone + Send + Sync + 'static {
    move |state, out| {
        if speed::is_worth_telling(state.elapsed()) {
            let _ = out.write_str(&words(state));
        }
    }
}

/// `12 000 of about 300 000, 4 000 a second, about 72 s left`
fn in_words(done: u64, total: Option<u64>, unit: Unit, rate: Option<u64>) -> String {
    let name = match unit {
        Unit::Bytes => " bytes",
        Unit::Records => "",
        Unit::Seconds => return format!("{done} s"),
    };
    let mut words = format!("{done}{name}");
    if let Some(total) = total {
        words.push_str(&format!(" of about {total}"));
    }
    let Some(rate) = rate else { return words };
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
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let told = |rate| in_words(970, Some(1_000), Unit::Bytes, rate);
        assert_eq!(told(None), "970 bytes of about 1000");
        assert_eq!(
            told(Some(10)),
            "970 bytes of about 1000, 10 bytes a second, about 3 s left"
        );
    }

    #[test]
    fn a_rate_has_no_more_digits_than_anybody_reads() {
        let told = [0.0, 2.4567, 9.96, 1234.5678].map(rate);
        assert_eq!(told, ["0.0/s", "2.5/s", "10/s", "1235/s"]);
    }
}
