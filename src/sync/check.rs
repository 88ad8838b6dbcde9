//! `check`: whether a run would find everything it needs. Writes nothing.

use serde::Serialize;

use super::import::Setup;
use super::known_shops;
use super::recognise::{Recognised, recognise};
use super::shop::ShopInRun;
use super::statuses::{of_shop, statuses};
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::{Checked, Finding, Shop, Spool};
use crate::state::State;

/// One point that was tested.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// What it is about: `shop main`, `target contacts`, `configuration`.
    pub about: String,
    /// What was tested.
    pub what: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty when there is nothing to do.
    pub hint: String,
}

/// What came of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Allowed, and worth knowing.
    Note,
    /// Not as it should be, but trying again may help.
    Passing,
    /// A person has to act.
    Problem,
}

impl Verdict {
    /// The exit code it calls for.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok | Self::Note => 0,
            Self::Passing => 1,
            Self::Problem => 2,
        }
    }
}

/// Tests everything that the configuration names; what it warns of itself comes first.
///
/// # Errors
/// When the tests themselves cannot be made. What they find is in the points.
pub async fn check(setup: &Setup, warnings: &[String]) -> Result<Vec<Point>> {
    let mut points: Vec<Point> = warnings
        .iter()
        .map(|warning| note("configuration", warning, "", ""))
        .collect();
    let mut targets = Vec::new();
    for (settings, mapping) in &setup.targets {
        match TargetInRun::new(settings, mapping) {
            Ok(target) => targets.push(target),
            Err(error) => points.push(problem(&about_target(&settings.name), "the mapping", &error)),
        }
    }
    points.extend(shops_as_before(setup));
    let mut shops = Vec::new();
    for settings in &setup.shops {
        let source = Shop::with_pace(settings, setup.public_url.as_ref(), &setup.timezone, &setup.pace)?;
        let checked = check_shop(setup, &settings.name, &source).await?;
        let findings = checked.findings.into_iter();
        points.extend(findings.map(|finding| of_shop_finding(&settings.name, finding)));
        if let Some(facts) = checked.facts {
            shops.push(ShopInRun::new(settings, &facts)?);
        }
    }
    for target in &targets {
        points.extend(check_target(setup, target).await);
        points.extend(groups_together(setup, target));
    }
    points.extend(unmapped(setup, &shops, &targets)?);
    Ok(points)
}

async fn check_shop(setup: &Setup, name: &str, source: &Shop) -> Result<Checked> {
    // Pauses between exports are noted in the spool; one that is not there yet has none to tell of.
    let folder = setup.state_dir.join("spool").join(name);
    if folder.exists() {
        return Ok(source.check(&Spool::open(&folder)?).await);
    }
    let elsewhere = tempfile::tempdir().doing(Kind::Disk, || "making a temporary folder".to_owned())?;
    Ok(source.check(&Spool::open(elsewhere.path())?).await)
}

fn of_shop_finding(shop: &str, finding: Finding) -> Point {
    let verdict = match (finding.ok, finding.passing) {
        (true, _) => Verdict::Ok,
        (false, true) => Verdict::Passing,
        (false, false) => Verdict::Problem,
    };
    Point {
        about: about_shop(shop),
        what: finding.what,
        verdict,
        detail: finding.detail,
        hint: finding.hint,
    }
}

async fn check_target(setup: &Setup, target: &TargetInRun) -> Vec<Point> {
    let about = about_target(&target.settings.name);
    let mut points = Vec::new();
    points.push(match target.mapping.check() {
        Ok(()) => {
            let count = target.mapping.specs().len() + target.mapping.order_specs().len();
            good(
                &about,
                "every field can be computed",
                &format!("{count} of {count}"),
            )
        }
        Err(error) => problem(&about, "every field can be computed", &error),
    });
    let known = State::open_to_read(&setup.state_dir).ok();
    let id = known
        .as_ref()
        .and_then(|state| state.id().ok())
        .unwrap_or_default();
    let mut remote = target.connect(&setup.state_dir, &id);
    let what = "it takes every field";
    match remote.check().await {
        Err(error) => points.push(problem(&about, what, &error)),
        Ok(problems) if problems.is_empty() => points.push(good(&about, what, "yes")),
        Ok(problems) => points.extend(problems.into_iter().map(|detail| Point {
            about: about.clone(),
            what: what.to_owned(),
            verdict: Verdict::Problem,
            detail,
            hint: Kind::Configuration.hint().to_owned(),
        })),
    }
    let untold = remote.untold();
    points.extend(untold.iter().map(|detail| note(&about, what, detail, "")));
    if let Some(state) = known
        && let Ok(there) = remote.identity().await
        && let Ok(shops) = ShopInRun::all_from_state(&state, &setup.shops)
        && let Ok(Recognised::Strange(suspicion)) =
            recognise(&state, target, &shops, there.as_ref(), remote.as_mut()).await
    {
        points.push(problem(&about, "it is the one delivered to before", &suspicion));
    }
    points
}

