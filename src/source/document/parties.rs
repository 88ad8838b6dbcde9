//! Who pays and who receives: a name, a company and an address out of loose texts.

use std::borrow::Cow;

use super::countries::alpha2;
use crate::model::{Address, Company, Party};

/// The texts of a party as a document gives them, trimmed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RawParty<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) company: Cow<'a, str>,
    pub(super) company_id: Cow<'a, str>,
    pub(super) vat_id: Cow<'a, str>,
    pub(super) tax_id: Cow<'a, str>,
    pub(super) street: Cow<'a, str>,
    pub(super) house_number: Cow<'a, str>,
    pub(super) city: Cow<'a, str>,
    pub(super) district: Cow<'a, str>,
    pub(super) zip: Cow<'a, str>,
    pub(super) country: Cow<'a, str>,
    pub(super) country_code: Cow<'a, str>,
}

impl RawParty<'_> {
    /// The party.
    pub(super) fn party(&self) -> Party {
        let vat_id = number(&self.vat_id);
        let tax_id = number(&self.tax_id);
        Party {
            name: self.name.to_string(),
            company: Company {
                name: self.company.to_string(),
                id: number(&self.company_id).to_owned(),
                // Czech shops write the same number twice.
                tax_id: if tax_id == vat_id {
                    String::new()
                } else {
                    tax_id.to_owned()
                },
                vat_id: vat_id.to_owned(),
            },
            address: Address {
                street: self.street.to_string(),
                house_number: self.house_number.to_string(),
                city: self.city.to_string(),
                district: self.district.to_string(),
                zip: self.zip.to_string(),
                country_code: alpha2(&self.country_code, &self.country),
            },
        }
    }

    /// Whether nothing is told but perhaps a country.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [
            &self.name,
            &self.company,
            &self.street,
            &self.house_number,
            &self.city,
            &self.district,
            &self.zip,
        ];
        texts.iter().all(|text| text.is_empty())
    }

    /// The party that receives: empty when it is the one that pays, or nobody.
    pub(super) fn delivery(&self, billing: &RawParty<'_>) -> Party {
        let same = self.name == billing.name
            && self.company == billing.company
            && self.street == billing.street
            && self.house_number == billing.house_number
            && self.city == billing.city
            && self.district == billing.district
            && self.zip == billing.zip
            && self.country == billing.country
            && self.country_code == billing.country_code;
        if same || self.is_empty() {
            Party::default()
        } else {
            self.party()
        }
    }
}

/// A registration number; shops fill the field with a nought or a dash where there is none.
fn number(text: &str) -> &str {
    match text {
        "0" | "-" => "",
        number => number,
    }
}
