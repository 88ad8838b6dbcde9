//! The columns of a CSV export that hold a party: the names differ by a prefix alone.

use std::borrow::Cow;

use super::Part;
use super::parties::RawParty;
use super::table::Table;

/// Where the values of a party stand.
pub(super) struct PartyColumns {
    name: Option<usize>,
    company: Option<usize>,
    company_id: Option<usize>,
    vat_id: Option<usize>,
    tax_id: Option<usize>,
    street: Option<usize>,
    house_number: Option<usize>,
    city: Option<usize>,
    district: Option<usize>,
    zip: Option<usize>,
    country: Option<usize>,
    country_code: Option<usize>,
}

impl PartyColumns {
    /// The columns whose names start with one of `prefixes`; the first is also the one whose
    /// registration numbers are told without a prefix, when it is that of the bill.
    pub(super) fn of(table: &Table, prefixes: &[&str]) -> Self {
        let at = |names: &[&str]| {
            prefixes.iter().find_map(|prefix| {
                names
                    .iter()
                    .find_map(|name| table.column(&[&format!("{prefix}{name}")]))
            })
        };
        let billing = prefixes.first() == Some(&"bill");
        let bare = |names: &[&str]| billing.then(|| table.column(names)).flatten();
        Self {
            name: at(&["fullname", "name", "jmeno", "meno"]),
            company: at(&["company", "companyname", "firma", "nazevfirmy"]),
            company_id: at(&["companyid"]).or_else(|| bare(&["companyid", "ico", "ic"])),
            vat_id: at(&["vatid"]).or_else(|| bare(&["vatid", "dic", "icdph"])),
            tax_id: at(&["taxid"]).or_else(|| bare(&["taxid"])),
            street: at(&["street", "ulice", "ulica"]),
            house_number: at(&["housenumber", "cislopopisne", "cislodomu"]),
            city: at(&["city", "mesto"]),
            district: at(&["district"]),
            zip: at(&["zip", "psc"]),
            country: at(&["countryname", "country", "zeme", "krajina", "stat"]),
            country_code: at(&["countrycode", "kodzeme"]),
        }
    }

    /// The party in the table's current row.
    pub(super) fn party<'a>(&self, table: &'a Table) -> Part<RawParty<'a>> {
        let text = |column| table.field(column).map(Cow::Borrowed);
        Ok(RawParty {
            name: text(self.name)?,
            company: text(self.company)?,
            company_id: text(self.company_id)?,
            vat_id: text(self.vat_id)?,
            tax_id: text(self.tax_id)?,
            street: text(self.street)?,
            house_number: text(self.house_number)?,
            city: text(self.city)?,
            district: text(self.district)?,
            zip: text(self.zip)?,
            country: text(self.country)?,
            country_code: text(self.country_code)?,
        })
    }
}