/// Whether a shop has another group or name than when it was read.
fn shops_as_before(setup: &Setup) -> Option<Point> {
    let state = State::open_to_read(&setup.state_dir).ok()?;
    let changed = known_shops::must_be_as_before(&state, &setup.shops).err()?;
    Some(problem(
        "configuration",
        "the shops are those that were read before",
        &changed,
    ))
}

/// People are matched within a group: those of two groups stay apart even in one target.
fn groups_together(setup: &Setup, target: &TargetInRun) -> Option<Point> {
    let taken = |name: &String| target.settings.shops.is_empty() || target.settings.shops.contains(name);
    let mut groups: Vec<&str> = setup
        .shops
        .iter()
        .filter(|shop| taken(&shop.name))
        .map(|shop| shop.group.as_str())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    (groups.len() > 1).then(|| {
        note(
            &about_target(&target.settings.name),
            "shops of several groups go there",
            &format!("{}: each group gets contacts of its own", groups.join(", ")),
            "give the shops one `group` if a person of one is the same person in the other",
        )
    })
}

/// Statuses that were seen, or that the shop offers now, and that some target has no word for.
fn unmapped(setup: &Setup, shops: &[ShopInRun], targets: &[TargetInRun]) -> Result<Vec<Point>> {
    let mut found = Vec::new();
    for shop in shops {
        found.extend(
            shop.statuses
                .iter()
                .map(|status| of_shop(shop, status, 0, targets)),
        );
    }
    if State::require(&setup.state_dir).is_ok() {
        let state = State::open_to_read(&setup.state_dir)?;
        let mut known = ShopInRun::all_from_state(&state, &setup.shops)?;
        for known in &mut known {
            let now = shops
                .iter()
                .find(|shop| shop.settings.name == known.settings.name);
            known
                .statuses
                .extend(now.into_iter().flat_map(|shop| shop.statuses.clone()));
        }
        found.extend(statuses(&state, &known, targets)?);
    }
    found.retain(super::statuses::StatusOfShop::is_unmapped);
    found.sort_by(|left, right| (&left.shop, &left.name).cmp(&(&right.shop, &right.name)));
    found.dedup_by(|left, right| (&left.shop, &left.name) == (&right.shop, &right.name));
    let point = |status: &super::statuses::StatusOfShop| Point {
        about: about_shop(&status.shop),
        what: format!("no word for the status \"{}\"", status.name),
        verdict: Verdict::Problem,
        detail: format!("its orders are parked in {}", status.unmapped_in().join(", ")),
        hint: format!("add to [target.statuses]: {}", status.line()),
    };
    Ok(found.iter().map(point).collect())
}

fn good(about: &str, what: &str, detail: &str) -> Point {
    Point {
        about: about.to_owned(),
        what: what.to_owned(),
        verdict: Verdict::Ok,
        detail: detail.to_owned(),
        hint: String::new(),
    }
}

fn note(about: &str, what: &str, detail: &str, hint: &str) -> Point {
    Point {
        verdict: Verdict::Note,
        hint: hint.to_owned(),
        ..good(about, what, detail)
    }
}

fn problem(about: &str, what: &str, error: &Error) -> Point {
    let verdict = if error.exit_code() == 2 {
        Verdict::Problem
    } else {
        Verdict::Passing
    };
    Point {
        verdict,
        hint: error.hint().to_owned(),
        ..good(about, what, &format!("{}: {}", error.doing(), error.cause()))
    }
}

fn about_shop(name: &str) -> String {
    format!("shop {name}")
}

fn about_target(name: &str) -> String {
    format!("target {name}")
}
