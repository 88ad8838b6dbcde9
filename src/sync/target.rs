//! A target in the midst of a run: its mapping, its numbers in the state, and what it is to be sent.

use std::path::Path;

use crate::error::Result;
use crate::mapping::settings::MappingSettings;
use crate::mapping::{Mapping, Stage};
use crate::model::{FieldSpec, OrderFacts, OrderStatus, Value, WritePolicy};
use crate::state::State;
use crate::state::links::Link;
use crate::state::orders::WholeOrder;
use crate::target::settings::{Connection, TargetSettings};
use crate::target::sqlite::SqliteTarget;
use crate::target::{Layout, Target};

use super::compose::Composer;
use super::shop::ShopInRun;

/// One target of a run.
pub struct TargetInRun {
    /// `[[target]]`
    pub settings: TargetSettings,
    /// Its compiled mapping.
    pub mapping: Mapping,
    /// What the mapping writes.
    pub layout: Layout,
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

/// Names of hashes that are no fields; no field can be called so.
const MARKS: &str = "\u{1}marks";
const FACTS: &str = "\u{1}facts";

/// What an order shall look like in a target.
#[derive(Debug, Clone)]
pub struct OrderDraft {
    /// What the shop says.
    pub facts: OrderFacts,
    /// Stage and mapped fields, parallel to the order layout.
    pub values: Vec<Value>,
}

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
            email: mapping
                .expressions()
                .position(|expression| expression.trim() == "contact.email"),
        };
        Ok(Self {
            settings: settings.clone(),
            mapping,
            layout,
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

    /// Opens the connection; nothing is sent yet.
    pub fn connect(&self, state_directory: &Path) -> Box<dyn Target> {
        match &self.settings.connection {
            Connection::Sqlite(settings) => Box::new(SqliteTarget::new(state_directory.join(&settings.path))),
        }
    }

    /// Whether a shop is delivered there.
    pub fn takes(&self, shop: &ShopInRun) -> bool {
        self.settings.shops.is_empty() || self.settings.shops.contains(&shop.settings.name)
    }

    /// What the shop says of an order, ready to be written.
    pub fn facts(&self, composer: &Composer<'_>, stored: &WholeOrder) -> OrderFacts {
        let status = composer.status(stored.status);
        let order = &stored.order;
        OrderFacts {
            shop: composer
                .shop(stored.shop)
                .map(|shop| shop.settings.name.clone())
                .unwrap_or_default(),
            code: order.code.clone(),
            placed_at: order.placed_at,
            status: shown_name(&status),
            total: order.total,
            currency: order.currency.clone(),
            paid: order.paid,
            coupons: stored.coupons.clone(),
            items: order.items.as_json().to_owned(),
            url: order.url.clone(),
            gone_at: stored.gone_at,
        }
    }

    /// The stage of an order; `None` when its status is not mapped and such orders are parked.
    pub fn stage(&self, shop: &str, status: &OrderStatus, gone: bool) -> Option<Value> {
        if gone && let Some(word) = self.mapping.deleted_stage() {
            return Some(text(word));
        }
        match self.mapping.stage(shop, status) {
            Stage::Mapped(word) => Some(text(word)),
            Stage::Kept => Some(text(&shown_name(status))),
            Stage::Unmapped => None,
        }
    }
}

fn text(word: &str) -> Value {
    if word.is_empty() {
        Value::Empty
    } else {
        Value::Text(word.to_owned())
    }
}

/// A status by name; by id where the shop gave it no name.
pub fn shown_name(status: &OrderStatus) -> String {
    match status.id {
        Some(id) if status.name.is_empty() => id.to_string(),
        _ => status.name.clone(),
    }
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
    })
}
