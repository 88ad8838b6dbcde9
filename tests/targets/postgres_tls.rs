//! An encrypted way to PostgreSQL: the server is who it says it is, or nothing is said to it.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use shoptet_sync::sync::import::ImportOptions;

use crate::imported::{Home, SHOP};
use crate::postgres_server::{start_encrypted, with_client};
use crate::written::{order, orders};

/// Makes an authority, and a certificate of it for `localhost`; the authority's own goes to `authority.pem`.
fn certificates(folder: &Path, authority_file: &str) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join(authority_file), authority.pem()).unwrap();
    std::fs::write(folder.join("server.crt"), certificate.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

#[test]
fn a_server_is_believed_by_its_certificate_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path(), "stranger.pem");
    certificates(folder.path(), "authority.pem");
    let Some((mut url, _server)) = start_encrypted(folder.path()) else {
        eprintln!("SKIPPED: no PostgreSQL is installed that could be started");
        return;
    };
    let plainly = url.clone();
    let home = |address: &str, authority: &str| {
        let file = folder.path().join(authority);
        Home::with(&format!(
            "{SHOP}[[target]]\nname = \"contacts\"\nkind = \"postgres\"\nurl = \"{address}\"\nca_file = \"{}\"\n",
            file.display()
        ))
    };
    let documents = orders(&[order("1").email("jana@shop.example")]);
    url.set_host(Some("localhost")).unwrap();
    url.set_query(Some("sslmode=verify-full"));

    let as_of = "2024-06-02T00:00:00Z".parse().unwrap();
    let refused = |address: &str, authority: &str| {
        let report = home(address, authority)
            .try_import("main", None, Some(&documents), as_of, ImportOptions::default())
            .unwrap();
        assert_eq!(report.exit_code(), 2, "{:?}", report.failures);
        report.failures.concat()
    };
    let told = refused(url.as_str(), "stranger.pem");
    assert!(told.contains("certificate"), "{told}");
    let another_name = url.as_str().replace("localhost", "127.0.0.1");
    let told = refused(&another_name, "authority.pem");
    assert!(told.contains("certificate"), "{told}");

    let report = home(url.as_str(), "authority.pem").import("", &documents);
    assert_eq!(report.targets["contacts"].created, 1, "{:?}", report.failures);
    let rows = with_client(&plainly, async |client| {
        client.query("SELECT 1 FROM shoptet.contacts", &[]).await.unwrap()
    });
    assert_eq!(rows.len(), 1);
}
