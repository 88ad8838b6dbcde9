//! How many records travel together.

use std::time::Duration;

use crate::state;
use crate::target::Ways;

/// Records that the first batch of a delivery holds.
const FIRST: usize = 50;

/// However fast it goes, no more than these are held in memory.
const MOST: usize = 500;

/// The size of a batch: as many as take as long as a batch may, so that a database is written in few
/// transactions. A service gets what it sends side by side, however long that takes: fewer would leave seats empty,
/// and more would be intentions that nobody could confirm.
#[derive(Debug)]
pub struct BatchSize {
    size: usize,
    is_fixed: bool,
}

impl BatchSize {
    /// Before anything is known.
    pub const fn new(ways: Ways) -> Self {
        match ways.is_service {
            true => Self {
                size: ways.at_once,
                is_fixed: true,
            },
            false => Self {
                size: FIRST,
                is_fixed: false,
            },
        }
    }

    /// Records of the next batch.
    pub const fn now(&self) -> usize {
        self.size
    }

    /// Learns from a batch of so many contacts.
    pub fn took(&mut self, contacts: usize, time: Duration) {
        if self.is_fixed {
            return;
        }
        if time > state::BATCH {
            self.size = (self.size / 2).max(1);
        } else if contacts == self.size && time < state::BATCH / 2 {
            self.size = (self.size * 2).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::DATABASE;

    #[test]
    fn grows_while_there_is_time_and_shrinks_when_there_is_none() {
        let mut size = BatchSize::new(DATABASE);
        for _ in 0..20 {
            size.took(size.now(), Duration::from_millis(10));
        }
        assert_eq!(size.now(), MOST);
        size.took(7, Duration::from_millis(1));
        assert_eq!(size.now(), MOST, "the last batch of a delivery tells nothing");
        for _ in 0..20 {
            size.took(size.now(), Duration::from_secs(5));
        }
        assert_eq!(size.now(), 1, "a slow database is written record by record");
    }

    #[test]
    fn a_service_gets_as_many_as_it_sends_side_by_side() {
        let mut size = BatchSize::new(Ways {
            is_service: true,
            at_once: 8,
            ..DATABASE
        });
        size.took(8, Duration::from_secs(60));
        size.took(8, Duration::from_millis(1));
        assert_eq!(size.now(), 8);
    }
}
