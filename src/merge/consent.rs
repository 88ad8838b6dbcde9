//! Who wants the newsletter: what the lists of one shop say of one e-mail.

use crate::model::ConsentListed;

/// Whether the newsletter is wanted; `None` is unknown. Who is on both lists wants it only where it is
/// certain that they agreed after they unsubscribed.
pub fn verdict(listed: ConsentListed) -> Option<bool> {
    match (listed.agreed, listed.unsubscribed) {
        (Some(agreed), Some(unsubscribed)) => {
            Some(matches!((agreed, unsubscribed), (Some(agreed), Some(left)) if agreed > left))
        }
        (Some(_), None) => Some(true),
        (None, Some(_)) => Some(false),
        (None, None) => listed.all_are_known.then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_two_lists_say() {
        let at = |second| Some(Some(Timestamp::from_second(second).unwrap()));
        let says = |agreed, unsubscribed, all_are_known| {
            verdict(ConsentListed {
                all_are_known,
                agreed,
                unsubscribed,
            })
        };
        for known in [false, true] {
            assert_eq!(says(at(1), None, known), Some(true));
            assert_eq!(says(Some(None), None, known), Some(true));
            assert_eq!(says(None, at(1), known), Some(false));
            assert_eq!(says(at(2), at(1), known), Some(true), "agreed anew");
            assert_eq!(says(at(1), at(2), known), Some(false));
            assert_eq!(says(at(1), at(1), known), Some(false), "in doubt not");
            assert_eq!(says(Some(None), at(1), known), Some(false));
            assert_eq!(says(at(1), Some(None), known), Some(false));
        }
        assert_eq!(says(None, None, true), Some(false));
        assert_eq!(says(None, None, false), None);
    }
}
