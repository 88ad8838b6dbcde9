//! Words of the wide world: countries, currencies, time zones, dates and pauses.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::known::nearest;
use super::wording::shown;

/// ISO 4217, the currencies of a country that are in use.
const CURRENCIES: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR \
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB \
    TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// ISO 3166-1 alpha-2, upper case; one that has telephone numbers.
pub(super) fn country(text: &str) -> Result<String, String> {
    let code = text.to_uppercase();
    match code.parse::<phonenumber::country::Id>() {
        Ok(_) => Ok(code),
        Err(_) => Err(format!(
            "{} is no country: two letters of ISO 3166-1, as in \"CZ\", \"SK\", \"HU\"",
            shown(text)
        )),
    }
}

/// ISO 4217, upper case.
pub(super) fn currency(text: &str) -> Result<String, String> {
    let code = text.to_uppercase();
    let known = || CURRENCIES.split_ascii_whitespace();
    if known().any(|currency| currency == code) {
        return Ok(code);
    }
    let near = (code.len() == 3).then(|| nearest(&code, known())).flatten();
    Err(match near {
        Some(near) => format!(
            "{} is no currency; the nearest known value is \"{near}\"",
            shown(text)
        ),
        None => format!(
            "{} is no currency: three letters of ISO 4217, as in \"CZK\", \"EUR\", \"HUF\"",
            shown(text)
        ),
    })
}

/// An IANA time zone, in its proper spelling.
pub(super) fn timezone(text: &str) -> Result<String, String> {
    let zone = TimeZone::get(text).ok();
    if let Some(name) = zone.as_ref().and_then(TimeZone::iana_name) {
        return Ok(name.to_owned());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let city = format!("/{}", text.to_lowercase());
    let of_city = names.iter().find(|name| name.to_lowercase().ends_with(&city));
    Err(
        match of_city
            .map(String::as_str)
            .or_else(|| nearest(text, names.iter().map(String::as_str)))
        {
            Some(near) => format!(
                "{} is no time zone; the nearest known value is \"{near}\"",
                shown(text)
            ),
            None => format!("{} is no time zone: a name as in \"Europe/Prague\"", shown(text)),
        },
    )
}

/// A day.
pub(super) fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| {
        format!(
            "{} is no date: write year-month-day, as in \"2021-01-31\"",
            shown(text)
        )
    })
}

/// A pause, not negative.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    let parsed: Option<SignedDuration> = text.parse().ok();
    parsed
        .and_then(|pause| Duration::try_from(pause).ok())
        .ok_or_else(|| {
            format!(
                "{} is no duration: write \"15m\", \"90s\" or \"1h 30m\"",
                shown(text)
            )
        })
}
