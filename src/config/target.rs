//! `[[target]]`: a contact database and what is delivered there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::TargetConfig;
use super::daktela;
use super::fields;
use super::known::{self, Known};
use super::minicrm;
use super::secret::{self, Shape};
use super::section::Section;
use super::shop::{ReadShop, unique_name};
use super::wording::unknown_word;
use crate::mapping::settings::{MappingSettings, UnmappedStatus};
use crate::model::{Conventions, DATABASE};
use crate::target::settings::{
    Connection, DAKTELA, MINICRM, POSTGRES_SCHEMA, PostgresSettings, SqliteSettings, TargetSettings,
    has_password,
};

/// The database file unless configured, in the state's folder.
const SQLITE_PATH: &str = "contacts.db";

/// What the program itself keeps in the state's folder.
const OWN_FILES: [&str; 3] = ["state.db", "inbox.db", "suppressed.db"];

/// The kinds of target by their word in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TargetKind {
    Sqlite,
    Postgres,
    Daktela,
    MiniCrm,
}

const KINDS: [(&str, TargetKind); 4] = [
    ("sqlite", TargetKind::Sqlite),
    ("postgres", TargetKind::Postgres),
    ("daktela", TargetKind::Daktela),
    ("minicrm", TargetKind::MiniCrm),
];

impl TargetKind {
    /// The keys that only this kind has.
    const fn known(self) -> &'static Known {
        match self {
            Self::Sqlite => &known::SQLITE,
            Self::Postgres => &known::POSTGRES,
            Self::Daktela => &known::DAKTELA,
            Self::MiniCrm => &known::MINICRM,
        }
    }

    /// What it expects of a mapping.
    const fn conventions(self) -> &'static Conventions {
        match self {
            Self::Sqlite | Self::Postgres => &DATABASE,
            Self::Daktela => &DAKTELA,
            Self::MiniCrm => &MINICRM,
        }
    }

    /// A person looks at a database and finds what is new there; a CRM acts on a status.
    const fn unmapped_status(self) -> UnmappedStatus {
        match self {
            Self::Sqlite | Self::Postgres => UnmappedStatus::Keep,
            Self::Daktela | Self::MiniCrm => UnmappedStatus::Park,
        }
    }

    /// `mapping` loses nothing by it, and may gain what follows from the kind's own keys.
    fn connection(
        self,
        section: &Section,
        mapping: &mut MappingSettings,
        around: &Around<'_>,
    ) -> Option<Connection> {
        match self {
            Self::Sqlite => read_sqlite(section).map(Connection::Sqlite),
            Self::Postgres => read_postgres(section).map(|settings| Connection::Postgres(Box::new(settings))),
            Self::Daktela => {
                let settings = daktela::read(section, mapping, around.timezone)?;
                Some(Connection::Daktela(Box::new(settings)))
            }
            Self::MiniCrm => {
                let shops = match section.list("shops") {
                    Some(listed) => listed.count(),
                    None => around.shops.len(),
                };
                let settings = minicrm::read(section, mapping, shops)?;
                Some(Connection::MiniCrm(Box::new(settings)))
            }
        }
    }
}

/// What the rest of the file says that matters to a target.
pub(super) struct Around<'a> {
    /// The shops.
    pub(super) shops: &'a [ReadShop],
    /// Where the state lives.
    pub(super) state_dir: &'a Path,
    /// The zone of the schedule; empty where it is faulty.
    pub(super) timezone: &'a str,
}

/// All targets, their names and files unique. An entry is `None` when a fault was noted in it.
pub(super) fn read_all(top: &Section, around: &Around<'_>) -> Vec<Option<TargetConfig>> {
    let sections = top.tables("target");
    if !top.has("target") || top.list_is_empty("target") {
        top.missing("target", "a section [[target]] says where the contacts go");
    }
    let mut names = BTreeSet::new();
    let (mut files, mut schemas) = (BTreeMap::new(), BTreeMap::new());
    let mut services = BTreeMap::new();
    let mut targets = Vec::with_capacity(sections.len());
    for section in &sections {
        let target = read(section, &mut names, around);
        if let Some(TargetConfig { target, .. }) = &target
            && let Connection::Sqlite(sqlite) = &target.connection
        {
            let file = around.state_dir.join(&sqlite.path);
            if OWN_FILES.iter().any(|own| around.state_dir.join(own) == file) {
                section.fault("path", "is a file of the program itself; choose another name");
            }
            if let Some(other) = files.insert(file, target.name.clone()) {
                section.fault("path", format!("target \"{other}\" has the same file"));
            }
        }
        if let Some(TargetConfig { target, .. }) = &target
            && let Connection::Postgres(postgres) = &target.connection
            && let Some(other) = schemas.insert(postgres.place(), target.name.clone())
        {
            section.fault("schema", format!("target \"{other}\" has the same schema"));
        }
        if let Some(TargetConfig { target, .. }) = &target
            && let Connection::Daktela(daktela) = &target.connection
            && let Some(other) = services.insert(daktela.identity(), target.name.clone())
        {
            section.fault("database", format!("target \"{other}\" has the same database"));
        }
        if let Some(TargetConfig { target, .. }) = &target
            && let Connection::MiniCrm(minicrm) = &target.connection
            && let Some(other) = services.insert(minicrm.identity(), target.name.clone())
        {
            section.fault("system_id", format!("target \"{other}\" is the same system"));
        }
        targets.push(target);
    }
    targets
}

