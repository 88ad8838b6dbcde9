//! One expression, compiled: a bare path is a plain field access, everything else is MiniJinja's.

use std::sync::Arc;

use minijinja::Expression as Instructions;
use minijinja::machinery::{ast, parse_expr};

use super::context::{Scope, computed};
use super::language::ENVIRONMENT;
use super::names::{Fault, Names, names};
use super::needs::Named;
use super::paths::{Field, Holds, Natural, Over, Root};
use super::shape::Shape;
use super::statuses::Statuses;
use super::value::{called, from_computed, from_natural, path_never_fits, shape_never_fits};
use crate::error::{Error, Kind, Result};
use crate::model::{Contact, OrderOf, Value, ValueType};

/// In characters. A longer one could nest deeper than the stack, and nobody could read it.
const LONGEST_EXPRESSION: usize = 2_000;

/// A compiled expression and what it is for.
#[derive(Debug)]
pub struct Expression {
    text: String,
    form: Form,
    named: Named,
    shape: Shape,
    over: Over,
    /// What errors say it is: ``field `note` of target `crm` ``.
    owner: String,
}

#[derive(Debug)]
enum Form {
    Path(Root, &'static Field),
    Computed(Instructions<'static, 'static>),
}

impl Expression {
    /// Compiles and checks one expression. `place` is `file:line:column`.
    ///
    /// # Errors
    /// A syntax error, an unknown path, filter, test or function: with its place and the nearest known.
    pub fn compile(text: &str, over: Over, owner: String, place: &str) -> Result<Self> {
        let refused = |cause: String| {
            Error::new(Kind::Configuration, format!("reading {owner} at {place}"), cause)
                .with_hint("`shoptet-sync fields` lists every value an expression can use")
        };
        if text.chars().count() > LONGEST_EXPRESSION {
            return Err(refused(format!(
                "the expression is longer than {LONGEST_EXPRESSION} characters"
            )));
        }
        let tree = parse_expr(text).map_err(|cause| refused(unreadable(text, &cause)))?;
        let described = |fault: Fault| refused(describe(text, &fault));
        let Names {
            named,
            amounts,
            shape,
        } = names(&tree, over).map_err(described)?;
        let form = match bare_path(&tree, over) {
            Some((root, field)) => Form::Path(root, field),
            None => Form::Computed(
                ENVIRONMENT
                    .compile_expression_owned(with_zero_for_nothing(text, amounts))
                    .map_err(|cause| refused(format!("`{text}` does not compile: {}", cause.kind())))?,
            ),
        };
        Ok(Self {
            text: text.to_owned(),
            form,
            named,
            shape,
            over,
            owner,
        })
    }

    /// Refuses a field type that nothing this expression yields can be written as. `place` is
    /// `file:line:column`.
    ///
    /// # Errors
    /// What it yields instead.
    pub fn must_fit(&self, kind: ValueType, place: &str) -> Result<()> {
        let misfit = match &self.form {
            Form::Path(_, field) => path_never_fits(field.kind, kind),
            Form::Computed(_) => shape_never_fits(&self.shape, kind),
        };
        let Some(misfit) = misfit else { return Ok(()) };
        let cause = format!(
            "`{}` can never be written: expected {}, got {}",
            self.text,
            called(kind),
            misfit.0
        );
        let doing = format!("reading {} at {place}", self.owner);
        Err(Error::new(Kind::Configuration, doing, cause).with_hint(
            "name a value inside it, or say another `type`: `shoptet-sync fields` lists every value with an example",
        ))
    }

    /// The natural type of a bare path; text for everything that is computed.
    pub fn natural_kind(&self) -> ValueType {
        match &self.form {
            Form::Path(_, field) => field.kind,
            Form::Computed(_) => ValueType::Text,
        }
    }

    /// Whether it yields a list of single values.
    pub fn is_list(&self) -> bool {
        match &self.form {
            Form::Path(_, field) => field.holds == Holds::Texts,
            Form::Computed(_) => {
                matches!(&self.shape, Shape::List(_, entry) if matches!(**entry, Shape::Plain | Shape::Amount))
            }
        }
    }

    /// As it stands in the configuration.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it names.
    pub const fn named(&self) -> Named {
        self.named
    }

    /// The value for one contact or order, as the given type.
    ///
    /// # Errors
    /// A bad record when it cannot be computed or does not fit; names the field, never the value.
    pub fn value(&self, sight: &mut Sight<'_>, kind: ValueType) -> Result<Value> {
        let fitted = match &self.form {
            Form::Path(root, field) => from_natural(sight.read(*root, field), kind),
            Form::Computed(instructions) => from_computed(&self.evaluate(instructions, sight)?, kind),
        };
        fitted.map_err(|misfit| self.bad_record(format!("expected {}, got {}", called(kind), misfit.0)))
    }

