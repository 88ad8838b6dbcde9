//! Orders out of the CSV export: a row for each item, with the columns of the order repeated.
//!
//! Rows that follow each other and have the same code are one order. Names of columns are the
//! system's, those of newer and edited templates, and Czech and Slovak labels.

use std::borrow::Cow;

use super::bytes::Text;
use super::export::RawOrder;
use super::items::{Lines, RawItem};
use super::party_columns::PartyColumns;
use super::table::Table;
use super::{Content, Locale, Part, Sink};
use crate::error::Result;
use crate::model::Order;

const CODE: &[&str] = &[
    "code",
    "ordercode",
    "kodobjednavky",
    "cisloobjednavky",
    "objednavka",
    "kod",
];

/// Columns that only an export of customers has.
const OF_CUSTOMERS: &[&str] = &["guid", "accountguid", "billingfullname", "registrationdate"];

/// Reads the whole document.
pub(super) fn read(text: &mut Text, locale: &Locale, sink: &mut Sink<'_, Order>) -> Result<()> {
    let mut table = Table::open(text, Content::Orders, CODE, OF_CUSTOMERS)?;
    let columns = Columns::of(&table);
    let mut lines = Lines::default();
    let mut current: Option<Gathered> = None;
    while table.next(text, sink.records)? {
        match table.key(columns.code, "the order code") {
            Err(fault) => {
                // Whose row it is cannot be told; what was gathered stands.
                finish(current.take(), &mut lines, text, sink)?;
                sink.bad(None, table.line(), table.row(), &fault, text.progress())?;
            }
            Ok((code, mut whole)) => {
                if current.as_ref().is_none_or(|gathered| gathered.code != code) {
                    finish(current.take(), &mut lines, text, sink)?;
                    current = Some(Gathered {
                        code: code.to_owned(),
                        line: table.line(),
                        size: table.row().len(),
                        order: std::mem::replace(&mut whole, Ok(()))
                            .and_then(|()| columns.order(&table)?.order(locale)),
                    });
                }
                // An order of which one row is lost is not half an order.
                if let Some(gathered) = &mut current
                    && gathered.order.is_ok()
                    && let Err(fault) = whole.and_then(|()| columns.item(&table, &mut lines))
                {
                    gathered.order = Err(fault);
                }
            }
        }
    }
    finish(current, &mut lines, text, sink)
}

/// An order whose rows are being read.
struct Gathered {
    code: String,
    line: u64,
    /// Of its first row, in bytes.
    size: usize,
    order: Part<Order>,
}

fn finish(
    gathered: Option<Gathered>,
    lines: &mut Lines,
    text: &Text,
    sink: &mut Sink<'_, Order>,
) -> Result<()> {
    let Some(gathered) = gathered else {
        return Ok(());
    };
    let outcome = match gathered.order {
        Ok(mut order) => {
            lines.finish(&mut order);
            let size = gathered.size + order.items.as_json().len();
            sink.good(order, size, text.progress())
        }
        Err(fault) => sink.bad(Some(gathered.code), gathered.line, &[], &fault, text.progress()),
    };
    lines.clear();
    outcome
}

/// Where each value stands, `None` where the template leaves it out.
struct Columns {
    code: Option<usize>,
    admin_id: Option<usize>,
    date: Option<usize>,
    status: Option<usize>,
    currency: Option<usize>,
    exchange_rate: Option<usize>,
    email: Option<usize>,
    phone: Option<usize>,
    billing: PartyColumns,
    delivery: PartyColumns,
    total: Option<usize>,
    total_without_vat: Option<usize>,
    paid: Option<usize>,
    remark: Option<usize>,
    tracking_number: Option<usize>,
    item_kind: Option<usize>,
    item_code: Option<usize>,
    item_name: Option<usize>,
    item_variant: Option<usize>,
    item_amount: Option<usize>,
    item_unit_price: Option<usize>,
    item_total: Option<usize>,
    item_vat_rate: Option<usize>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let at = |names: &[&str]| table.column(names);
        let item =
            |name: &str, label: &str| at(&[&format!("item{name}"), &format!("orderitem{name}"), label]);
        Self {
            code: at(CODE),
            admin_id: at(&["orderid", "id", "idobjednavky"]),
            date: at(&[
                "date",
                "creationtime",
                "datum",
                "datumobjednavky",
                "datumvytvoreni",
            ]),
            status: at(&["statusname", "status", "stav", "stavobjednavky"]),
            currency: at(&["currency", "currencycode", "mena"]),
            exchange_rate: at(&["exchangerate", "currencyexchangerate", "kurz", "smennykurz"]),
            email: at(&["email", "customeremail"]),
            phone: at(&["phone", "customerphone", "telefon", "telefonnicislo"]),
            billing: PartyColumns::of(table, &["bill", "billing", "fakturacni", "fakturacne"]),
            delivery: PartyColumns::of(
                table,
                &["delivery", "shipping", "dorucovaci", "dodaci", "dodacie"],
            ),
            total: at(&[
                "totalpricewithvat",
                "orderpricewithvat",
                "celkovacenasdph",
                "cenasdph",
            ]),
            total_without_vat: at(&["totalpricewithoutvat", "celkovacenabezdph", "cenabezdph"]),
            paid: at(&["paid", "zaplaceno", "zaplatene", "uhrazeno"]),
            remark: at(&["remark", "customerremark", "poznamka", "poznamkazakaznika"]),
            tracking_number: at(&["packagenumber", "trackingnumber", "cislobaliku", "cislozasilky"]),
            item_kind: item("type", "typpolozky"),
            item_code: item("code", "kodpolozky"),
            item_name: item("name", "nazevpolozky"),
            item_variant: item("variantname", "varianta"),
            item_amount: item("amount", "mnozstvi"),
            item_unit_price: item("unitpricewithvat", "cenazajednotkusdph"),
            item_total: item("totalpricewithvat", "cenapolozkysdph"),
            item_vat_rate: item("vatrate", "sazbadph"),
        }
    }

    fn order<'a>(&self, table: &'a Table) -> Part<RawOrder<'a>> {
        let text = |column| table.field(column).map(Cow::Borrowed);
        Ok(RawOrder {
            code: text(self.code)?,
            admin_id: text(self.admin_id)?,
            date: text(self.date)?,
            status: text(self.status)?,
            currency: text(self.currency)?,
            exchange_rate: text(self.exchange_rate)?,
            email: text(self.email)?,
            phone: text(self.phone)?,
            billing: self.billing.party(table)?,
            delivery: self.delivery.party(table)?,
            total: text(self.total)?,
            total_without_vat: text(self.total_without_vat)?,
            paid: text(self.paid)?,
            remark: text(self.remark)?,
            tracking_number: text(self.tracking_number)?,
        })
    }

    /// Adds the row's item, unless the row has none.
    fn item(&self, table: &Table, lines: &mut Lines) -> Part<()> {
        let text = |column| table.field(column).map(Cow::Borrowed);
        let item = RawItem {
            kind: text(self.item_kind)?,
            code: text(self.item_code)?,
            name: text(self.item_name)?,
            variant: text(self.item_variant)?,
            amount: text(self.item_amount)?,
            unit_price: text(self.item_unit_price)?,
            total: text(self.item_total)?,
            vat_rate: text(self.item_vat_rate)?,
        };
        if item.code.is_empty() && item.name.is_empty() && item.kind.is_empty() {
            return Ok(());
        }
        lines.push(&item)
    }
}
