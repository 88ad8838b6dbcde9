//! The code page that the shop's CSV comes in by default.

/// Bytes 0x80 to 0xFF; the replacement character stands where the code page has nothing.
const UPPER_HALF: &str = "€�‚�„…†‡�‰Š‹ŚŤŽŹ�‘’“”•–—�™š›śťžź\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";

/// The text in the code page; what it does not have becomes a question mark.
pub fn encode(text: &str) -> Vec<u8> {
    text.chars().map(byte).collect()
}

fn byte(letter: char) -> u8 {
    if letter.is_ascii() {
        return u8::try_from(letter).unwrap_or(b'?');
    }
    (0x80..=u8::MAX)
        .zip(UPPER_HALF.chars())
        .find(|&(_, upper)| upper == letter && letter != char::REPLACEMENT_CHARACTER)
        .map_or(b'?', |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_another_implementation() {
        let text = "Příliš žluťoučký kůň – „Ľúbezný ďateľ“, Győző & Szűcs; 5 €";
        assert_eq!(
            encode(text),
            encoding_rs::WINDOWS_1250.encode(text).0.into_owned()
        );
        assert_eq!(UPPER_HALF.chars().count(), 128);
        assert_eq!(encode("漢"), b"?");
    }
}
