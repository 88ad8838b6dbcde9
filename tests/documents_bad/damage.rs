//! Damage at random.

use super::*;

/// Damage of any kind ends in an error or a bad record, never in a panic or without an end.
#[test]
fn damaged_at_random() {
    const BYTES: &[u8] = b"<>&;\"'/\0\xff\n{}[]!-";
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let whole = std::fs::read(entry.unwrap().path()).unwrap();
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = BYTES[random(BYTES.len())],
                    1 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                    _ => {
                        let piece = bytes[at..(at + random(200)).min(bytes.len())].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            for told in [orders(&bytes), customers(&bytes)] {
                let quoted = told
                    .lines()
                    .any(|line| line.starts_with("bad") && line.contains('@'));
                assert!(!quoted, "{told}");
            }
        }
    }
}
