//! `demo`: a simulated shop, its import, what happens in it afterwards, and how the contacts follow.

mod place;
mod story;
mod words;

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use self::place::Place;
use self::story::Event;
use super::setup;
use crate::config::{self, Environment};
use crate::demo::agreement::broken_promises;
use crate::demo::shown::ContactDatabase;
use crate::demo::truth::{Reading, Truth};
use crate::demo::world::Webhook;
use crate::demo::{SimulatedShop, World};
use crate::error::{Doing, Error, Kind, Result};
use crate::http::Pace;
use crate::source::{Progress, Silent};
use crate::sync::import::{ImportOptions, Setup, import};
use crate::sync::report::Report;

/// The simulated shop's statuses whose orders do not count.
const CANCELLED: [&str; 1] = ["Stornována"];

/// The arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArguments {
    /// Customers of the simulated shop
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub customers: usize,
    /// Orders of the simulated shop
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub orders: usize,
    /// Another number makes another shop
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Folder for configuration and contact database; without it a new one for temporary files
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// One import, as it is told.
#[derive(Debug, Clone, Serialize)]
struct Told {
    seconds: f64,
    #[serde(flatten)]
    report: Report,
}

/// What is known about the contacts after the first import.
#[derive(Debug, Clone, Serialize)]
struct Counted {
    contacts: usize,
    customers: usize,
    guests: usize,
    /// What is not as it should be; nothing, if the program is right.
    wrong: Vec<String>,
}

/// The whole demonstration, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Demonstration {
    shop: Size,
    first: Told,
    counted: Counted,
    events: Vec<Event>,
    second: Told,
    third: Told,
    /// Whether the third import left the database as it was, byte by byte.
    untouched: bool,
    /// What is not as it should be after the events.
    wrong: Vec<String>,
    place: Place,
}

/// How large the shop is.
#[derive(Debug, Clone, Copy, Serialize)]
struct Size {
    customers: usize,
    orders: usize,
    seed: u64,
}

/// Runs the demonstration; answers with 1 when the contacts are not what they should be.
///
/// # Errors
/// When the folder cannot be used or an import fails.
pub async fn run(arguments: &DemoArguments, stdout: &mut (dyn Write + Send)) -> Result<u8> {
    let mut out = words::Teller::new(stdout, arguments.json);
    let size = Size {
        customers: arguments.customers,
        orders: arguments.orders,
        seed: arguments.seed,
    };
    let mut world = World::generate(size.seed, size.customers, size.orders);
    world.webhooks.push(job_webhook(&world));
    let shop = SimulatedShop::start(world).await?;
    out.the_shop(size)?;
    let place = Place::prepare(arguments.dir.as_deref(), &shop)?;
    let setup = setup_of(&place)?;

    let first = import_once(&setup, size).await?;
    let before = ContactDatabase::read(&place.database)?;
    let counted = counted(&shop, &before);
    out.first_import(&first, &counted)?;

    let happenings = shop.change(story::let_it_happen);
    let second = import_once(&setup, size).await?;
    let after = ContactDatabase::read(&place.database)?;
    let currency = shop.change(|world| world.shop.currency.clone());
    let events = story::tell(happenings, &before, &after, &currency);
    let wrong = shop.change(|world| broken_promises(world, &after));
    out.what_happened(&events, &second, &wrong)?;

    let bytes = place.fingerprint()?;
    let third = import_once(&setup, size).await?;
    let untouched = bytes == place.fingerprint()?;
    out.nothing_new(&third, untouched)?;

    let place = place.with_queries(&after);
    out.where_it_is(&place)?;
    let all_is_well = counted.wrong.is_empty() && wrong.is_empty() && untouched;
    let demonstration = Demonstration {
        shop: size,
        first,
        counted,
        events,
        second,
        third,
        untouched,
        wrong,
        place,
    };
    out.as_json(&demonstration)?;
    Ok(u8::from(!all_is_well))
}

/// A shop where somebody has registered the webhook of finished jobs before: otherwise the import does
/// so itself, and says it in the midst of the story.
fn job_webhook(world: &World) -> Webhook {
    Webhook {
        id: 1,
        event: "job:finished".to_owned(),
        url: format!("{}/empty.html", world.shop.url),
        created: world.clock.now(),
        updated: None,
    }
}

/// The setup as `import` would have it from the same file, only in a hurry.
fn setup_of(place: &Place) -> Result<Setup> {
    let config = config::from_path(&place.configuration, &Environment::default())?;
    let quick = Pace {
        bucket_drop: Duration::from_millis(1),
        job_poll_first: Duration::from_millis(5),
        job_poll_longest: Duration::from_millis(50),
        ..Pace::default()
    };
    Ok(Setup {
        pace: quick,
        ..setup::setup(&config)
    })
}

async fn import_once(setup: &Setup, size: Size) -> Result<Told> {
    // A large shop takes long enough for somebody to wonder.
    let shown = (size.customers.saturating_add(size.orders) > 20_000).then(super::progress::Shown::new);
    let progress: &dyn Progress = match &shown {
        Some(shown) => shown,
        None => &Silent,
    };
    let began = Instant::now();
    let report = import(setup, &ImportOptions::default(), progress).await;
    if let Some(shown) = &shown {
        shown.finish();
    }
    let report = report?;
    if let Some(failure) = report.failures.first() {
        return Err(Error::new(Kind::Damaged, "importing the simulated shop", failure));
    }
    Ok(Told {
        seconds: began.elapsed().as_secs_f64(),
        report,
    })
}

fn counted(shop: &SimulatedShop, database: &ContactDatabase) -> Counted {
    let truth = shop.change(|world| Truth::of(world, &Reading::default()));
    Counted {
        contacts: truth.contacts.len(),
        customers: truth.registered(),
        guests: truth.guests(),
        wrong: truth.disagreements(database, &CANCELLED),
    }
}

/// Printing fails when nobody listens any more.
fn printed(written: std::io::Result<()>) -> Result<()> {
    written.doing(Kind::Disk, || "printing the demonstration".to_owned())
}
