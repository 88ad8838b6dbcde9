//! A PostgreSQL server for tests: the one `TEST_POSTGRES_URL` names, else one that the tests start themselves
//! from an installed `initdb` and `postgres`, else none.
#![allow(dead_code)] // not every test that shares this file uses all of it

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;
use url::Url;

/// Where the server is, as an administrator reaches it; `None`, told once, where there is none.
pub fn address() -> Option<Url> {
    static ADDRESS: OnceLock<Option<(Url, Option<Child>)>> = OnceLock::new();
    let found = ADDRESS.get_or_init(|| match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => Some((Url::parse(&url).expect("TEST_POSTGRES_URL is an address"), None)),
        Err(_) => start(None).map(|(url, child)| (url, Some(child))),
    });
    if found.is_none() {
        // Past the harness, which shows what a test prints only when it fails.
        let told = "SKIPPED: no PostgreSQL: set TEST_POSTGRES_URL, or install a server (Debian: postgresql)";
        let mut past_the_harness = std::io::stderr();
        writeln!(past_the_harness, "{told}").unwrap();
    }
    found.as_ref().map(|(url, _)| url.clone())
}

/// Does something on the server, as an administrator, over a connection of its own.
pub fn with_client<T>(address: &Url, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(address.as_str(), NoTls).await.unwrap();
        tokio::spawn(connection);
        work(&client).await
    })
}

/// A name nobody else has.
pub fn fresh_name() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    format!("t_{:016x}", std::hash::RandomState::new().build_hasher().finish())
}

/// A server that was started here; it ends, and its folder goes, with this process.
pub struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // Its end is the end of its standard input.
        drop(self.0.stdin.take());
        self.0.wait().ok();
    }
}

/// A server of one's own that speaks TLS with the certificate and the key in this folder (`server.crt` and
/// `server.key`); `None` where none is installed.
pub fn start_encrypted(certificates: &Path) -> Option<(Url, Started)> {
    start(Some(certificates)).map(|(url, child)| (url, Started(child)))
}

/// Starts a server in a folder of its own that ends, and goes, with this process.
fn start(certificates: Option<&Path>) -> Option<(Url, Child)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // It refuses to run as root. Its end is the end of its standard input: whoever holds the other end is gone.
    let script = r#"
        set -eu
        PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
        command -v initdb >/dev/null && command -v postgres >/dev/null || { echo none; exit 0; }
        place=$(mktemp -d)
        trap 'rm -rf "$place"' EXIT
        as=
        if [ "$(id -u)" = 0 ]; then
            command -v setpriv >/dev/null || { echo none; exit 0; }
            chown nobody "$place"
            as="setpriv --reuid=nobody --clear-groups --"
        fi
        cd "$place"
        $as initdb -D "$place/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$place/log" 2>&1 ||
            { echo none; exit 0; }
        tls=
        if [ -n "$2" ]; then
            cp "$2/server.crt" "$2/server.key" "$place/data/"
            [ -z "$as" ] || chown nobody "$place/data/server.key"
            chmod 600 "$place/data/server.key"
            tls="-c ssl=on"
        fi
        $as postgres $tls -D "$place/data" -p "$1" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
            -c fsync=off >>"$place/log" 2>&1 &
        server=$!
        echo started
        cat >/dev/null
        kill -QUIT "$server"
        wait "$server" || true
    "#;
    let mut child = Command::new("sh")
        .args(["-c", script, "sh", &port.to_string()])
        .arg(certificates.unwrap_or(Path::new("")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut word = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut word).ok()?;
    if word.trim() != "started" {
        return None;
    }
    let url = Url::parse(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let began = Instant::now();
    let answers = || runtime.block_on(async { tokio_postgres::connect(url.as_str(), NoTls).await.is_ok() });
    while !answers() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the server that was started does not answer"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Some((url, child))
}
