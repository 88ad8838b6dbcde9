//! The keys of `kind = "postgres"`: which server, and how the way to it is guarded.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::Url;

use crate::secret::Secret;

/// The schema unless configured.
pub const SCHEMA: &str = "shoptet";

/// How long a server may take to accept a connection, unless the address says otherwise.
const CONNECT: Duration = Duration::from_secs(10);

/// How long what was sent may stay unconfirmed by the other machine, unless the address says otherwise.
const UNCONFIRMED: Duration = Duration::from_secs(60);

/// Silence after which the system asks whether the other side is still there.
const IDLE: Duration = Duration::from_secs(60);

/// A schema in a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// Where the server is and who logs in; its own `Debug` shows no password.
    pub server: Config,
    /// How the connection is guarded.
    pub guard: Guard,
    /// The schema that our tables are in.
    pub schema: String,
}

/// How a connection is guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Not at all: the server is on this machine, or the address says `sslmode=disable`.
    Plain,
    /// TLS; certificate and name of the server are verified by the system's certificates.
    System,
    /// TLS; certificate and name of the server are verified by the certificates in this file alone, as with
    /// libpq's `sslrootcert`.
    File(PathBuf),
}

/// Why an address cannot be used; free of what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusable(pub &'static str);

impl PostgresSettings {
    /// From the address, `postgres://USER@HOST/DATABASE`, and what stands beside it.
    ///
    /// Without `sslmode` a server on this machine (a socket, `localhost`, a loopback address) is reached
    /// plainly and any other one by TLS. `require`, `verify-ca` and `verify-full` all mean TLS with everything
    /// verified; `disable` has to be said for a plain connection to another machine. What would choose by
    /// itself (`prefer`, `allow`) is refused: whoever sits in between could choose as well.
    ///
    /// # Errors
    /// When it cannot be understood, or asks for what is not given.
    pub fn new(
        address: &str,
        password: Option<&Secret>,
        schema: String,
        ca_file: Option<PathBuf>,
    ) -> Result<Self, Unusable> {
        let (address, mode) = without_mode(address)?;
        let mut server: Config = address.parse().map_err(|_| {
            Unusable(
                "cannot be understood; it looks like \"postgres://USER@HOST:5432/DATABASE\", with %-signs for what \
                 is no letter or digit",
            )
        })?;
        if server.get_hosts().is_empty() && server.get_hostaddrs().is_empty() {
            return Err(Unusable("names no host"));
        }
        if server.get_user().is_none() {
            return Err(Unusable("names no user, as in \"postgres://USER@HOST/DATABASE\""));
        }
        if server.get_dbname().is_none() {
            return Err(Unusable(
                "names no database, as in \"postgres://USER@HOST/DATABASE\"",
            ));
        }
        if let Some(password) = password {
            if server.get_password().is_some() {
                return Err(Unusable("has a password in it, and `password` is another one"));
            }
            server.password(password.expose());
        }
        let is_here = is_on_this_machine(&server);
        let guard = match (mode, ca_file) {
            (Some(Mode::Disable), None) => Guard::Plain,
            (Some(Mode::Disable), Some(_)) => {
                return Err(Unusable("says sslmode=disable, and `ca_file` is for TLS"));
            }
            (None, None) if is_here => Guard::Plain,
            (_, Some(file)) => Guard::File(file),
            (_, None) => Guard::System,
        };
        server.ssl_mode(match guard {
            Guard::Plain => SslMode::Disable,
            Guard::System | Guard::File(_) => SslMode::Require,
        });
        if server.get_application_name().is_none() {
            server.application_name("shoptet-sync");
        }
        server.connect_timeout(server.get_connect_timeout().copied().unwrap_or(CONNECT));
        server.tcp_user_timeout(server.get_tcp_user_timeout().copied().unwrap_or(UNCONFIRMED));
        server.keepalives_idle(server.get_keepalives_idle().min(IDLE));
        Ok(Self {
            server,
            guard,
            schema,
        })
    }

    /// What it is called in messages: the first host and the database, without user and password.
    pub fn place(&self) -> String {
        let host = match self.server.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(folder)) => folder.display().to_string(),
            None => self
                .server
                .get_hostaddrs()
                .first()
                .map(IpAddr::to_string)
                .unwrap_or_default(),
        };
        let database = self.server.get_dbname().unwrap_or_default();
        format!("the schema {} of {database} at {host}", self.schema)
    }
}

