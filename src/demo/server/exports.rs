//! The permanent links: whole documents for whoever knows the hash.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

use super::answer::Answer;
use super::feed::Reading;
use super::traffic::{RunningExport, Traffic};
use super::{Call, SharedWorld};
use crate::demo::render::{csv, xml};
use crate::demo::world::{Customer, Doors, Encoding, Order, World, WrongHash};

/// The system's templates; a positive number would be one that the merchant made.
const SYSTEM_CSV: &str = "-9";
const SYSTEM_XML: &str = "-11";
/// Records of one piece of the body: the world is locked for each piece, not for the download.
const RECORDS_PER_PIECE: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Customers,
    Orders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Xml,
    Csv,
}

/// Which link a hash opens; `None` when it opens none.
pub(super) fn link_of_hash(doors: &Doors, hash: &str) -> Option<&'static str> {
    let links = [
        (&doors.customers_hash, "customers"),
        (&doors.orders_hash, "orders"),
        (&doors.orders_feed_hash, "orders_feed"),
    ];
    links
        .into_iter()
        .find(|(known, _)| *known == hash)
        .map(|(_, name)| name)
}

/// `GET /export/{customers|orders}.{xml|csv}`
pub(super) fn answer(world: &SharedWorld, traffic: &Traffic, call: &Call) -> Answer {
    let (section, format) = match call.path.as_str() {
        "/export/customers.xml" => (Section::Customers, Format::Xml),
        "/export/customers.csv" => (Section::Customers, Format::Csv),
        "/export/orders.xml" => (Section::Orders, Format::Xml),
        "/export/orders.csv" => (Section::Orders, Format::Csv),
        _ => return Answer::html(404, "Stránka nenalezena"),
    };
    let mut now_world = world.lock();
    match prepare(&mut now_world, traffic, call, section) {
        Err(refusal) => refusal,
        Ok((download, reading)) => {
            let when_sent = reading.map(|reading| {
                let codes = &download.keys;
                reading.begin(&mut now_world, codes, world.clone())
            });
            let (style, encoding) = match format {
                Format::Xml => (Some(style(&now_world)), now_world.links.xml_encoding),
                Format::Csv => (None, now_world.links.csv_encoding),
            };
            let charset = match encoding {
                Encoding::Utf8 => "utf-8",
                Encoding::Windows1250 => "windows-1250",
            };
            let kind = if format == Format::Xml {
                "application/xml"
            } else {
                "text/csv"
            };
            let body = Document {
                world: world.clone(),
                style,
                download,
                at: Some(0),
            };
            let answer = Answer::streamed(&format!("{kind}; charset={charset}"), Box::new(body));
            match when_sent {
                Some(happens) => answer.when_sent(happens),
                None => answer,
            }
        }
    }
}

/// What is going to be sent, decided when the request comes.
struct Download {
    section: Section,
    keys: Vec<String>,
    /// Where the records were found; they may have moved or gone when their turn comes.
    positions: Vec<usize>,
    _running: RunningExport,
}

/// The download, and where it is one of orders what it has to do with the partner's mark.
fn prepare(
    world: &mut World,
    traffic: &Traffic,
    call: &Call,
    section: Section,
) -> Result<(Download, Option<Reading>), Answer> {
    let link = call
        .parameter("hash")
        .and_then(|hash| link_of_hash(&world.doors, hash));
    let feed = link == Some("orders_feed");
    let opens = match section {
        Section::Customers => link == Some("customers"),
        Section::Orders => feed || link == Some("orders"),
    };
    if !opens {
        return Err(match world.doors.wrong_hash {
            WrongHash::LoginPage => Answer::login_page(),
            WrongHash::Forbidden => Answer::html(403, "Přístup odepřen"),
            WrongHash::NotFound => Answer::html(404, "Stránka nenalezena"),
        });
    }
    let pattern = call.parameter("patternId");
    let known_pattern = match section {
        Section::Customers => true,
        Section::Orders => {
            pattern.is_some_and(|id| id == SYSTEM_CSV || id == SYSTEM_XML || !id.starts_with('-'))
        }
    };
    if !known_pattern {
        return Err(Answer::html(404, "Šablona nenalezena"));
    }
    let (now, zone) = (world.clock.now(), world.shop.zone());
    let partner = call.parameter("partnerId").unwrap_or_default().to_owned();
    let reading = Reading::of(world, call, feed, &partner)?;
    let dates = dates(call)?;
    let Some(running) = traffic.start_export(&partner, section.name()) else {
        return Err(Answer::html(429, "Export právě probíhá"));
    };
    if reading.asked_since.is_none() && !feed {
        let key = (partner.clone(), section.name().to_owned());
        let too_soon = world.links.min_interval.zip(world.links.last_full.get(&key));
        if too_soon.is_some_and(|(pause, last)| now.duration_since(*last) < pause) {
            return Err(Answer::html(429, "Export lze spustit jednou za 15 minut"));
        }
        world.links.last_full.insert(key, now);
    }
    let wanted = |created: Timestamp, changed: Timestamp| {
        let day = zone.to_datetime(created).date();
        reading.told_since.is_none_or(|since| changed >= since)
            && dates.0.is_none_or(|from| day >= from)
            && dates.1.is_none_or(|until| day <= until)
    };
    // The customers link knows no time of change.
    let (positions, keys) = match section {
        Section::Customers => choose(&world.customers, |c| wanted(c.created, now).then_some(&c.guid)),
        Section::Orders => choose(&world.orders, |o| wanted(o.created, o.changed).then_some(&o.code)),
    };
    let download = Download {
        section,
        keys,
        positions,
        _running: running,
    };
    Ok((download, (section == Section::Orders).then_some(reading)))
}