fn read(section: &Section, names: &mut BTreeSet<String>, around: &Around<'_>) -> Option<TargetConfig> {
    let name = unique_name(section, "target", names);
    section.required_text("kind", "what kind of contact database it is, as in \"sqlite\"");
    let kind = section.choice("kind", &KINDS);
    // Without a kind nobody can say which keys it has.
    if let Some(kind) = kind {
        section.refuse_unknown(&[&known::TARGET, kind.known()]);
    }
    let only_shops = read_shops(section, around.shops);
    let only = section
        .text("only")
        .map(|expression| (expression.to_owned(), section.place_of("only")));
    let words = [("park", UnmappedStatus::Park), ("keep", UnmappedStatus::Keep)];
    let unmapped_status = section.choice("unmapped_status", &words);
    let contact_fields = fields::read_fields(section, "fields");
    let order_fields = fields::read_fields(section, "order_fields");
    let statuses = fields::read_statuses(section, around.shops);
    let kind = kind?;
    let mut mapping = MappingSettings {
        target: name.clone().unwrap_or_default(),
        fields: contact_fields,
        order_fields,
        statuses,
        only,
        unmapped_status: unmapped_status.unwrap_or(kind.unmapped_status()),
        conventions: kind.conventions(),
    };
    let connection = kind.connection(section, &mut mapping, around);
    Some(TargetConfig {
        target: TargetSettings {
            name: name?,
            shops: only_shops,
            connection: connection?,
        },
        mapping,
    })
}

fn read_sqlite(section: &Section) -> Option<SqliteSettings> {
    let path = match section.has("path") {
        true => section.parsed("path", |text| match Path::new(text).file_name() {
            Some(_) => Ok(PathBuf::from(text)),
            None => Err("must name a file, as in \"contacts.db\"".to_owned()),
        })?,
        false => PathBuf::from(SQLITE_PATH),
    };
    Some(SqliteSettings { path })
}

fn read_postgres(section: &Section) -> Option<PostgresSettings> {
    if !section.has("url") {
        section.missing(
            "url",
            "where the server is, as in \"postgres://sync@127.0.0.1/crm\"",
        );
    }
    let url = match section.is_table("url") {
        true => secret::read(section, "url", Shape::Password)?.expose().to_owned(),
        false => {
            let url = section.text("url")?;
            if has_password(url) && !section.is_overridden("url") {
                section.check.literal_secret.set(true);
            }
            url.to_owned()
        }
    };
    let password = secret::read(section, "password", Shape::Password);
    if section.has("password") && password.is_none() {
        return None;
    }
    let schema = match section.has("schema") {
        true => section.parsed("schema", |name| match name.len() {
            0 => Err("is empty; leave it out and it is `shoptet`".to_owned()),
            1..=63 if !name.starts_with("pg_") => Ok(name.to_owned()),
            1..=63 => Err("begins with `pg_`, which PostgreSQL keeps to itself".to_owned()),
            _ => Err("is longer than the 63 bytes that PostgreSQL takes".to_owned()),
        })?,
        false => POSTGRES_SCHEMA.to_owned(),
    };
    let beside = section.check.file.parent().unwrap_or(Path::new(""));
    let ca_file = match section.has("ca_file") {
        true => Some(section.parsed("ca_file", |path| match path {
            "" => Err("is empty: name a file of certificates".to_owned()),
            path => Ok(beside.join(path)),
        })?),
        false => None,
    };
    PostgresSettings::new(&url, password.as_ref(), schema, ca_file)
        .map_err(|unusable| section.fault("url", unusable.0))
        .ok()
}

fn read_shops(section: &Section, shops: &[ReadShop]) -> Vec<String> {
    let known: Vec<&str> = shops.iter().filter_map(|shop| shop.name.as_deref()).collect();
    let listed = section.parsed_list("shops", |name| match known.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(unknown_word(name, &known)),
    });
    if section.list_is_empty("shops") {
        section.fault(
            "shops",
            "is empty; leave it out and every shop is delivered there",
        );
    }
    listed.unwrap_or_default()
}