/// Whether an address holds a password.
pub fn has_password(address: &str) -> bool {
    Url::parse(address)
        .is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"))
        || (!address.contains("://") && address.contains("password"))
}

/// What an address says of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Require,
}

/// The address without its `sslmode`, which the library knows fewer words for than libpq.
fn without_mode(address: &str) -> Result<(String, Option<Mode>), Unusable> {
    let Some((before, query)) = address.split_once('?') else {
        return match address.contains("sslmode") {
            true => Err(Unusable(
                "is no address; write \"postgres://USER@HOST/DATABASE?sslmode=…\"",
            )),
            false => Ok((address.to_owned(), None)),
        };
    };
    let mut mode = None;
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", "disable")) => mode = Some(Mode::Disable),
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => mode = Some(Mode::Require),
            Some(("sslmode", _)) => {
                return Err(Unusable(
                    "has another sslmode than disable, require, verify-ca and verify-full; what chooses by itself could \
                     be made to send everything in the open",
                ));
            }
            Some(("sslrootcert", _)) => {
                return Err(Unusable(
                    "has an sslrootcert; write it as `ca_file` beside the address",
                ));
            }
            _ => rest.push(pair),
        }
    }
    let address = match rest.is_empty() {
        true => before.to_owned(),
        false => format!("{before}?{}", rest.join("&")),
    };
    Ok((address, mode))
}

fn is_on_this_machine(server: &Config) -> bool {
    let is_here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    // An address beside the name is where the connection goes.
    match server.get_hostaddrs() {
        [] => server.get_hosts().iter().all(is_here),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(address: &str) -> Result<Guard, Unusable> {
        PostgresSettings::new(address, None, SCHEMA.to_owned(), None).map(|settings| settings.guard)
    }

    #[test]
    fn only_this_machine_is_reached_plainly_without_a_word() {
        for here in [
            "postgres://sync@127.0.0.1/crm",
            "postgres://sync@[::1]/crm",
            "postgres://sync@localhost:5433/crm",
            "postgres://sync@%2Fvar%2Frun%2Fpostgresql/crm",
            "postgres://sync@127.0.0.1,localhost/crm",
        ] {
            assert_eq!(guard(here), Ok(Guard::Plain), "{here}");
        }
        for there in [
            "postgres://sync@db.example/crm",
            "postgres://sync@10.0.0.7/crm",
            "postgres://sync@127.0.0.1,db.example/crm",
            "postgres://sync@localhost/crm?hostaddr=10.0.0.7",
            "postgres://sync@localhost/crm?sslmode=require",
            "postgres://sync@db.example/crm?sslmode=verify-full&connect_timeout=3",
        ] {
            assert_eq!(guard(there), Ok(Guard::System), "{there}");
        }
        assert_eq!(
            guard("postgres://sync@db.example/crm?sslmode=disable"),
            Ok(Guard::Plain)
        );
    }

    #[test]
    fn what_would_choose_by_itself_is_refused() {
        for mode in ["prefer", "allow", ""] {
            let address = format!("postgres://sync@db.example/crm?sslmode={mode}");
            assert!(guard(&address).unwrap_err().0.contains("sslmode"), "{mode}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_repeated() {
        for (address, missing) in [
            ("postgres://db.example/crm", "user"),
            ("postgres://sync@db.example", "database"),
            ("postgres:///crm?user=sync", "host"),
            ("mysql://sync:hunter2@db.example/crm", "understood"),
            ("hunter2", "understood"),
        ] {
            let told = guard(address).unwrap_err().0;
            assert!(told.contains(missing), "{address}: {told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
        let password = Secret::new("one".to_owned());
        let twice = PostgresSettings::new(
            "postgres://sync:two@localhost/crm",
            Some(&password),
            SCHEMA.to_owned(),
            None,
        );
        assert!(twice.unwrap_err().0.contains("password"));
    }

    #[test]
    fn no_password_is_shown() {
        let password = Secret::new("hunter2".to_owned());
        let settings = PostgresSettings::new(
            "postgres://sync@localhost/crm",
            Some(&password),
            SCHEMA.to_owned(),
            None,
        )
        .unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(settings.place(), "the schema shoptet of crm at localhost");
        assert!(has_password("postgres://sync:two@localhost/crm"));
        assert!(!has_password("postgres://sync@localhost/crm"));
    }
}