fn choose<T>(all: &[T], key: impl Fn(&T) -> Option<&String>) -> (Vec<usize>, Vec<String>) {
    let chosen = all
        .iter()
        .enumerate()
        .filter_map(|(at, one)| Some((at, key(one)?.clone())));
    chosen.unzip()
}

/// Dates of placing or registration, both included. `2024-1-5` is a date too.
fn dates(call: &Call) -> Result<(Option<Date>, Option<Date>), Answer> {
    let date = |name: &str| {
        let Some(text) = call.parameter(name) else {
            return Ok(None);
        };
        let mut parts = text.splitn(3, '-').map(str::parse::<i16>);
        let parsed = match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => i8::try_from(month)
                .ok()
                .zip(i8::try_from(day).ok())
                .and_then(|(month, day)| Date::new(year, month, day).ok()),
            _ => None,
        };
        parsed
            .map(Some)
            .ok_or_else(|| Answer::html(400, "Neplatné datum"))
    };
    Ok((date("dateFrom")?, date("dateUntil")?))
}

fn style(world: &World) -> xml::Style {
    xml::Style {
        encoding: world.links.xml_encoding,
        decimal_comma: world.links.xml_decimal_comma,
    }
}

/// The body, piece by piece.
struct Document {
    world: SharedWorld,
    style: Option<xml::Style>,
    download: Download,
    /// The first record of the next piece; `None` when the document is complete.
    at: Option<usize>,
}

impl Iterator for Document {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let first = self.at?;
        let world = self.world.lock();
        let total = self.download.keys.len();
        let end = first.saturating_add(RECORDS_PER_PIECE).min(total);
        let piece = match self.style {
            Some(style) => self.download.xml(&world, style, first..end),
            None => self.download.csv(&world, first..end),
        };
        self.at = (end < total).then_some(end);
        Some(piece)
    }
}

impl Download {
    fn xml(&self, world: &World, style: xml::Style, range: Range<usize>) -> Vec<u8> {
        let writer = xml::Writer::new(&world.shop, style);
        let root = self.section.root();
        let mut piece = if range.start == 0 {
            writer.start(root)
        } else {
            Vec::new()
        };
        let last = range.end == self.keys.len();
        match self.section {
            Section::Customers => {
                self.customers(world, range)
                    .for_each(|customer| writer.customer(&mut piece, customer));
            }
            Section::Orders => self
                .orders(world, range)
                .for_each(|order| writer.order(&mut piece, order)),
        }
        if last {
            piece.extend(writer.end(root));
        }
        piece
    }

    fn csv(&self, world: &World, range: Range<usize>) -> Vec<u8> {
        let writer = csv::Writer::new(&world.shop, world.links.csv_encoding);
        let mut piece = match (range.start, self.section) {
            (0, Section::Customers) => writer.customer_columns(),
            (0, Section::Orders) => writer.order_columns(),
            _ => Vec::new(),
        };
        match self.section {
            Section::Customers => {
                self.customers(world, range)
                    .for_each(|customer| writer.customer(&mut piece, customer));
            }
            Section::Orders => self
                .orders(world, range)
                .for_each(|order| writer.order(&mut piece, order)),
        }
        piece
    }

    fn customers<'a>(&'a self, world: &'a World, range: Range<usize>) -> impl Iterator<Item = &'a Customer> {
        self.chosen(range).filter_map(|(at, key)| {
            let there = world.customers.get(at).filter(|customer| customer.guid == *key);
            there.or_else(|| world.customer(key))
        })
    }

    fn orders<'a>(&'a self, world: &'a World, range: Range<usize>) -> impl Iterator<Item = &'a Order> {
        self.chosen(range).filter_map(|(at, key)| {
            let there = world.orders.get(at).filter(|order| order.code == *key);
            there.or_else(|| world.order(key))
        })
    }

    fn chosen(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &String)> {
        let chosen = self.positions.iter().copied().zip(&self.keys);
        chosen.skip(range.start).take(range.len())
    }
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Orders => "orders",
        }
    }

    fn root(self) -> &'static str {
        match self {
            Self::Customers => "CUSTOMERS",
            Self::Orders => "ORDERS",
        }
    }
}
