//! A target in the midst of a run: its mapping, its numbers in the state, and what it is to be sent.

use std::path::Path;
use std::time::Duration;

use crate::error::Result;
use crate::http::{Limit, Pace, Rate, Service};
use crate::mapping::Mapping;
use crate::mapping::settings::MappingSettings;
use crate::merge::email;
use crate::model::{FieldSpec, ValueType, WritePolicy};
use crate::state::State;
use crate::state::links::Link;
use crate::target::daktela::DaktelaTarget;
use crate::target::minicrm::MiniCrmTarget;
use crate::target::postgres::PostgresTarget;
use crate::target::settings::{Connection, TargetSettings};
use crate::target::sqlite::SqliteTarget;
use crate::target::{Layout, Target};

use super::engine::QUIET;
use super::shop::ShopInRun;

/// One target of a run.
pub struct TargetInRun {
    /// `[[target]]`
    pub settings: TargetSettings,
    /// Its compiled mapping.
    pub mapping: Mapping,
    /// What the mapping writes.
    pub layout: Layout,
    /// Intervals towards a service.
    pace: Pace,
}

/// The numbers a target has in one state.
#[derive(Debug, Clone, Copy)]
pub struct TargetNumbers {
    /// Of the target.
    pub target: i64,
    /// Of the layout of contact hashes: the fields, then the marks.
    pub contacts: i64,
    /// Of the layout of order hashes: the facts, the stage, then the fields.
    pub orders: i64,
}

impl TargetNumbers {
    /// Leaves the number of a delivery in the target before its first write, so that a copy that is
    /// restored later is known for one.
    ///
    /// # Errors
    /// When the state or the target cannot be written.
    pub async fn begin_delivery(&self, state: &State, remote: &mut dyn Target) -> Result<()> {
        let known = state.target_marks(self.target)?.begun;
        let there = remote.identity().await?.and_then(|there| there.delivery);
        let number = known.max(there.unwrap_or(0)) + 1;
        state.begin_delivery(self.target, number)?;
        remote.begin_delivery(number).await?;
        state.confirm_delivery(self.target)
    }
}

/// Names of hashes that are no fields; no field can be called so.
const MARKS: &str = "\u{1}marks";
const FACTS: &str = "\u{1}facts";

impl TargetInRun {
    /// Compiles the mapping.
    ///
    /// # Errors
    /// When an expression or a status is wrong.
    pub fn new(settings: &TargetSettings, mapping: &MappingSettings) -> Result<Self> {
        let mapping = Mapping::compile(mapping)?;
        let stage = FieldSpec {
            name: "stage".to_owned(),
            write: WritePolicy::IfUnchanged,
            ..FieldSpec::default()
        };
        let layout = Layout {
            contact: mapping.specs().to_vec(),
            order: std::iter::once(stage)
                .chain(mapping.order_specs().iter().cloned())
                .collect(),
            email: field_of_emails(&mapping),
            spelling: Some(email::normalise),
            // The stage comes first, and is the shop's.
            figures: std::iter::once(0)
                .chain(mapping.order_figures().into_iter().map(|place| place + 1))
                .collect(),
        };
        Ok(Self {
            settings: settings.clone(),
            mapping,
            layout,
            pace: Pace::default(),
        })
    }

    /// All targets of a configuration.
    ///
    /// # Errors
    /// The first expression or status that is wrong.
    pub fn all(targets: &[(TargetSettings, MappingSettings)]) -> Result<Vec<Self>> {
        targets
            .iter()
            .map(|(target, mapping)| Self::new(target, mapping))
            .collect()
    }

    /// The same at another pace.
    #[must_use]
    pub fn at_pace(mut self, pace: &Pace) -> Self {
        self.pace = pace.clone();
        self
    }

    /// Its numbers in a state, given ones when they are new.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn numbers(&self, state: &State) -> Result<TargetNumbers> {
        let fields = |specs: &[FieldSpec]| specs.iter().map(|spec| spec.name.clone()).collect::<Vec<_>>();
        let contacts: Vec<String> = fields(&self.layout.contact)
            .into_iter()
            .chain([MARKS.to_owned()])
            .collect();
        let orders: Vec<String> = [FACTS.to_owned()]
            .into_iter()
            .chain(fields(&self.layout.order))
            .collect();
        let number = |names: &[String]| state.layout(&names.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(TargetNumbers {
            target: state.target(&self.settings.name)?,
            contacts: number(&contacts)?,
            orders: number(&orders)?,
        })
    }

    /// Opens the connection for the state of this id; nothing is sent yet.
    pub fn connect(&self, state_directory: &Path, state_id: &str) -> Box<dyn Target> {
        match &self.settings.connection {
            Connection::Sqlite(settings) => Box::new(SqliteTarget::new(
                state_directory.join(&settings.path),
                self.layout.clone(),
                state_id.to_owned(),
            )),
            Connection::Postgres(settings) => Box::new(PostgresTarget::new(
                settings.as_ref().clone(),
                self.layout.clone(),
                state_id.to_owned(),
            )),
            Connection::Daktela(settings) => {
                let limit = Limit {
                    requests: settings.requests_per_second,
                    within: Duration::from_secs(1),
                };
                let note = state_directory
                    .join(QUIET)
                    .join(format!("target.{}", self.settings.name));
                let rate = Rate::new(&[limit], None);
                let service = Service::new(&settings.url, &self.pace, rate, Some(note));
                Box::new(DaktelaTarget::new(
                    settings.as_ref().clone(),
                    self.layout.clone(),
                    service,
                ))
            }
            Connection::MiniCrm(settings) => Box::new(MiniCrmTarget::new(
                settings.as_ref().clone(),
                self.layout.clone(),
                self.pace.clone(),
                state_directory.to_owned(),
            )),
        }
    }

    /// Whether a shop is delivered there.
    pub fn takes(&self, shop: &ShopInRun) -> bool {
        self.settings.shops.is_empty() || self.settings.shops.contains(&shop.settings.name)
    }
}

/// Where records that were there before are found by e-mail: in the field of the main one, else in a list of all.
fn field_of_emails(mapping: &Mapping) -> Option<usize> {
    let holds = |path: &str| {
        mapping
            .expressions()
            .position(|expression| expression.trim() == path)
    };
    let is_list = |place: &usize| {
        mapping
            .specs()
            .get(*place)
            .is_some_and(|spec| spec.kind == ValueType::List)
    };
    holds("contact.email").or_else(|| holds("contact.emails").filter(is_list))
}

/// The hashes of a link as this layout has them: translated by field name when the mapping has changed.
///
/// # Errors
/// When the state cannot be read.
pub fn in_layout(state: &State, link: &Link, layout: i64) -> Result<Link> {
    if link.layout == layout {
        return Ok(link.clone());
    }
    let (before, now) = (state.layout_fields(link.layout)?, state.layout_fields(layout)?);
    let translate = |hashes: &[u64]| {
        now.iter()
            .map(|name| {
                before
                    .iter()
                    .position(|known| known == name)
                    .and_then(|at| hashes.get(at))
                    .copied()
                    .unwrap_or(0)
            })
            .collect::<Vec<u64>>()
    };
    Ok(Link {
        remote_id: link.remote_id.clone(),
        layout,
        written: translate(&link.written),
        intended: link.intended.as_deref().map(translate),
        parts: link.parts.clone(),
    })
}
