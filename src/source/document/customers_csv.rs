//! Customers out of the CSV export, whose columns are those of the import: a row for each account.
//!
//! Rows that follow each other and have the same guid are one customer.

use super::bytes::Text;
use super::party_columns::PartyColumns;
use super::table::Table;
use super::{Content, Fault, Locale, Part, RECORD_CAP, Sink, dates, numbers};
use crate::error::Result;
use crate::model::{Account, Customer};

const GUID: &[&str] = &["guid", "customerguid"];

/// Columns that only an export of orders has.
const OF_ORDERS: &[&str] = &["code", "statusname", "itemname", "totalpricewithvat"];

/// Reads the whole document.
pub(super) fn read(text: &mut Text, locale: &Locale, sink: &mut Sink<'_, Customer>) -> Result<()> {
    let mut table = Table::open(text, Content::Customers, GUID, OF_ORDERS)?;
    let columns = Columns::of(&table);
    let mut current: Option<Gathered> = None;
    while table.next(text, sink.records)? {
        match table.key(columns.guid, "the guid") {
            Err(fault) => {
                // Whose row it is cannot be told; what was gathered stands.
                finish(current.take(), text, sink)?;
                sink.bad(None, table.line(), table.row(), &fault, text.progress())?;
            }
            Ok((guid, mut whole)) => {
                if current.as_ref().is_none_or(|gathered| gathered.guid != guid) {
                    finish(current.take(), text, sink)?;
                    current = Some(Gathered {
                        guid: guid.to_owned(),
                        line: table.line(),
                        customer: std::mem::replace(&mut whole, Ok(()))
                            .and_then(|()| columns.customer(&table, locale)),
                        size: table.row().len(),
                    });
                }
                if let Some(gathered) = &mut current
                    && let Ok(customer) = &mut gathered.customer
                    && let Err(fault) =
                        whole.and_then(|()| columns.account(&table, customer, &mut gathered.size))
                {
                    gathered.customer = Err(fault);
                }
            }
        }
    }
    finish(current, text, sink)
}

/// A customer whose rows are being read.
struct Gathered {
    guid: String,
    line: u64,
    customer: Part<Customer>,
    /// Of its first row and of its accounts, in bytes.
    size: usize,
}

fn finish(gathered: Option<Gathered>, text: &Text, sink: &mut Sink<'_, Customer>) -> Result<()> {
    match gathered {
        None => Ok(()),
        Some(Gathered {
            customer: Ok(customer),
            size,
            ..
        }) => sink.good(customer, size, text.progress()),
        Some(Gathered {
            guid,
            line,
            customer: Err(fault),
            ..
        }) => sink.bad(Some(guid), line, &[], &fault, text.progress()),
    }
}

/// Where each value stands, `None` where the document leaves it out.
struct Columns {
    guid: Option<usize>,
    created_at: Option<usize>,
    billing: PartyColumns,
    delivery: PartyColumns,
    group: Option<usize>,
    price_list: Option<usize>,
    remark: Option<usize>,
    birth_date: Option<usize>,
    newsletter: Option<usize>,
    account_guid: Option<usize>,
    account_email: Option<usize>,
    account_phone: Option<usize>,
    account_name: Option<usize>,
    account_main: Option<usize>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let at = |names: &[&str]| table.column(names);
        Self {
            guid: at(GUID),
            created_at: at(&["registrationdate", "creationtime", "datumregistrace"]),
            billing: PartyColumns::of(table, &["bill", "billing"]),
            delivery: PartyColumns::of(table, &["delivery", "shipping"]),
            group: at(&["customergroup", "customergroupname", "group", "groupname"]),
            price_list: at(&["pricelist", "pricelistname"]),
            remark: at(&["remark", "note", "poznamka"]),
            birth_date: at(&["birthdate", "birthday", "dateofbirth"]),
            newsletter: at(&["newsletter", "newsletterconsent"]),
            account_guid: at(&["accountguid"]),
            account_email: at(&["accountemail", "email"]),
            account_phone: at(&["accountphone", "phone", "telefon"]),
            account_name: at(&["accountfullname", "accountname", "fullname"]),
            account_main: at(&[
                "mainaccount",
                "accountmain",
                "accountmainaccount",
                "ismainaccount",
            ]),
        }
    }

    fn customer(&self, table: &Table, locale: &Locale) -> Part<Customer> {
        let text = |column| table.field(column).map(str::to_owned);
        let delivery = self.delivery.party(table)?;
        Ok(Customer {
            guid: text(self.guid)?,
            created_at: dates::moment(
                table.field(self.created_at)?,
                &locale.timezone,
                "the registration date",
            )?,
            billing: self.billing.party(table)?.party(),
            deliveries: if delivery.is_empty() {
                Vec::new()
            } else {
                vec![delivery.party()]
            },
            group: text(self.group)?,
            price_list: text(self.price_list)?,
            remark: text(self.remark)?,
            birth_date: text(self.birth_date)?,
            newsletter: numbers::yes_or_no(table.field(self.newsletter)?, "the newsletter consent")?,
            ..Customer::default()
        })
    }

    /// Adds the row's account, unless the row has none or repeats one.
    fn account(&self, table: &Table, customer: &mut Customer, size: &mut usize) -> Part<()> {
        let text = |column| table.field(column).map(str::to_owned);
        let account = Account {
            guid: text(self.account_guid)?,
            email: text(self.account_email)?,
            phone: text(self.account_phone)?,
            name: text(self.account_name)?,
            main: numbers::yes_or_no(table.field(self.account_main)?, "the main account")?.unwrap_or(false),
        };
        let nothing = account.guid.is_empty() && account.email.is_empty() && account.phone.is_empty();
        if !nothing && !customer.accounts.contains(&account) {
            *size += account.guid.len() + account.email.len() + account.phone.len() + account.name.len();
            if *size > RECORD_CAP {
                return Err(Fault::new("the accounts are larger than 4 MiB"));
            }
            customer.accounts.push(account);
        }
        Ok(())
    }
}
