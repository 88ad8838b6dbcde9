//! The shop's REST API. Only reads, but for the registration of our own webhook.

mod client;
mod answer;
mod token;
mod bucket;
mod budget;
mod jobs;
mod webhooks;
mod eshop;
mod customers;
mod paged;
mod orders;
mod listing;
mod changes;
mod details;
mod consent;

pub use consent::ConsentPages;

pub(super) use budget::Budget;
pub(super) use changes::{Listed, list as list_changes};
pub(super) use client::{Ask, Client};
pub(super) use consent::{newsletter, unsubscribed};
pub(super) use customers::detail as customer_detail;
pub(super) use customers::snapshot as customers_snapshot;
pub(super) use details::{Told, detail};
pub(super) use eshop::facts;
pub(super) use jobs::{Snapshot, discard as discard_job, run as run_job};
pub(super) use orders::snapshot as orders_snapshot;
pub(super) use paged::download as download_paged;
pub(super) use webhooks::{JobWebhook, registered_for_jobs, see_to_job_webhook};
