//! What goes wrong: queued per address, done to real answers.

use std::time::Duration;

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path it happens on, `*` for any text: `/export/orders.*`. With a method before it, `POST /api/webhooks`,
    /// for that method only.
    pub on: String,
    /// How many matching requests go well first.
    pub skip: u32,
    /// How many requests it then happens to.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// The ways in which an answer can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// This status in the words of the service, and nothing is done.
    Status(u16),
    /// 429 with this `Retry-After`, and nothing is done.
    Busy {
        /// A date or seconds, as it stands in the header.
        retry_after: String,
    },
    /// The connection ends without an answer, and nothing is done.
    Reset,
    /// The request is carried out, then the connection ends without an answer.
    LostAnswer,
    /// The request is carried out twice, as when a proxy sends it again; the second answer arrives.
    CarriedOutTwice,
    /// The answer is kept on the way, and the next request to the same path gets it too, whatever it
    /// asks: nothing is done for that one.
    AnsweredAgain,
    /// Nothing comes for this long, then the answer.
    Hang(Duration),
    /// The body comes in pieces of so many bytes with a pause before each.
    SlowDrip {
        /// Bytes of a piece.
        bytes: usize,
        /// The pause.
        pause: Duration,
    },
    /// The connection ends inside the body; the header had promised all of it.
    Truncate {
        /// How much of the body is sent.
        percent: u8,
    },
    /// The document ends early although the answer itself is whole.
    EndsEarly {
        /// How much of the document is sent.
        percent: u8,
    },
    /// The log-in page with status 200.
    Html,
    /// 302 to this address.
    Redirect(String),
    /// The checksum at the end of a gzip is wrong.
    BadGzipCrc,
    /// A gzip that unpacks to one line of so many mebibytes.
    GzipBomb {
        /// Mebibytes.
        mebibytes: u32,
    },
    /// A document type declaration with an entity, and its use.
    Doctype,
    /// So many elements, each inside the other.
    DeepNesting {
        /// How many.
        levels: u32,
    },
    /// Bytes that are no UTF-8, in the middle.
    InvalidUtf8,
    /// The declaration names an encoding that the bytes are not in.
    WrongDeclaredEncoding,
    /// A well-formed document without a single record.
    EmptyDocument,
    /// Status 200 with nothing at all.
    EmptyBody,
}

impl Fault {
    /// Happens to the first matching request.
    pub fn once(on: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            on: on.into(),
            skip: 0,
            times: 1,
            kind,
        }
    }

    /// Happens to every matching request.
    pub fn always(on: impl Into<String>, kind: FaultKind) -> Self {
        Self::once(on, kind).times(u32::MAX)
    }

    /// Happens so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets so many matching requests go well first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        match self.on.split_once(' ') {
            Some((wanted, pattern)) => wanted == method && matches_pattern(pattern, path),
            None => matches_pattern(&self.on, path),
        }
    }
}

/// Takes the fault that happens to this request: of those that match, the first that is due. A
/// fault that is used up leaves the queue, so that a test can ask whether all of them happened.
pub fn take(queue: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let at = queue
        .iter()
        .position(|fault| fault.times > 0 && fault.matches(method, path))?;
    let fault = queue.get_mut(at)?;
    if fault.skip > 0 {
        fault.skip -= 1;
        return None;
    }
    let kind = fault.kind.clone();
    if fault.times != u32::MAX {
        fault.times -= 1;
        if fault.times == 0 {
            queue.remove(at);
        }
    }
    Some(kind)
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| path.strip_prefix(start)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let Some((_, after)) = rest.split_once::<&str>(middle) else {
                return false;
            };
            rest = after;
        }
    }
    match last {
        Some(end) => rest.ends_with(end),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("/api/eshop", "/api/eshop", true),
            ("/api/eshop", "/api/eshop/x", false),
            ("/export/*", "/export/orders.xml", true),
            ("/export/orders.*", "/export/customers.xml", false),
            ("/api/*/snapshot", "/api/orders/snapshot", true),
            ("/api/*/snapshot", "/api/orders/changes", false),
            ("*", "/anything", true),
        ] {
            assert_eq!(matches_pattern(pattern, path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_fault_waits_happens_and_leaves_the_queue() {
        let mut queue = vec![Fault::once("GET /a*", FaultKind::Reset).after(1).times(2)];
        let mut happened = Vec::new();
        for method in ["POST", "GET", "GET", "GET", "GET"] {
            happened.push(take(&mut queue, method, "/abc").is_some());
        }
        assert_eq!(happened, [false, false, true, true, false]);
        assert!(queue.is_empty());
    }
}
