//! The XML feed.

use super::answers::{self, Answer};
use super::asked::Asked;
use super::world::World;

impl World {
    pub(super) fn upload(&mut self, asked: &Asked, feed: &str) -> Answer {
        if asked.method != "POST" {
            return answers::not_allowed();
        }
        if feed != self.feed.to_string() {
            return answers::not_found();
        }
        answers::not_allowed()
    }
}
