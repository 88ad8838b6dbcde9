//! The mark that the shop keeps for each partner, and what an export of orders tells because of it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::answer::Answer;
use super::{Call, SharedWorld};
use crate::demo::world::{FeedRead, FeedSends, World};

/// A download of orders, as far as the partner's mark is concerned.
pub(super) struct Reading {
    /// `updateTimeFrom`
    pub(super) asked_since: Option<Timestamp>,
    /// What changed from this moment on is told; `None`: everything.
    pub(super) told_since: Option<Timestamp>,
    feed: bool,
    partner: String,
    at: Timestamp,
}

impl Reading {
    pub(super) fn of(world: &World, call: &Call, feed: bool, partner: &str) -> Result<Self, Answer> {
        let asked_since = changed_since(world, call)?;
        let mark = world.links.marks.get(partner).copied();
        let told_since = match (feed, world.links.feed_sends) {
            (false, _) => asked_since,
            (true, FeedSends::SinceTheLater) => asked_since.max(mark),
            (true, FeedSends::SinceTheParameter) => asked_since.or(mark),
            (true, FeedSends::SinceTheMark) => mark,
        };
        Ok(Self {
            asked_since,
            told_since,
            feed,
            partner: partner.to_owned(),
            at: world.clock.now(),
        })
    }

    /// The download begins: it is put down, and the mark moves if it does so at the start. Answers
    /// what is left to do when it is complete.
    pub(super) fn begin(
        self,
        world: &mut World,
        codes: &[String],
        shared: SharedWorld,
    ) -> impl FnOnce() + Send + use<> {
        let number = world
            .links
            .reads
            .last()
            .map_or(0, |read| read.number.saturating_add(1));
        world.links.reads.push(FeedRead {
            number,
            at: self.at,
            partner: self.partner.clone(),
            feed: self.feed,
            asked_since: self.asked_since,
            told_since: self.told_since,
            codes: self.told_since.map(|_| codes.to_vec()).unwrap_or_default(),
            delivered: false,
        });
        let moves = self.feed || world.links.full_export_moves_mark;
        let at_start = world.links.mark_moves_at_start;
        if moves && at_start {
            world.links.marks.insert(self.partner.clone(), self.at);
        }
        move || {
            let mut world = shared.lock();
            if moves && !at_start {
                world.links.marks.insert(self.partner, self.at);
            }
            let read = world.links.reads.iter_mut().find(|read| read.number == number);
            if let Some(read) = read {
                read.delivered = true;
            }
        }
    }
}

/// `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`
fn changed_since(world: &World, call: &Call) -> Result<Option<Timestamp>, Answer> {
    let Some(text) = call.parameter("updateTimeFrom") else {
        return Ok(None);
    };
    let zone = if world.links.update_time_in_utc {
        TimeZone::UTC
    } else {
        world.shop.zone()
    };
    let moment = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
        .and_then(|local| local.to_zoned(zone));
    match moment {
        Ok(moment) => Ok(Some(moment.timestamp())),
        Err(_) => Err(Answer::html(400, "Neplatné datum")),
    }
}
