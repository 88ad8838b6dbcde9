//! Whose order is this? The five rules, in order, over what is known of the group's people.
//!
//! The rules themselves are here and pure; where the knowledge lies (an index in memory during a
//! bulk load, the state afterwards) is behind [`Known`]. "Before" and "older" mean the shop's dates,
//! never the order in which records happen to arrive.

/// The part of an order that can say whose it is, normalised.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clues<'a> {
    /// The customer's guid; empty for guests and exports.
    pub guid: &'a str,
    /// First 64 bits of the SHA-256 of the normalised e-mail, when it identifies somebody.
    pub email: Option<u64>,
    /// Digits of the E.164 number, when it identifies somebody.
    pub phone: Option<u64>,
    /// When the order was placed, in seconds since 1970.
    pub placed_at: Option<i64>,
}

/// Number of a contact in the state.
pub type ContactId = i64;

/// Which rule decided; stored with the order, so that `explain` can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
    /// The order names the customer.
    Guid = 1,
    /// Its e-mail is a log-in.
    LogIn = 2,
    /// Its e-mail was seen on this contact.
    SeenEmail = 3,
    /// No e-mail, and exactly this contact has the phone.
    Phone = 4,
    /// Its own guest contact, by e-mail.
    OwnEmail = 5,
    /// Its own guest contact, by phone.
    OwnPhone = 6,
    /// Its own guest contact, by order code.
    OwnCode = 7,
    /// Its own, because the e-mail is a log-in of several customers.
    AmbiguousEmail = 8,
    /// Its own, because several contacts have the phone.
    AmbiguousPhone = 9,
    /// Nobody's any more: it became a guest's, and guests are left out.
    LeftOut = 10,
}

impl Rule {
    /// Reads what was stored.
    pub const fn from_stored(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Guid,
            2 => Self::LogIn,
            3 => Self::SeenEmail,
            4 => Self::Phone,
            5 => Self::OwnEmail,
            6 => Self::OwnPhone,
            7 => Self::OwnCode,
            8 => Self::AmbiguousEmail,
            9 => Self::AmbiguousPhone,
            10 => Self::LeftOut,
            _ => return None,
        })
    }

    /// The rule in words, as the end of "this order is here because …".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Guid => "the shop names the customer on the order",
            Self::LogIn => "its e-mail is a log-in of this customer",
            Self::SeenEmail => "its e-mail was seen on this contact before",
            Self::Phone => "it has no e-mail that is a person's, and this is the only contact with its phone",
            Self::OwnEmail => "a guest, known by the e-mail",
            Self::OwnPhone => "a guest without an e-mail that is a person's, known by the phone",
            Self::OwnCode => "a guest without an e-mail or phone that is a person's",
            Self::AmbiguousEmail => {
                "its e-mail is a log-in of several customers, so it was given to none of them"
            }
            Self::AmbiguousPhone => {
                "it has no e-mail that is a person's and several contacts have its phone, so it was given to none of them"
            }
            Self::LeftOut => "it was this contact's until it became a guest's, and guests are left out",
        }
    }
}

/// To whom an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// To a contact that is already known.
    Existing(ContactId, Rule),
    /// To a guest contact of its own, whose key the rule tells how to make; it may exist already.
    Own(Rule),
}

/// Who has an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailOwner {
    /// Nobody so far.
    Nobody,
    /// It is a log-in of this contact's customer now.
    LogIn(ContactId),
    /// It is, or was then, a log-in of several contacts at once.
    Several,
    /// It was a log-in, or stands on an order, of this contact.
    Seen(ContactId),
}

/// Who has a phone, contacts that are known by nothing but this phone left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneOwner {
    /// Nobody else.
    Nobody,
    /// Exactly one contact.
    One(ContactId),
    /// More than one.
    Several,
}

/// What is known of the people of one group of shops.
pub trait Known {
    /// Why a look-up can fail.
    type Error;

    /// The contact of the customer with this guid, in the order's own shop.
    ///
    /// # Errors
    /// When the look-up itself fails; that is never taken for "nobody".
    fn customer(&self, guid: &str) -> Result<Option<ContactId>, Self::Error>;

    /// Who has the e-mail, as far as an order placed then is concerned.
    ///
    /// # Errors
    /// When the look-up itself fails.
    fn email(&self, email: u64, placed_at: Option<i64>) -> Result<EmailOwner, Self::Error>;

    /// Who has the phone.
    ///
    /// # Errors
    /// When the look-up itself fails.
    fn phone(&self, phone: u64) -> Result<PhoneOwner, Self::Error>;
}

/// The five rules.
///
/// # Errors
/// When a look-up fails.
pub fn whose<K: Known>(clues: &Clues<'_>, known: &K) -> Result<Verdict, K::Error> {
    if !clues.guid.is_empty()
        && let Some(contact) = known.customer(clues.guid)?
    {
        return Ok(Verdict::Existing(contact, Rule::Guid));
    }
    if let Some(email) = clues.email {
        return Ok(match known.email(email, clues.placed_at)? {
            EmailOwner::LogIn(contact) => Verdict::Existing(contact, Rule::LogIn),
            EmailOwner::Seen(contact) => Verdict::Existing(contact, Rule::SeenEmail),
            EmailOwner::Several => Verdict::Own(Rule::AmbiguousEmail),
            EmailOwner::Nobody => Verdict::Own(Rule::OwnEmail),
        });
    }
    let Some(phone) = clues.phone else {
        return Ok(Verdict::Own(Rule::OwnCode));
    };
    Ok(match known.phone(phone)? {
        PhoneOwner::One(contact) => Verdict::Existing(contact, Rule::Phone),
        PhoneOwner::Several => Verdict::Own(Rule::AmbiguousPhone),
        PhoneOwner::Nobody => Verdict::Own(Rule::OwnPhone),
    })
}

