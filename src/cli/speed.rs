//! How fast something goes, as far as that can be told.

use std::time::{Duration, Instant};

use crate::source::Unit;

/// Before so much time has passed a rate says nothing.
const SHORTEST: Duration = Duration::from_secs(1);

/// A download that brings nothing for so long has stalled, or was begun anew after a pause.
const STALL: Duration = Duration::from_secs(3);

/// The speed of one phase since it last began to move.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    began: (Instant, u64),
    last: (Instant, u64),
}

impl Speed {
    /// Of a phase that has come so far by now.
    pub const fn new(now: Instant, done: u64) -> Self {
        Self {
            began: (now, done),
            last: (now, done),
        }
    }

    /// It has come so far; tells whether that is a new beginning.
    pub fn note(&mut self, now: Instant, done: u64, unit: Unit) -> bool {
        let (at, before) = self.last;
        let stalled = unit == Unit::Bytes && now.duration_since(at) >= STALL;
        let begins = stalled || done < before;
        if begins {
            self.began = (now, done);
        }
        self.last = (now, done);
        begins
    }

    /// How much a second; `None` while that cannot be told.
    pub fn rate(&self) -> Option<u64> {
        let took = self.last.0.duration_since(self.began.0);
        if took < SHORTEST {
            return None;
        }
        let done = u128::from(self.last.1.saturating_sub(self.began.1));
        u64::try_from(done * 1000 / took.as_millis()).ok()
    }
}

/// Whether what was measured for so long can be told.
pub fn is_worth_telling(measured: Duration) -> bool {
    measured >= SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_at_first_nor_after_a_stall() {
        let begin = Instant::now();
        let at = |tenths: u64| begin + Duration::from_millis(100 * tenths);
        let mut speed = Speed::new(begin, 900);
        let mut told = Vec::new();
        // It goes at 1000 bytes a second, stalls for 10 s, goes on, and is begun anew.
        for (tenths, done) in [
            (5, 1_400),
            (20, 2_900),
            (120, 2_901),
            (125, 3_401),
            (140, 4_901),
            (141, 7),
            (161, 2_007),
        ] {
            speed.note(at(tenths), done, Unit::Bytes);
            told.push(speed.rate());
        }
        let fast = Some(1_000);
        assert_eq!(told, [None, fast, None, None, fast, None, fast]);
        let mut slow = Speed::new(begin, 0);
        slow.note(at(100), 512, Unit::Records);
        assert_eq!(slow.rate(), Some(51), "records may take their time");
    }
}
