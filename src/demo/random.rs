//! Repeatable chance: the same seed gives the same shop on every machine.

/// SplitMix64, the generator of Steele, Lea and Flood: eight bytes of state, good enough for data.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for the `index`-th member of a `stream`, so that each record can be
    /// made without making those before it.
    pub fn of(seed: u64, stream: u64, index: u64) -> Self {
        let mut start = Self(seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let offset = start.next();
        let mut own = Self(offset ^ index.wrapping_mul(0xA076_1D64_78BD_642F));
        own.next();
        own
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)] // not an iterator: it has no end
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, 0 when there is none. The bias of the remainder does not matter here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a fixed list.
    pub fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        const { assert!(N > 0) };
        from[self.position(N)]
    }

    /// A position in a list of `length`, `None` when it is empty.
    pub fn index(&mut self, length: usize) -> Option<usize> {
        (length > 0).then(|| self.position(length))
    }

    /// A random identifier in the form of the shop's: `d7cc9ff4-9a15-11e3-bb01-ac162d8a2454`.
    pub fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xFFFF,
            a & 0xFFFF,
            b >> 48,
            b & 0xFFFF_FFFF_FFFF
        )
    }

    fn position(&mut self, length: usize) -> usize {
        // Both casts keep the value: a length fits in u64, and the result is below the length.
        self.below(length as u64) as usize
    }
}