/// How an e-mail is tied to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Role {
    /// A log-in now.
    LogIn = 0,
    /// Once a log-in.
    OnceLogIn = 1,
    /// Seen on an order.
    OnOrder = 2,
}

/// One piece of evidence that a contact has, or once had, an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailEvidence {
    /// Whose.
    pub contact: ContactId,
    /// How.
    pub role: Role,
    /// The earliest moment it is known for: registration, change, or the order's date.
    pub first_at: Option<i64>,
    /// The latest moment it is known for.
    pub last_at: Option<i64>,
}

/// Weighs the evidence for one e-mail, for an order placed at a given moment.
///
/// Whoever logs in with it now has it, except for orders placed while it was demonstrably somebody
/// else's. Without such a one, the last to log in with it has it; else the contact on whose orders it
/// was seen first. What two contacts logged in with at the same time is not guessed. The evidence stands
/// in the order of the contacts' keys; of equal sightings the first one decides.
pub fn owner_of(evidence: &[EmailEvidence], placed_at: Option<i64>) -> EmailOwner {
    let of_role = |role| evidence.iter().filter(move |piece| piece.role == role);
    let holder = of_role(Role::LogIn).next().map(|piece| piece.contact);
    if of_role(Role::LogIn).any(|piece| Some(piece.contact) != holder) {
        return EmailOwner::Several;
    }
    let past = || of_role(Role::OnceLogIn).filter(|piece| Some(piece.contact) != holder);
    let had_it_then = |piece: &&EmailEvidence| placed_at.is_some() && placed_at <= piece.last_at;
    if let Some(first_to_lose_it) = past().filter(had_it_then).min_by_key(|piece| piece.last_at) {
        let had_it_too = |piece: &&EmailEvidence| {
            let at_once = piece.first_at.is_some() && piece.first_at <= first_to_lose_it.last_at;
            at_once && (piece.role == Role::LogIn || had_it_then(piece))
        };
        return unless_another_has(
            first_to_lose_it,
            of_role(Role::LogIn).chain(past()).filter(had_it_too),
        );
    }
    if let Some(holder) = holder {
        return EmailOwner::LogIn(holder);
    }
    if let Some(last) = past().max_by_key(|piece| piece.last_at) {
        return unless_another_has(last, past().filter(|piece| piece.last_at == last.last_at));
    }
    of_role(Role::OnOrder)
        .min_by_key(|piece| piece.first_at.unwrap_or(i64::MAX))
        .map_or(EmailOwner::Nobody, |piece| EmailOwner::Seen(piece.contact))
}

fn unless_another_has<'a>(
    piece: &EmailEvidence,
    mut rivals: impl Iterator<Item = &'a EmailEvidence>,
) -> EmailOwner {
    if rivals.any(|rival| rival.contact != piece.contact) {
        EmailOwner::Several
    } else {
        EmailOwner::Seen(piece.contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(contact: ContactId, role: Role, first_at: i64, last_at: i64) -> EmailEvidence {
        EmailEvidence {
            contact,
            role,
            first_at: Some(first_at),
            last_at: Some(last_at),
        }
    }

    #[test]
    fn a_log_in_has_its_e_mail_from_the_moment_the_former_holder_lost_it() {
        let evidence = [piece(1, Role::OnceLogIn, 10, 50), piece(2, Role::LogIn, 60, 90)];
        assert_eq!(owner_of(&evidence, Some(40)), EmailOwner::Seen(1));
        assert_eq!(owner_of(&evidence, Some(70)), EmailOwner::LogIn(2));
        assert_eq!(owner_of(&evidence, None), EmailOwner::LogIn(2));
    }

    #[test]
    fn two_log_ins_are_never_guessed_between() {
        let evidence = [
            piece(1, Role::LogIn, 1, 2),
            piece(2, Role::LogIn, 1, 2),
            piece(3, Role::OnOrder, 0, 0),
        ];
        assert_eq!(owner_of(&evidence, Some(5)), EmailOwner::Several);
    }

    #[test]
    fn what_two_had_at_the_same_time_is_guessed_neither_then_nor_later() {
        let twins = [piece(1, Role::OnceLogIn, 10, 50), piece(2, Role::LogIn, 10, 90)];
        assert_eq!(owner_of(&twins, Some(40)), EmailOwner::Several);
        assert_eq!(owner_of(&twins, Some(60)), EmailOwner::LogIn(2));
        let gone = [
            piece(1, Role::OnceLogIn, 10, 50),
            piece(2, Role::OnceLogIn, 10, 50),
        ];
        assert_eq!(owner_of(&gone, Some(60)), EmailOwner::Several);
        let one_by_one = [
            piece(1, Role::OnceLogIn, 10, 20),
            piece(2, Role::OnceLogIn, 30, 50),
        ];
        assert_eq!(owner_of(&one_by_one, Some(60)), EmailOwner::Seen(2));
        assert_eq!(owner_of(&one_by_one, Some(15)), EmailOwner::Seen(1));
    }

    #[test]
    fn the_first_to_order_with_it_keeps_it_whatever_arrives_first() {
        let (one, two) = (piece(7, Role::OnOrder, 20, 20), piece(8, Role::OnOrder, 10, 30));
        assert_eq!(owner_of(&[one, two], Some(99)), EmailOwner::Seen(8));
        assert_eq!(owner_of(&[two, one], Some(99)), EmailOwner::Seen(8));
    }
}
