//! How long a phone number can be.

use std::sync::LazyLock;

use phonenumber::metadata::{DATABASE, Descriptor};

/// How long national numbers can be, by calling code: bit N is set when N digits are possible.
pub struct Lengths {
    /// Of every kind of number.
    possible: Vec<u32>,
    /// Of fixed lines and mobiles.
    usual: Vec<u32>,
}

/// From the metadata, once: asking it each time costs more than everything else in here.
pub static LENGTHS: LazyLock<Lengths> = LazyLock::new(|| {
    let mut lengths = Lengths {
        possible: vec![0; 1000],
        usual: vec![0; 1000],
    };
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
        let code = usize::from(country.country_code());
        if let (Some(possible), Some(of_usual)) =
            (lengths.possible.get_mut(code), lengths.usual.get_mut(code))
        {
            *of_usual |= mask(&usual);
            *possible |= mask(&usual) | mask(&others);
        }
    }
    lengths
});

impl Lengths {
    /// Whether a number behind this calling code can have so many digits.
    pub fn possible(&self, code: u16, length: usize) -> bool {
        has(&self.possible, code, length)
    }

    /// Whether a fixed line or a mobile can.
    pub fn usual(&self, code: u16, length: usize) -> bool {
        has(&self.usual, code, length)
    }
}

fn has(masks: &[u32], code: u16, length: usize) -> bool {
    let bit = u32::try_from(length)
        .ok()
        .and_then(|length| 1_u32.checked_shl(length));
    masks
        .get(usize::from(code))
        .zip(bit)
        .is_some_and(|(mask, bit)| mask & bit != 0)
}
