//! How long a phone number can be.

use std::sync::LazyLock;

use phonenumber::metadata::{DATABASE, Descriptor};

/// How long national numbers can be behind a calling code: bit N is set when N digits are possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Lengths {
    /// Of every kind of number.
    possible: u32,
    /// Of fixed lines and mobiles.
    usual: u32,
}

/// The calling codes next door, as the metadata has them, which takes 24 MiB to load; a test compares.
const NEIGHBOURS: [(u16, Lengths); 13] = [
    (420, lengths(0x1e00, 0x200)),
    (421, lengths(0x2c0, 0x2c0)),
    (36, lengths(0x300, 0x300)),
    (48, lengths(0x7c0, 0x280)),
    (49, lengths(0xfff0, 0xffe0)),
    (43, lengths(0x3ff0, 0x3ff0)),
    (40, lengths(0x240, 0x240)),
    (385, lengths(0x380, 0x300)),
    (386, lengths(0x1e0, 0x100)),
    (359, lengths(0x13c0, 0x3c0)),
    (33, lengths(0x200, 0x200)),
    (31, lengths(0xfe0, 0xa00)),
    (32, lengths(0x300, 0x300)),
];

const fn lengths(possible: u32, usual: u32) -> Lengths {
    Lengths { possible, usual }
}

/// Of every calling code, from the metadata, once: asking it each time costs more than everything else in here.
static EVERYWHERE: LazyLock<Vec<Lengths>> = LazyLock::new(|| {
    let mut everywhere = vec![Lengths::default(); 1000];
    for country in DATABASE.iter() {
        let kinds = country.descriptors();
        let usual = [kinds.fixed_line(), kinds.mobile()];
        let others = [
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.personal_number(),
            kinds.voip(),
            kinds.pager(),
            kinds.uan(),
            kinds.voicemail(),
        ];
        let mask = |kinds: &[Option<&Descriptor>]| {
            let lengths = kinds.iter().flatten().flat_map(|kind| kind.possible_length());
            lengths.fold(0, |mask, length| {
                mask | 1_u32.checked_shl(u32::from(*length)).unwrap_or(0)
            })
        };
        if let Some(lengths) = everywhere.get_mut(usize::from(country.country_code())) {
            lengths.usual |= mask(&usual);
            lengths.possible |= mask(&usual) | mask(&others);
        }
    }
    everywhere
});

/// Whether a number behind this calling code can have so many digits.
pub fn is_possible(code: u16, length: usize) -> bool {
    has(behind(code).possible, length)
}

/// Whether a fixed line or a mobile can.
pub fn is_usual(code: u16, length: usize) -> bool {
    has(behind(code).usual, length)
}

fn behind(code: u16) -> Lengths {
    let next_door = NEIGHBOURS.iter().find(|(neighbour, _)| *neighbour == code);
    next_door.map_or_else(
        || EVERYWHERE.get(usize::from(code)).copied().unwrap_or_default(),
        |(_, lengths)| *lengths,
    )
}

fn has(mask: u32, length: usize) -> bool {
    let bit = u32::try_from(length)
        .ok()
        .and_then(|length| 1_u32.checked_shl(length));
    bit.is_some_and(|bit| mask & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_next_door_are_those_of_the_metadata() {
        for (code, lengths) in NEIGHBOURS {
            assert_eq!(EVERYWHERE[usize::from(code)], lengths, "{code}");
        }
    }
}
