//! What can go wrong, what each kind calls for, and how it is told.
//!
//! One table, [`Kind`], decides; nobody else invents a retry. An [`Error`] reads: what we were
//! doing and to what, the cause, the hint. None of the three may carry a secret or a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of everything that can fail in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a kind of failure calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Try again inside this run, after a pause.
    Retry,
    /// Set this record aside; the others go on.
    Park,
    /// This source or target is done for now; the others go on and the next run tries again.
    Stop,
    /// Nothing helps until a person acts.
    Human,
}

/// The kinds of failure. Each belongs to exactly one [`Call`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No connection, no answer, a reset, a time-out.
    Unreachable,
    /// 429, 423, or a token quota: the service asks for patience.
    Busy,
    /// The service wants to hear nothing for longer than a run has patience.
    Patience,
    /// 5xx: the service is in trouble.
    ServerFault,
    /// The answer ended early.
    Truncated,
    /// The answer is damaged: checksum, encoding, syntax.
    Damaged,
    /// A file that a person gave is missing, cannot be read, is damaged, or is something else.
    BadFile,
    /// Something else than data was answered, such as a log-in page.
    NotData,
    /// An answer or a field larger than the cap.
    TooLarge,
    /// 401, wrong hash, wrong token.
    LoginRefused,
    /// 403: the token lacks a right, or the shop lacks a module.
    RightsMissing,
    /// 404 where something should be.
    NotFound,
    /// 4xx otherwise: the service does not accept what we sent.
    Refused,
    /// A snapshot job failed, expired or was killed.
    JobFailed,
    /// Empty, sharply smaller, or another shop's: refused until a person accepts it.
    Suspicious,
    /// One record that cannot be understood or mapped.
    BadRecord,
    /// Contacts of others stand in a target, and no person has agreed to the first delivery there.
    NotAgreed,
    /// The configuration is wrong.
    Configuration,
    /// Another run holds the lock.
    AlreadyRunning,
    /// No room on the disk, or it cannot be written.
    Disk,
    /// The state or the contact database is damaged, or of a newer version.
    Database,
    /// What a person named does not exist.
    Unknown,
    /// The run was told to end.
    Interrupted,
}

impl Kind {
    /// The table: what this kind of failure calls for.
    pub const fn calls_for(self) -> Call {
        match self {
            Self::Unreachable | Self::Busy | Self::ServerFault | Self::Truncated => Call::Retry,
            Self::BadRecord => Call::Park,
            Self::Patience
            | Self::Damaged
            | Self::NotFound
            | Self::JobFailed
            | Self::Refused
            | Self::Disk
            | Self::Interrupted => Call::Stop,
            Self::BadFile
            | Self::NotData
            | Self::TooLarge
            | Self::LoginRefused
            | Self::RightsMissing
            | Self::Suspicious
            | Self::NotAgreed
            | Self::Configuration
            | Self::AlreadyRunning
            | Self::Database
            | Self::Unknown => Call::Human,
        }
    }

    /// The advice given when the place of the failure had no better one.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Unreachable => "check the address and the network; the next run tries again",
            Self::Busy | Self::Patience => {
                "the service asks for patience; the next run goes on where this one stopped"
            }
            Self::ServerFault => "the service reports a fault of its own; the next run tries again",
            Self::Truncated => "the answer ended early; the next run reads it again",
            Self::Damaged => {
                "nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the \
                 address answers"
            }
            Self::BadFile => "download it again, and import it once it is whole",
            Self::NotData => {
                "open the link in a browser without logging in: it has to answer with the export itself"
            }
            Self::TooLarge => "this is larger than any real shop sends; look at what the address answers",
            Self::LoginRefused => {
                "renew the token or the hash in the shop's administration and in the configuration"
            }
            Self::RightsMissing => "give the token the missing right in the shop's administration",
            Self::NotFound => "check the address and the identifier",
            Self::Refused => "the service's own words say what it does not accept",
            Self::JobFailed => "run the command again; a new job is started",
            Self::Suspicious => "look at the source; when it is right all the same, run again with --accept",
            Self::NotAgreed => {
                "`shoptet-sync plan` shows what a delivery would do there; `shoptet-sync import --yes` agrees to it"
            }
            Self::BadRecord => "`shoptet-sync parked` lists it; it is tried again when the shop changes it",
            Self::Configuration => "correct the configuration file",
            Self::AlreadyRunning => "wait for it to end, or stop it",
            Self::Disk => "make room or mend the permissions, then run the command again",
            Self::Database => "restore a backup, or move the file away and import again",
            Self::Unknown => "`shoptet-sync explain` finds by e-mail, guid, order code or contact key",
            Self::Interrupted => "run the command again; it goes on where it stopped",
        }
    }
}

/// A failure: what we were doing and to what, the cause, the hint.
#[derive(Debug, Clone)]
pub struct Error {
    kind: Kind,
    doing: String,
    cause: String,
    hint: Option<String>,
}

impl Error {
    /// `doing` and `cause` are lower case, without a full stop, and free of secrets and people.
    pub fn new(kind: Kind, doing: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self {
            kind,
            doing: doing.into(),
            cause: cause.to_string(),
            hint: None,
        }
    }

    /// A better hint than the kind's own.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// This hint, unless the place of the failure had a better one than the kind's own.
    #[must_use]
    pub fn or_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// The same cause and hint, seen from where more is known: of another kind, and met while doing
    /// something else.
    #[must_use]
    pub fn seen_as(mut self, kind: Kind, doing: impl Into<String>) -> Self {
        (self.kind, self.doing) = (kind, doing.into());
        self
    }

    /// Which kind it is; decides what happens next.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What we were doing, and to what.
    pub fn doing(&self) -> &str {
        &self.doing
    }

    /// What went wrong.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// What the person at the terminal can do.
    pub fn hint(&self) -> &str {
        self.hint.as_deref().unwrap_or_else(|| self.kind.hint())
    }

    /// The exit code of a command that ends with this error: 2 when a person has to act, else 1.
    pub const fn exit_code(&self) -> u8 {
        match self.kind.calls_for() {
            Call::Human => 2,
            Call::Retry | Call::Park | Call::Stop => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.doing, self.cause, self.hint())
    }
}

impl std::error::Error for Error {}

/// Turns a foreign error into ours, naming what was being done.
pub trait Doing<T> {
    /// Adds the kind and what was being done.
    ///
    /// # Errors
    /// The same failure, as an [`Error`].
    fn doing(self, kind: Kind, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, kind: Kind, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|cause| Error::new(kind, doing(), cause))
    }
}