    /// Whether the result counts as yes: neither empty, nor zero, nor false.
    ///
    /// # Errors
    /// A bad record when it cannot be computed.
    pub fn holds(&self, sight: &mut Sight<'_>) -> Result<bool> {
        Ok(match &self.form {
            Form::Path(root, field) => computed(sight.read(*root, field)).is_true(),
            Form::Computed(instructions) => self.evaluate(instructions, sight)?.is_true(),
        })
    }

    fn evaluate(
        &self,
        instructions: &Instructions<'_, '_>,
        sight: &mut Sight<'_>,
    ) -> Result<minijinja::Value> {
        instructions.eval(sight.variables(self.over)).map_err(|cause| {
            // MiniJinja's detail may quote the contact's own values; on invented ones it may be shown.
            let detail = cause.detail().filter(|_| sight.invented);
            let reason = match detail {
                Some(detail) => format!("`{}`: {}: {detail}", self.text, cause.kind()),
                None => format!("`{}`: {}", self.text, cause.kind()),
            };
            self.bad_record(reason)
        })
    }

    fn bad_record(&self, cause: String) -> Error {
        Error::new(Kind::BadRecord, format!("computing {}", self.owner), cause)
            .with_hint("`shoptet-sync fields WHO` shows what the expression sees of this contact")
    }
}

/// What the expressions of one evaluation look at; the variables are made when the first one needs them.
pub struct Sight<'a> {
    contact: &'a Contact,
    order: Option<&'a OrderOf>,
    statuses: &'a Arc<Statuses>,
    /// Whether a computed order field names the contact.
    shows_contact: bool,
    /// Whether the values are invented ones, which errors may quote.
    invented: bool,
    variables: Option<minijinja::Value>,
}

impl<'a> Sight<'a> {
    /// For `[target.fields]` and `only`.
    pub const fn of_contact(contact: &'a Contact, statuses: &'a Arc<Statuses>) -> Self {
        Self {
            contact,
            order: None,
            statuses,
            shows_contact: true,
            invented: false,
            variables: None,
        }
    }

    /// For `[target.order_fields]`.
    pub const fn of_order(
        contact: &'a Contact,
        order: &'a OrderOf,
        statuses: &'a Arc<Statuses>,
        shows_contact: bool,
    ) -> Self {
        Self {
            contact,
            order: Some(order),
            statuses,
            shows_contact,
            invented: false,
            variables: None,
        }
    }

    /// The same, of an invented contact.
    pub const fn invented(mut self) -> Self {
        self.invented = true;
        self
    }

    fn read(&self, root: Root, field: &Field) -> Natural<'a> {
        (field.read)(root.at(self.contact, self.order, self.statuses))
    }

    fn variables(&mut self, over: Over) -> minijinja::Value {
        let variables = self.variables.get_or_insert_with(|| {
            let scope = match self.order {
                Some(order) => {
                    Scope::of_order(self.shows_contact.then_some(self.contact), order, self.statuses)
                }
                None => Scope::of_contact(self.contact, self.statuses),
            };
            scope.into_variables(over)
        });
        variables.clone()
    }
}

/// `contact.email`, and nothing more.
fn bare_path(tree: &ast::Expr<'_>, over: Over) -> Option<(Root, &'static Field)> {
    let ast::Expr::GetAttr(attribute) = tree else {
        return None;
    };
    let ast::Expr::Var(variable) = &attribute.expr else {
        return None;
    };
    let root = over.root(variable.id).filter(|root| *root != Root::Orders)?;
    Some((root, root.field(attribute.name)?))
}

/// Rewrites `stats.total > 1000` to `stats.total|or_zero > 1000`.
///
/// MiniJinja orders values of different types by their type, so an empty amount, being a text,
/// would be greater than every number: a contact without a total would pass for a good customer.
fn with_zero_for_nothing(text: &str, mut amounts: Vec<usize>) -> String {
    let mut rewritten = text.to_owned();
    // From the end, so that the places before stay where they are.
    amounts.sort_unstable();
    for end in amounts
        .into_iter()
        .rev()
        .filter(|end| text.is_char_boundary(*end))
    {
        rewritten.insert_str(end, "|or_zero");
    }
    rewritten
}

/// The cause, and the part of the expression it is about.
fn describe(text: &str, fault: &Fault) -> String {
    let start = usize::try_from(fault.span.start_offset);
    let end = usize::try_from(fault.span.end_offset);
    let part = start
        .ok()
        .zip(end.ok())
        .and_then(|(start, end)| text.get(start..end));
    match part {
        Some(part) if part == text => fault.cause.clone(),
        Some(part) if !part.is_empty() => format!("{} (at `{part}` in `{text}`)", fault.cause),
        _ => format!("{} (in `{text}`)", fault.cause),
    }
}

/// Why MiniJinja could not read the expression.
fn unreadable(text: &str, cause: &minijinja::Error) -> String {
    if text.trim().is_empty() {
        return "the expression is empty".to_owned();
    }
    if text.contains("{{") || text.contains("{%") {
        return format!("`{text}` is a template; an expression has no braces around it");
    }
    let detail = cause.detail().unwrap_or("it is not understood");
    format!("syntax error in `{text}`: {detail}")
}
