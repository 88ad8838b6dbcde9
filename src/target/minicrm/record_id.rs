//! What a contact or an order of MiniCRM is called in the ID map.

/// How a record came into MiniCRM, with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordId {
    /// By the interface: MiniCRM's number.
    Rest(u64),
    /// By an XML feed: our number. A contact is called otherwise as soon as somebody has to know it; an order stays with
    /// XML for life.
    Xml(u64),
}

impl RecordId {
    /// As the ID map holds it.
    pub fn of(text: &str) -> Option<Self> {
        let (way, number) = text.split_once(':').unwrap_or(("rest", text));
        let number = number.trim().parse().ok()?;
        match way {
            "rest" => Some(Self::Rest(number)),
            "xml" => Some(Self::Xml(number)),
            _ => None,
        }
    }

    /// The text for the ID map.
    pub fn text(self) -> String {
        match self {
            Self::Rest(number) => format!("rest:{number}"),
            Self::Xml(number) => format!("xml:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_how_a_record_came_there() {
        assert_eq!(RecordId::of("rest:83"), Some(RecordId::Rest(83)));
        assert_eq!(RecordId::of("83"), Some(RecordId::Rest(83)));
        assert_eq!(RecordId::of("xml:17"), Some(RecordId::Xml(17)));
        assert_eq!(RecordId::Xml(17).text(), "xml:17");
        for none in ["", "rest:", "soap:1", "rest:x"] {
            assert_eq!(RecordId::of(none), None, "{none}");
        }
    }
}
